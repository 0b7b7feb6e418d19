"""Safety checks, answers to alerts, and what a person was asked about: allergies, pregnancy, consent."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit
from core.api.actions import Action, Answer, CallerThrottle
from core.api.entries import EntryError
from core.api.fields import (
    ConstantField,
    DayField,
    FlagField,
    FseNumberField,
    IdentifierField,
    PatternField,
    TextField,
)
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import CodedOutput, answers
from core.api.serializers import Input, Json, Output, read
from insured.models import Person
from insured.selectors import care_profile_of, person_by_id
from insured.services import CareAnswers, record_care_profile
from prescriptions import services
from prescriptions.api import safety_examples as examples
from prescriptions.api.documents import ALERT_KEY, ALERT_REASON, DoseInput, SubstanceInput
from prescriptions.api.serializers import CountField, EanField
from prescriptions.intake import Substance
from prescriptions.models import SafetyAlert
from prescriptions.presenters.safety import care_profile_output, told_output
from providers.api.fields import InpeField
from providers.api.permissions import GivesCare, Signs

READ = "prescriptions.safety.read"
ATC = r"[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?"


class CheckedLineInput(Input):
    """One medicine: a presentation (`ean`) or a substance (`inn`); `dose` null when nobody coded it."""

    position = CountField()
    ean = EanField(allow_null=True)
    inn = SubstanceInput(allow_null=True)
    dose = DoseInput(allow_null=True)
    days = CountField()

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        if (values["ean"] is None) == (values["inn"] is None):
            yield EntryError("/ean", "REQUIRED" if values["ean"] is None else "NOT_OF_THIS_KIND")


class SafetyInput(Input):
    """What a professional is about to prescribe or hand over; `fse_number` when it has one already."""

    provider = InpeField(required=False)
    patient = IdentifierField()
    moment = ConstantField(*SafetyAlert.Moment.values)
    fse_number = FseNumberField(allow_null=True)
    lines = CheckedLineInput(many=True)


class SourceOutput(Output):
    """A source and the day of its edition."""

    name = serializers.CharField()
    edition = serializers.DateField()


class ConcernedOutput(Output):
    """A medicine of an alert; `position` null and `prescriber` said for one of the history."""

    ean = serializers.CharField()
    label = serializers.CharField()
    position = serializers.IntegerField(allow_null=True)
    prescriber = serializers.CharField()


class ConditionOutput(Output):
    """One of the levels of a conditional entry, in the source's words."""

    level = serializers.CharField()
    text = serializers.CharField()


class JustifiedOutput(Output):
    """A written override that still holds: by whom, when and why."""

    reason = CodedOutput()
    note = serializers.CharField()
    provider = serializers.CharField()
    at = serializers.DateTimeField()


class AlertOutput(Output):
    """An alert. `severity`: CRITICAL interrupts, MODERATE is one line, INFORMATION an icon."""

    key = serializers.CharField()
    kind = CodedOutput()
    level = CodedOutput()
    applies = CodedOutput(allow_null=True)
    severity = serializers.CharField()
    pair = serializers.ListField(child=serializers.CharField())
    medicines = ConcernedOutput(many=True)
    mechanism = serializers.DictField(child=serializers.CharField())
    advice = serializers.DictField(child=serializers.CharField())
    conditions = ConditionOutput(many=True)
    local_route = serializers.BooleanField()
    source = SourceOutput()
    justified = JustifiedOutput(allow_null=True)
    demoted = serializers.BooleanField()


class NotCheckedOutput(Output):
    """A check that could not be made, on what, and why."""

    kind = CodedOutput()
    why = CodedOutput()
    subject = serializers.CharField()


class SafetyOutput(Output):
    """Alerts, gravest first, everything that was not checked, and the reasons an override may have."""

    alerts = AlertOutput(many=True)
    not_checked = NotCheckedOutput(many=True)
    reasons = CodedOutput(many=True)


class CheckSafety(Action):
    permission_classes = [GivesCare]
    throttle_scope = "safety-patients"
    throttle_classes: list[type] = []  # counted by new patient, in `_trace`

    @extend_schema(
        operation_id="check_safety",
        summary=_("Vérifier la sécurité d’un traitement avant de prescrire ou de délivrer"),
        request=SafetyInput,
        examples=[examples.QUESTION],
        responses=answers(examples.TOLD, SafetyOutput, refusals=(422, 429)),
    )
    def post(self, request: Request) -> Response:
        entry = read(SafetyInput, request.data)
        at = timezone.now()
        question = services.SafetyQuestion(
            provider=request.auth.acting_for(entry.get("provider"), pointer="/provider"),
            patient_id=entry["patient"],
            moment=SafetyAlert.Moment(entry["moment"]),
            lines=tuple(_line(line) for line in entry["lines"]),
            fse_number=entry["fse_number"] or "",
        )
        self._trace(request, question, at)
        told = services.check_safety(question=question, by=request.user, at=at)
        return Response(told_output(told))

    def _trace(self, request: Request, question: services.SafetyQuestion, at: datetime) -> None:
        """Trace that a patient's treatments are looked through: once a day, a person and a patient.

        A page asks again after each line typed; so many new patients a minute are too many for a person.
        """
        patient = Person(pk=question.patient_id)
        morning = localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
        if audit.is_recorded(by=request.user, action=READ, subject=patient, since=morning):
            return
        throttle = CallerThrottle()
        if not throttle.allow_request(request, self):
            self.throttled(request, throttle.wait() or 0)
        audit.record(
            by=request.user,
            at=at,
            action=READ,
            subject=patient,
            insured_id=_patient(question.patient_id).insured_id,
            after={"provider": question.provider.inpe, "moment": question.moment},
        )


