"""`export_case CLAIM`: a claim as it was judged, in the exchange format anyone can judge again."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from claims.adjudication.exchange import case_from_facts
from claims.selectors import decision_by_claim, facts_judged
from core.numbers import is_fse_number, normalise_number


class Command(BaseCommand):
    help = (
        "Écrit les demandes d’une feuille, ou une demande, telles qu’elles ont été jugées : une ligne "
        "JSON chacune, avec la décision enregistrée sous « expect », à donner à adjudicate_cases."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("claim", help="clé d’une demande, ou numéro FSE d’une feuille")
        parser.add_argument(
            "--decision",
            type=int,
            default=None,
            help="numéro de la décision (par défaut la dernière)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        decisions = decision_by_claim(_wanted(options["claim"]), n=options["decision"])
        if not decisions:
            raise CommandError(
                f"No judged claim under {options['claim']!r}. Give a claim's key or an FSE number."
            )
        for decision in decisions:
            case = case_from_facts(facts_judged(decision), str(decision.claim_id))
            case["expect"] = decision.expected
            self.stdout.write(json.dumps(case, ensure_ascii=False))


def _wanted(text: str) -> dict[str, object]:
    number = normalise_number(text)
    if is_fse_number(number):
        return {"claim__sheet__fse_number": number}
    try:
        return {"claim_id": UUID(text)}
    except ValueError as error:
        raise CommandError(f"{text!r} is neither a claim's key nor an FSE number.") from error
