"""Shapes of rights checks, acts, care claims, dispensings, estimates and decisions."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from claims.intake import ActLine, CareClaimDraft
from core.api.entries import EntryError
from core.api.fields import (
    ConstantField,
    DayField,
    DirhamsField,
    FlagField,
    FseNumberField,
    PatternField,
)
from core.api.outputs import BilingualOutput, CodedOutput, MoneyOutput
from core.api.serializers import Input, Output
from prescriptions.api.serializers import (
    CountField,
    IllnessField,
    PartyOutput,
    PatientOutput,
)
from providers.api.documents import DeviceField, DocumentInput, SignatureField
from providers.api.fields import InpeField

CIN = r"[A-Za-z]{1,2}[0-9]{1,6}"
REGISTRATION_NUMBER = r"[0-9]{9}"
ACT_CODE = r"[A-Za-z0-9][A-Za-z0-9 ./+_\-]{0,19}"


class RightsCheckInput(Input):
    """Whose rights, on which day; exactly one of CIN, immatriculation and FSE number."""

    cin = PatternField(CIN, code="CIN_FORMAT", required=False)
    registration_number = PatternField(
        REGISTRATION_NUMBER, code="REGISTRATION_NUMBER_FORMAT", required=False
    )
    fse_number = FseNumberField(required=False)
    day = DayField()
    provider = InpeField(required=False)

    def contradictions(self, values: dict[str, Any]) -> Iterable[EntryError]:
        if sum(key in values for key in ("cin", "registration_number", "fse_number")) != 1:
            yield EntryError("", "ONE_OF_THREE")


class ActLineInput(Input):
    """One act done on one day; the charge covers the whole line."""

    position = CountField()
    act = PatternField(ACT_CODE, code="ACT_FORMAT")
    quantity = CountField()
    charged = DirhamsField()
    care_date = DayField(past=True)
    illness = IllnessField()


class CareClaimDocumentInput(DocumentInput):
    """The document `waraqa/care-claim`."""

    type = ConstantField("waraqa/care-claim")
    third_party_payment = FlagField()
    treatment_end_date = DayField(allow_null=True)
    lines = ActLineInput(many=True)


class SignedCareClaimInput(Input):
    """A care claim and its signature."""

    document = CareClaimDocumentInput()
    signature = SignatureField()


class EstimatedCareDocumentInput(CareClaimDocumentInput):
    """A care claim before it is signed: the device and the number may still be missing."""

    device = DeviceField(required=False)
    fse_number = FseNumberField(required=False)


class CareEstimateInput(Input):
    """Acts to judge without saving."""

    document = EstimatedCareDocumentInput()


class RightsOutput(Output):
    """Rights on the day asked; `reason` says why they are not open, `until` is the last day."""

    open = serializers.BooleanField()
    scheme = CodedOutput(allow_null=True)
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    reason_code = serializers.CharField(allow_null=True)
    reason = BilingualOutput(allow_null=True)


class GrantedIllnessOutput(Output):
    """A long illness granted to a person and valid on the day asked."""

    code = serializers.CharField()
    label = BilingualOutput()
    category = serializers.CharField()
    rate = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)


class CoveredPersonOutput(PatientOutput):
    """One person of the household found."""

    relation = CodedOutput()
    rights = RightsOutput()
    illnesses = GrantedIllnessOutput(many=True)


class RightsCheckOutput(Output):
    """The household: the holder first; empty when nobody bears the number."""

    day = serializers.DateField()
    persons = CoveredPersonOutput(many=True)


class KnownProviderOutput(Output):
    """The provider's own sector and agreement periods."""

    inpe = serializers.CharField()
    sector = serializers.CharField()
    agreements = serializers.ListField()


class KnownFactsOutput(Output):
    """What bears on any draft for a patient, as the exchange format of cases writes it."""

    type = serializers.CharField()
    person = serializers.UUIDField()
    seen_on = serializers.DateField()
    provider = KnownProviderOutput()
    patient = serializers.DictField()
    coverage = serializers.DictField()
    illnesses = serializers.ListField()
    prior_approvals = serializers.ListField()
    paid_before = serializers.ListField()
    used_before = serializers.ListField()
    signature = serializers.DictField()


class ActOutput(Output):
    """An act, and its tariff in the caller's sector."""

    code = serializers.CharField()
    label = BilingualOutput()
    letter = serializers.CharField(allow_null=True)
    coefficient = serializers.CharField(allow_null=True)
    tariff = MoneyOutput(allow_null=True)
    covered = serializers.BooleanField()
    needs_prior_approval = serializers.BooleanField()