def _line(line: Json) -> services.TakenLine:
    dose = line["dose"]
    return services.TakenLine(
        position=line["position"],
        ean=line["ean"] or "",
        inn=Substance(**line["inn"]) if line["inn"] else None,
        dose=None if dose is None else sum(map(Fraction, dose.values()), Fraction(0)),
        days=line["days"],
    )


class AnsweredInput(Input):
    """What was answered to one alert; an override says why."""

    key = PatternField(ALERT_KEY, code="INVALID")
    answer = ConstantField(SafetyAlert.Answer.ACCEPTED.value, SafetyAlert.Answer.OVERRIDDEN.value)
    reason = PatternField(ALERT_REASON, code="INVALID", allow_null=True)
    note = TextField(max_length=300, allow_blank=True)


class AnswersInput(Input):
    """Answers to the alerts shown for a patient."""

    provider = InpeField(required=False)
    patient = IdentifierField()
    moment = ConstantField(*SafetyAlert.Moment.values)
    fse_number = FseNumberField(allow_null=True)
    answers = AnsweredInput(many=True)


class AnsweredOutput(Output):
    """How many answers are kept."""

    answered = serializers.IntegerField()


class AnswerAlerts(Action):
    permission_classes = [Signs]

    @extend_schema(
        operation_id="answer_alerts",
        summary=_("Répondre à des alertes : suivies, ou outrepassées avec un motif"),
        parameters=[IDEMPOTENCY_KEY],
        request=AnswersInput,
        examples=[examples.ANSWERS],
        responses=answers({"answered": 1}, AnsweredOutput, refusals=(400, 422)),
    )
    def post(self, request: Request) -> Response:
        entry = read(AnswersInput, request.data)
        provider = request.auth.acting_for(entry.get("provider"), pointer="/provider")
        given = [
            services.AlertAnswer(
                key=each["key"],
                answer=SafetyAlert.Answer(each["answer"]),
                reason=each["reason"] or "",
                note=each["note"],
            )
            for each in entry["answers"]
        ]

        def keep(at: datetime) -> Answer:
            kept = services.answer_alerts(
                provider=provider,
                patient=_patient(entry["patient"]),
                moment=SafetyAlert.Moment(entry["moment"]),
                answers=given,
                fse_number=entry["fse_number"] or "",
                by=request.user,
                at=at,
            )
            return 200, {"answered": len(kept)}

        return self.once(request, keep)


class AllergyInput(Input):
    """A substance by its INN, or a class by its ATC code; the other is empty."""

    inn = TextField(max_length=120, allow_blank=True)
    atc = PatternField(f"({ATC})?", code="INVALID")

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        if bool(values["inn"].strip()) == bool(values["atc"]):
            yield EntryError("/inn", "REQUIRED" if not values["atc"] else "NOT_OF_THIS_KIND")


class CareProfileInput(Input):
    """What the person answered; null is « never asked », an empty list is « none »."""

    allergies = AllergyInput(many=True, allow_null=True)
    pregnant = FlagField(allow_null=True)
    breast_feeding = FlagField(allow_null=True)
    holds_until = DayField(allow_null=True)
    shares_history = FlagField(allow_null=True)


class AllergyOutput(Output):
    """A substance or a class."""

    inn = serializers.CharField()
    atc = serializers.CharField()


class CareProfileOutput(Output):
    """What the person answered; null is « never asked »."""

    allergies = AllergyOutput(many=True, allow_null=True)
    pregnant = serializers.BooleanField(allow_null=True)
    breast_feeding = serializers.BooleanField(allow_null=True)
    holds_until = serializers.DateField(allow_null=True)
    shares_history = serializers.BooleanField(allow_null=True)


class ReadCareProfile(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="care_profile",
        summary=_("Allergies, grossesse et consentement d’un patient ; la lecture est tracée"),
        responses=answers(examples.PROFILE, CareProfileOutput, refusals=(422,)),
    )
    def get(self, request: Request, person_id: UUID) -> Response:
        person = _patient(person_id)
        audit.record(
            by=request.user,
            at=timezone.now(),
            action="insured.care_profile.read",
            subject=person,
            insured_id=person.insured_id,
        )
        return Response(care_profile_output(care_profile_of(person)))


class WriteCareProfile(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="record_care_profile",
        summary=_("Noter les allergies, la grossesse et le consentement d’un patient"),
        parameters=[IDEMPOTENCY_KEY],
        request=CareProfileInput,
        examples=[examples.PROFILE_INPUT],
        responses=answers(examples.PROFILE, CareProfileOutput, refusals=(400, 422)),
    )
    def put(self, request: Request, person_id: UUID) -> Response:
        entry = read(CareProfileInput, request.data)
        allergies = entry.pop("allergies")
        given = CareAnswers(
            allergies=None
            if allergies is None
            else tuple((each["inn"].strip(), each["atc"]) for each in allergies),
            **entry,
        )

        def keep(at: datetime) -> Answer:
            profile = record_care_profile(
                person=_patient(person_id), answers=given, by=request.user, at=at
            )
            return 200, care_profile_output(profile)

        return self.once(request, keep)


class CareProfileAddress(ReadCareProfile, WriteCareProfile):
    """One address, two actions behind the same door."""


def _patient(person_id: UUID) -> Person:
    person = person_by_id(person_id)
    if person is None:
        raise services.PatientUnknown(pointer="/patient")
    return person
