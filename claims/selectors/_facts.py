"""Everything a judgement needs, gathered for one claim or for five thousand by the same statements."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from claims.adjudication import Decision
from claims.adjudication import facts as known
from claims.adjudication.facts import ClaimFacts
from claims.models import Claim, ClaimLine, CountedUse
from claims.selectors._cases import Case, CaseLine, case_of
from claims.selectors._terms import Terms, as_period, current_terms, period_of
from claims.states import ClaimState
from core.periods import Period
from core.pipeline import Array, Question, Row, ask, ask_one
from core.record_keys import TextKey
from insured.models import Person
from insured.selectors import RIGHTS, Cover, cover_of

# A claim whose decision used something up keeps its use unless it was refused, withdrawn or reversed.
WITHOUT_EFFECT = (ClaimState.DENIED, ClaimState.CANCELLED, ClaimState.REVERSED)

_GRANT = "GRANT"
_CEILING, _FREQUENCY = CountedUse.Kind.CEILING.value, CountedUse.Kind.FREQUENCY.value
_SCHEMES = {scheme.value: scheme for scheme in known.Scheme}


class Use(NamedTuple):
    """What a living claim took: centimes of a ceiling, a use of a frequency, quantity of an approval."""

    claim_id: TextKey
    kind: str
    name: str
    approval_id: TextKey | None
    care_date: date
    amount: int


class Grant(NamedTuple):
    """A prior approval as it was granted."""

    id: TextKey
    act_code: str
    quantity: int
    period: Period


class Surroundings:
    """What bears on a list of cases: rights, illnesses, lists, and what living claims already took.

    `facts` answers for one case; `remember` adds what its decision takes, so that the next case of the
    same person counts it. Cases are judged in the order they were received.
    """

    def __init__(self, cases: Sequence[Case], terms: Terms, *, whole: bool = False) -> None:
        """`whole`: what was used before is learnt whatever the lines ask for."""
        self.terms = terms
        self._rights: dict[TextKey, list[tuple[str, Period]]] = {}
        self._illnesses: dict[TextKey, list[known.IllnessFacts]] = {}
        self._uses: dict[TextKey, list[Use]] = {}
        self._grants: dict[TextKey, list[Grant]] = {}
        self._learn(cases, whole)

    def _learn(self, cases: Sequence[Case], whole: bool) -> None:
        lines = [line for case in cases for line in case.lines]
        self.terms.learn_providers({line.provider_id for line in lines})
        self.terms.learn_medicines({line.medicine_id for line in lines if line.medicine_id})
        patients = {case.patient_id for case in cases}
        questions: list[Question[Any]] = [cover_of({case.insured_id for case in cases}, patients)]
        acts = {line.act_id for line in lines if line.act_id}
        terms = [self.terms.act(key) for key in acts]
        if whole or any(
            each.needs_prior_approval or each.ceiling or each.frequency for each in terms
        ):
            questions.append(_uses_of(patients))
        covers, *uses = ask(*questions)
        self._learn_cover(covers)
        for row in uses[0] if uses else ():
            self._learn_use(*row)

    def _learn_cover(self, covers: Iterable[Cover]) -> None:
        for cover in covers:
            period = period_of(cover.start, cover.end)
            if cover.kind == RIGHTS:
                self._rights.setdefault(cover.holder, []).append((cover.name, period))
            else:
                illness = known.IllnessFacts(cover.name, cover.rate, period, cover.category)
                self._illnesses.setdefault(cover.holder, []).append(illness)

    def _learn_use(
        self,
        patient: TextKey,
        claim: TextKey,
        kind: str,
        name: str,
        approval: TextKey,
        day: date,
        amount: int,
        period: Any,
        _position: int,
    ) -> None:
        if kind == _GRANT:
            grant = Grant(approval, name, amount, as_period(period))
            self._grants.setdefault(patient, []).append(grant)
        else:
            use = Use(claim, kind, name, approval, day, amount)
            self._uses.setdefault(patient, []).append(use)

    def facts(self, case: Case, lines: tuple[known.LineFacts, ...] = ()) -> ClaimFacts:
        """Return the case as the engine is told it, its own lines unless `lines` stand for them.

        Raises KeyError, ValueError on an unreadable one.
        """
        rights = self._rights.get(case.insured_id, [])
        known_uses = self._uses.get(case.patient_id, ())
        taken = [use for use in known_uses if use.claim_id != case.claim_id]
        providers = dict.fromkeys([line.provider_id for line in case.lines])
        return ClaimFacts(
            received_date=case.received_date,
            treatment_end_date=case.treatment_end_date,
            excused=case.excused,
            patient=case.patient,
            scheme=_scheme(rights, min([line.care_date for line in case.lines])),
            rights=tuple([period for _scheme, period in rights]),
            illnesses=tuple(self._illnesses.get(case.patient_id, ())),
            providers=tuple([self.terms.providers[key] for key in providers]),
            prior_approvals=self._approvals(case, taken),
            paid_before=tuple(
                [
                    known.PaidBefore(use.name, use.care_date, use.amount)
                    for use in taken
                    if use.kind == _CEILING
                ]
            ),
            used_before=tuple(
                [
                    known.UsedBefore(use.name, use.care_date)
                    for use in taken
                    if use.kind == _FREQUENCY
                ]
            ),
            lines=lines or tuple([self._line(line) for line in case.lines]),
        )

    def around(self, case: Case) -> ClaimFacts:
        """Return what is known around a case whose one line stands for none: nothing is priced."""
        (line,) = case.lines
        provider = self.terms.providers[line.provider_id].id
        stand_in = known.LineFacts(
            "1", known.LineKind.ACT, 1, line.charged, line.care_date, provider, flat_tariff=0
        )
        return self.facts(case, (stand_in,))

    def _approvals(self, case: Case, taken: Sequence[Use]) -> tuple[known.PriorApprovalFacts, ...]:
        """What other claims left of each approval: a claim judged again still has what it took itself."""
        left = []
        for grant in self._grants.get(case.patient_id, ()):
            quantity = grant.quantity - sum(
                use.amount for use in taken if use.approval_id == grant.id
            )
            if quantity > 0:
                approval = known.PriorApprovalFacts(
                    grant.act_code, quantity, grant.period, grant.id
                )
                left.append(approval)
        return tuple(left)

    def _line(self, line: CaseLine) -> known.LineFacts:
        _claim, _id, position, act_id, medicine_id, provider_id, quantity, charged, day, illness = (
            line
        )
        provider = self.terms.providers[provider_id].id
        if act_id is not None:
            act = self.terms.act(act_id)
            return known.LineFacts(
                str(position),
                known.LineKind.ACT,
                quantity,
                charged,
                day,
                provider,
                illness or None,
                act.ceiling,
                act.frequency,
                act.code,
                act.letter,
                act.coefficient,
                act.flat_tariff,
                act.covered,
                act.needs_prior_approval,
            )
        medicine = self.terms.medicine(medicine_id)  # type: ignore[arg-type]
        price = medicine.on(day)
        if price is None:
            raise LookupError(f"line {position}: no price on {day.isoformat()}")
        return known.LineFacts(
            str(position),
            known.LineKind.MEDICINE,
            quantity,
            charged,
            day,
            provider,
            illness or None,
            ean=medicine.ean,
            public_price=price.public_price,
            base_price=price.base_price,
            list_rate=price.list_rate,
        )

    def remember(self, case: Case, uses: Iterable[Use]) -> None:
        """Count what the case's new decision took, in place of what an earlier one of it had taken."""
        mine = list(uses)
        before = self._uses.get(case.patient_id)
        if before is None and not mine:
            return
        kept = [use for use in before or () if use.claim_id != case.claim_id]
        self._uses[case.patient_id] = kept + mine


