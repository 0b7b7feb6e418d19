"""What became of the prescriptions of a practice, and its register of narcotics."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import queries
from core.api.actions import Action
from core.api.outputs import CodedOutput, answers
from core.api.serializers import Output
from prescriptions.api import examples
from prescriptions.api.queries import ProviderQuery
from prescriptions.api.serializers import PartyOutput, PatientOutput
from prescriptions.presenters.followed import entry_output, followed_output
from prescriptions.selectors import writing
from providers.api.permissions import WritesPrescriptions

PROVIDER = queries.query_parameter("provider", _("INPE du cabinet."))


class HandedOutput(Output):
    """Boxes handed over; `replaced` when it is not the presentation prescribed."""

    label = serializers.CharField()
    boxes = serializers.IntegerField()
    replaced = serializers.BooleanField()
    pharmacy = PartyOutput()
    day = serializers.DateField()


class FollowedLineOutput(Output):
    """One line: its state, why it was refused if it was, and what was handed over."""

    position = serializers.IntegerField()
    label = serializers.CharField()
    state = CodedOutput()
    refusal = serializers.CharField()
    boxes = serializers.IntegerField()
    boxes_dispensed = serializers.IntegerField()
    handed = HandedOutput(many=True)


class FollowedOutput(Output):
    """One prescription, or one instance of a repeated one."""

    fse_number = serializers.CharField()
    instance = serializers.IntegerField()
    instances = serializers.IntegerField()
    written_on = serializers.DateField()
    state = CodedOutput()
    patient = PatientOutput()
    lines = FollowedLineOutput(many=True)


class FollowedListOutput(Output):
    """The latest prescriptions of a practice, newest first."""

    results = FollowedOutput(many=True)


class EntryOutput(Output):
    """One line of the register of narcotics."""

    number = serializers.IntegerField()
    written_on = serializers.DateField()
    fse_number = serializers.CharField()
    patient = PatientOutput()
    label = serializers.CharField()
    days = serializers.IntegerField()
    boxes = serializers.IntegerField()


class RegisterOutput(Output):
    """The register, in the order of its numbers."""

    results = EntryOutput(many=True)


class FollowPrescriptions(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="followed_prescriptions",
        summary=_("Ce que sont devenues les dernières ordonnances du cabinet"),
        parameters=[PROVIDER],
        responses=answers(examples.FOLLOWED, FollowedListOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        query = queries.read_query(ProviderQuery, request)
        provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
        followed = writing.followed_prescriptions(provider)
        return Response({"results": [followed_output(each) for each in followed]})


class ReadNarcoticRegister(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="narcotic_register",
        summary=_("Le registre des stupéfiants du cabinet"),
        parameters=[PROVIDER],
        responses=answers(examples.REGISTER, RegisterOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        query = queries.read_query(ProviderQuery, request)
        provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
        register = writing.narcotic_register(provider)
        return Response({"results": [entry_output(each) for each in register]})
