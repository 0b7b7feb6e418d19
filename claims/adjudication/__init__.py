"""The pure adjudication engine: facts and law in, decision out. Public face of the package.

Nothing here reads a clock, a file or a database; the law comes from
``claims.adjudication.legislation.loader.load_law`` or from ``Law.from_dict``.
"""

from claims.adjudication.decision import Decision, LineDecision, Outcome, Rule, Step
from claims.adjudication.engine import adjudicate
from claims.adjudication.facts import ClaimFacts, LineFacts
from claims.adjudication.law import Law, NoLawInForce
from claims.adjudication.reasons import Reason

__all__ = [
    "ClaimFacts",
    "Decision",
    "Law",
    "LineDecision",
    "LineFacts",
    "NoLawInForce",
    "Outcome",
    "Reason",
    "Rule",
    "Step",
    "adjudicate",
]