def _uses_of(patients: set[TextKey]) -> Question[list[Row]]:
    """Ask for the current uses of living claims, and the approvals granted."""
    asked = Array.of(patients)
    return Question(
        "SELECT used.patient_id, used.claim_id, used.kind, used.name, used.approval_id,"
        " used.care_date, used.amount, NULL::daterange, used.position"
        " FROM claims_counteduse used JOIN claims_claim claim ON claim.id = used.claim_id"
        " WHERE used.patient_id = ANY(%s::uuid[]) AND used.n = claim.decision_n"
        " AND claim.state <> ALL(%s)"
        " UNION ALL SELECT patient_id, NULL, %s, act_code, id, granted_at::date, quantity,"
        " period, 0 FROM claims_priorapproval WHERE patient_id = ANY(%s::uuid[])"
        " ORDER BY 6, 2, 9, 5",
        [asked, [str(state) for state in WITHOUT_EFFECT], _GRANT, asked],
        list,
        text_keys=True,
    )


def gather(cases: Sequence[Case], terms: Terms | None = None) -> Surroundings:
    """Return what bears on these cases: two questions in one round trip, whatever their number, once
    lists and providers are in memory.

    `terms`: the lists as this transaction has them already.
    """
    return Surroundings(cases, terms or ask_one(current_terms()))


def known_around(person: Person, provider_id: UUID, day: date) -> ClaimFacts:
    """Return what bears on any claim of a person by a provider on a day; its one line stands for none."""
    claim = Claim(
        patient=person,
        insured_id=person.insured_id,
        received_date=day,
        state=ClaimState.SUBMITTED,
    )
    line = ClaimLine(
        provider_id=provider_id, position=1, quantity=1, charged_centimes=1, care_date=day
    )
    case = case_of(claim, [line])
    return Surroundings([case], ask_one(current_terms()), whole=True).around(case)


def uses_of(case: Case, decision: Decision, terms: Terms) -> list[tuple[int, Use]]:
    """Return what each accepted line takes, with the line's position."""
    taken: list[tuple[int, Use]] = []
    for line, decided in zip(case.lines, decision.lines, strict=True):
        if decided.approval is not None and decided.approval.id is not None:
            taken.append(
                (
                    line.position,
                    Use(
                        case.claim_id,
                        CountedUse.Kind.APPROVAL.value,
                        "",
                        decided.approval.id,
                        line.care_date,
                        decided.approval.quantity,
                    ),
                )
            )
        if line.act_id is None or decided.denied:
            continue
        act = terms.act(line.act_id)
        if act.frequency:
            taken.append((line.position, _use(case, line, _FREQUENCY, act.frequency, 1)))
        if act.ceiling and decided.reimbursed:
            ceiling = _use(case, line, _CEILING, act.ceiling, decided.reimbursed)
            taken.append((line.position, ceiling))
    return taken


def _use(case: Case, line: CaseLine, kind: str, name: str, amount: int) -> Use:
    return Use(case.claim_id, kind, name, None, line.care_date, amount)


def _scheme(rights: Sequence[tuple[str, Period]], day: date) -> known.Scheme:
    """Return the scheme open on the first care day; with closed rights it changes nothing."""
    for scheme, period in rights:
        if period.contains(day):
            return _SCHEMES[scheme]
    return _SCHEMES[rights[-1][0]] if rights else known.Scheme.SALARIED
