"""Questions between pharmacies and prescribers: asked, listed, talked over, answered, withdrawn."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import queries
from core.api.actions import Action, Answer
from core.api.examples import DOCTOR, NUMBER, PATIENT, PERSON, PHARMACY
from core.api.fields import ConstantField, TextField
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import CodedOutput, answers
from core.api.pagination import NewestFirst
from core.api.serializers import Input, Output, read
from core.numbers import is_fse_number, normalise_number
from prescriptions import services
from prescriptions.api.serializers import CountField, PartyOutput, PatientOutput
from prescriptions.models import RequestAnswer, RequestKind
from prescriptions.models.requests import BODY_LENGTH
from prescriptions.presenters.requests import request_output
from prescriptions.selectors.requests import requests_visible_to
from prescriptions.states import RequestState
from providers.api.fields import InpeField
from providers.api.permissions import Dispenses, Prescribes, ReadsPrescriptions

LOOKUPS = "prescription-lookups"


class QuestionInput(Input):
    """What a pharmacy asks; `position` null asks about the whole prescription."""

    provider = InpeField(required=False)
    kind = ConstantField(*[str(kind) for kind in RequestKind.values])
    position = CountField(allow_null=True)
    body = TextField(max_length=BODY_LENGTH)


class MessageInput(Input):
    """One more message."""

    body = TextField(max_length=BODY_LENGTH)


class AnswerInput(Input):
    """The prescriber's answer, with a note or an empty one."""

    answer = ConstantField(*[str(answer) for answer in RequestAnswer.values])
    note = TextField(max_length=BODY_LENGTH, allow_blank=True)


class RequestsQuery(Input):
    state = ConstantField(*[str(state) for state in RequestState.values], required=False)
    cursor = TextField(max_length=200, required=False)
    page_size = TextField(max_length=4, required=False)


class MessageOutput(Output):
    """One message of the thread."""

    author = serializers.CharField()
    body = serializers.CharField()
    written_at = serializers.DateTimeField()


class RequestOutput(Output):
    """A request with its thread; `pharmacy` null when the insured asks, `medicine` empty without a line."""

    id = serializers.UUIDField()
    fse_number = serializers.CharField()
    patient = PatientOutput()
    kind = CodedOutput()
    state = CodedOutput()
    answer = CodedOutput(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    medicine = serializers.CharField(allow_blank=True)
    pharmacy = PartyOutput(allow_null=True)
    prescriber = PartyOutput()
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    messages = MessageOutput(many=True)


class RequestsOutput(Output):
    """One page of requests, newest first."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = RequestOutput(many=True)


REQUEST = {
    "id": PATIENT,
    "fse_number": NUMBER,
    "patient": PERSON,
    "kind": {"code": "STOCK", "label": {"fr": "rupture de stock", "ar": "نفاد المخزون"}},
    "state": {"code": "OPEN", "label": {"fr": "en attente de réponse", "ar": "في انتظار الجواب"}},
    "answer": None,
    "position": 2,
    "medicine": "AMLOR 5 MG",
    "pharmacy": PHARMACY,
    "prescriber": DOCTOR,
    "asked_at": "2026-11-22T10:15:00+00:00",
    "answered_at": None,
    "messages": [
        {
            "author": "H. Lamrini",
            "body": "Amlor manque depuis lundi.",
            "written_at": "2026-11-22T10:15:00+00:00",
        }
    ],
}
REQUESTS = {"next": None, "previous": None, "results": [REQUEST]}


class AskPrescriber(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="ask_prescriber",
        summary=_("Poser une question au prescripteur, depuis le comptoir"),
        parameters=[IDEMPOTENCY_KEY],
        request=QuestionInput,
        responses=answers(
            REQUEST, RequestOutput, status=201, refusals=(400, 403, 404, 409, 422, 429)
        ),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(QuestionInput, request.data)
        pharmacy = request.auth.acting_for(entry.get("provider"), pointer="/provider")
        number = normalise_number(fse_number)
        if not is_fse_number(number):
            raise services.PrescriptionNotFound

        def ask(at: datetime) -> Answer:
            asked = services.ask_prescriber(
                fse_number=number,
                kind=RequestKind(entry["kind"]),
                position=entry["position"],
                body=entry["body"],
                pharmacy=pharmacy,
                by=request.user,
                at=at,
            )
            return 201, request_output(asked)

        return self.once(request, ask)


class ListRequests(Action):
    permission_classes = [ReadsPrescriptions]

    @extend_schema(
        operation_id="requests",
        summary=_("Demandes au prescripteur, les plus récentes d’abord"),
        parameters=[
            queries.query_parameter("state", _("Celles dans un état.")),
            queries.query_parameter("cursor", _("Page, reprise de « next » ou « previous ».")),
            queries.query_parameter("page_size", _("Lignes par page, 200 au plus.")),
        ],
        responses=answers(REQUESTS, RequestsOutput, refusals=(400, 422)),
    )
    def get(self, request: Request) -> Response:
        query = queries.read_query(RequestsQuery, request)
        found = requests_visible_to(request.user, on=timezone.localdate())
        if "state" in query:
            found = found.filter(state=query["state"])
        pages = NewestFirst()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([request_output(each) for each in page or ()])


class _OnRequest(Action):
    """A gesture on one request: `do` calls the service."""

    def gesture(self, request: Request, do: Any) -> Response:
        def run(at: datetime) -> Answer:
            done = do(by=request.user, at=at)
            return 200, request_output(done)

        return self.once(request, run)


class AnswerRequest(_OnRequest):
    permission_classes = [Prescribes]

    @extend_schema(
        operation_id="answer_request",
        summary=_("Répondre à une demande, en tant que prescripteur"),
        parameters=[IDEMPOTENCY_KEY],
        request=AnswerInput,
        responses=answers(REQUEST, RequestOutput, refusals=(400, 404, 409, 422)),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        entry = read(AnswerInput, request.data)
        answer = RequestAnswer(entry["answer"])

        def do(**who: Any) -> Any:
            return services.answer_request(
                request_id=request_id, answer=answer, note=entry["note"], **who
            )

        return self.gesture(request, do)


class WriteMessage(_OnRequest):
    permission_classes = [ReadsPrescriptions]

    @extend_schema(
        operation_id="write_message",
        summary=_("Ajouter un message à une demande ouverte"),
        parameters=[IDEMPOTENCY_KEY],
        request=MessageInput,
        responses=answers(REQUEST, RequestOutput, refusals=(400, 404, 409, 422)),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        entry = read(MessageInput, request.data)

        def do(**who: Any) -> Any:
            return services.write_message(request_id=request_id, body=entry["body"], **who)

        return self.gesture(request, do)


class WithdrawRequest(_OnRequest):
    permission_classes = [Dispenses]

    @extend_schema(
        operation_id="withdraw_request",
        summary=_("Retirer une demande que l’on a posée"),
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=answers(REQUEST, RequestOutput, refusals=(400, 404, 409)),
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        def do(**who: Any) -> Any:
            return services.withdraw_request(request_id=request_id, **who)

        return self.gesture(request, do)