class ActsOutput(Output):
    """Acts found, best first."""

    results = ActOutput(many=True)


class ReasonOutput(Output):
    """Why a line is refused or pays less."""

    code = serializers.CharField()
    title = BilingualOutput()
    message = BilingualOutput()


class StepOutput(Output):
    """One step of "why this amount", with the text of the law it rests on."""

    rule = serializers.CharField()
    sentence = BilingualOutput()
    reference = BilingualOutput(allow_null=True)


class DecidedLineOutput(Output):
    """One line, judged."""

    position = serializers.IntegerField()
    label = BilingualOutput()
    code = serializers.CharField()
    quantity = serializers.IntegerField()
    care_date = serializers.DateField()
    charged = MoneyOutput()
    tariff = MoneyOutput()
    base = MoneyOutput()
    rate = serializers.CharField()
    reimbursed = MoneyOutput()
    insured_share = MoneyOutput()
    reasons = ReasonOutput(many=True)
    steps = StepOutput(many=True)


class DecisionOutput(Output):
    """A decision: `approved`, `partly_approved` or `denied`."""

    outcome = serializers.CharField()
    needs_review = serializers.BooleanField()
    total_charged = MoneyOutput()
    total_reimbursed = MoneyOutput()
    total_insured_share = MoneyOutput()
    lines = DecidedLineOutput(many=True)


class ExcuseOutput(Output):
    """The declared outage that moved the limit of filing, and the sentence that says so."""

    outage = serializers.CharField()
    message = BilingualOutput()


class NoticeOutput(Output):
    """`ALREADY_ON_PAPER`: the claim was made of its paper sheet; nothing is to be sent again."""

    code = serializers.CharField()
    message = BilingualOutput()


class ClaimOutput(Output):
    """A claim as a list shows it."""

    id = serializers.UUIDField()
    fse_number = serializers.CharField()
    kind = serializers.CharField()
    state = CodedOutput()
    provider = PartyOutput()
    patient = PatientOutput()
    third_party_payment = serializers.BooleanField()
    received_at = serializers.DateTimeField()
    received_date = serializers.DateField()
    document_hash = serializers.CharField()
    excuse = ExcuseOutput(allow_null=True)
    notice = NoticeOutput(allow_null=True)
    outcome = serializers.CharField(allow_null=True)
    charged = MoneyOutput()
    reimbursed = MoneyOutput()
    insured_share = MoneyOutput()


class ShownLineOutput(Output):
    """A line that a screen showed without network otherwise than the facts of the day it arrived give."""

    position = serializers.IntegerField()
    shown = MoneyOutput()
    standing = MoneyOutput()
    paid = MoneyOutput()
    causes = CodedOutput(many=True)


class AsShownOutput(Output):
    """What a screen showed without network, whether it is paid so, and in one sentence why."""

    honoured = serializers.BooleanField()
    message = BilingualOutput()
    lines = ShownLineOutput(many=True)


class JudgedClaimOutput(ClaimOutput):
    """A claim with its decision."""

    as_shown = AsShownOutput(allow_null=True)
    decision = DecisionOutput(allow_null=True)


class ClockOutput(Output):
    """Who has the ball since when, and what is used and left of the legal delay, in calendar days.

    `side` is null and `deadline` past once the file is closed; `state` is paid (closed in time), fix
    (late), held (waiting for the provider or the insured person, the delay stands still) or equal.
    """

    side = CodedOutput(allow_null=True)
    since = serializers.DateTimeField()
    deadline = serializers.DateField()
    legal_days = serializers.IntegerField()
    used_days = serializers.IntegerField()
    left_days = serializers.IntegerField()
    state = serializers.CharField()
    sentence = BilingualOutput()


class FollowedClaimOutput(ClaimOutput):
    """A claim with its fairness clock."""

    clock = ClockOutput()


class ClaimsOutput(Output):
    """A page of claims, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = FollowedClaimOutput(many=True)


def care_claim_draft(document: dict[str, Any]) -> CareClaimDraft:
    """Return the draft that a checked document says."""
    return CareClaimDraft(
        fse_number=document.get("fse_number", ""),
        device=document.get("device", ""),
        inpe=document["provider"],
        patient=document["patient"],
        third_party_payment=document["third_party_payment"],
        treatment_end_date=document["treatment_end_date"],
        lines=tuple(
            ActLine(
                position=line["position"],
                act=line["act"],
                quantity=line["quantity"],
                charged_centimes=line["charged"],
                care_date=line["care_date"],
                illness=line["illness"],
            )
            for line in document["lines"]
        ),
    )
