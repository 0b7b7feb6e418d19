"""Rights, acts, care claims, dispensings and estimates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from claims import selectors, services
from claims.api import examples
from claims.api.dispensings import (
    DispensingEstimateInput,
    SignedDispensingInput,
    read_dispensing,
    read_dispensing_estimate,
)
from claims.api.queries import ActSearchQuery, ClaimsQuery
from claims.api.receipts import judged, received
from claims.api.serializers import (
    ActsOutput,
    CareEstimateInput,
    ClaimsOutput,
    DecisionOutput,
    JudgedClaimOutput,
    KnownFactsOutput,
    RightsCheckInput,
    RightsCheckOutput,
    SignedCareClaimInput,
    care_claim_draft,
)
from claims.models import Claim
from claims.presenters import (
    act_output,
    claim_output,
    decision_output,
    household_output,
    known_output,
)
from claims.presenters.clock import clock_output
from core.api import queries
from core.api.actions import Action, Answer
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import answers
from core.api.pagination import NewestFirst
from core.api.serializers import read
from core.errors import DomainError
from prescriptions.api.queries import ProviderQuery
from providers.api.documents import signed_document
from providers.api.permissions import BillsCare, Dispenses, GivesCare

DISPENSING = "waraqa/dispensing"


class ClaimNotFound(DomainError):
    """The caller may read no such claim."""

    code = "CLAIM_NOT_FOUND"
    status = 404
    message = _("Aucune de vos demandes ne porte cet identifiant.")


class CheckRights(Action):
    permission_classes = [GivesCare]
    throttle_scope = "rights-checks"

    @extend_schema(
        operation_id="check_rights",
        summary=_("Droits d’un assuré et de sa famille un jour donné ; la lecture est tracée"),
        request=RightsCheckInput,
        examples=[examples.RIGHTS_QUESTION],
        responses=answers(examples.RIGHTS, RightsCheckOutput, refusals=(400, 422, 429)),
    )
    def post(self, request: Request) -> Response:
        entry = read(RightsCheckInput, request.data)
        provider = request.auth.acting_for(entry.get("provider"), pointer="/provider")
        persons = services.check_rights(
            cin=entry.get("cin"),
            registration_number=entry.get("registration_number"),
            fse_number=entry.get("fse_number"),
            day=entry["day"],
            provider=provider,
            by=request.user,
            at=timezone.now(),
        )
        return Response(
            {
                "day": entry["day"].isoformat(),
                "persons": household_output(persons),
            }
        )


class KnownFacts(Action):
    permission_classes = [GivesCare]
    throttle_scope = "rights-checks"

    @extend_schema(
        operation_id="known_facts",
        summary=_(
            "Ce qu’un poste garde d’un patient pour estimer sans réseau ; la lecture est tracée"
        ),
        parameters=[
            queries.query_parameter("provider", _("INPE pour lequel on agit, si plusieurs.")),
        ],
        responses=answers(examples.KNOWN, KnownFactsOutput, refusals=(422, 429)),
    )
    def get(self, request: Request, patient: UUID) -> Response:
        query = queries.read_query(ProviderQuery, request)
        provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
        facts = services.known_facts(
            patient=patient, provider=provider, by=request.user, at=timezone.now()
        )
        return Response(known_output(facts, person=patient))


class SearchActs(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="search_acts",
        summary=_("Chercher un acte, avec son tarif dans le secteur de l’appelant"),
        parameters=[
            queries.SEARCH,
            queries.DAY,
            queries.query_parameter("provider", _("INPE pour lequel on agit, si plusieurs.")),
        ],
        responses=answers(examples.ACTS, ActsOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        query = queries.read_query(ActSearchQuery, request)
        provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
        day = query.get("day") or timezone.localdate()
        acts = selectors.search_acts(query["q"], day=day)
        return Response(
            {"results": [act_output(act, sector=provider.sector, day=day) for act in acts]}
        )


class ListClaims(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="claims",
        summary=_("Demandes de remboursement de l’appelant, les plus récentes d’abord"),
        parameters=[
            queries.query_parameter("fse_number", _("Celles d’une feuille.")),
            queries.query_parameter("state", _("Celles dans un état.")),
            queries.query_parameter("day", _("Celles reçues un jour.")),
            *queries.PAGE,
        ],
        responses=answers(examples.CLAIMS, ClaimsOutput, refusals=(400, 422)),
    )
    def get(self, request: Request) -> Response:
        query = queries.read_query(ClaimsQuery, request)
        claims = _claims_of(request)
        if "fse_number" in query:
            claims = claims.filter(sheet__fse_number=query["fse_number"])
        if "state" in query:
            claims = claims.filter(state=query["state"])
        if "day" in query:
            claims = claims.filter(received_date=query["day"])
        pages = NewestFirst()
        page = pages.paginate_queryset(claims, request, view=self)
        clocks = selectors.clocks_of(page, at=timezone.now())
        return pages.get_paginated_response(
            [{**claim_output(claim), "clock": clock_output(clocks[claim.pk])} for claim in page]
        )


class SubmitClaim(Action):
    permission_classes = [BillsCare]

    @extend_schema(
        operation_id="submit_claim",
        summary=_("Déposer une demande de soins signée : accusé de réception et décision"),
        parameters=[IDEMPOTENCY_KEY],
        request=SignedCareClaimInput,
        examples=[examples.SIGNED_CLAIM],
        responses=answers(
            examples.JUDGED_CLAIM, JudgedClaimOutput, status=201, refusals=(400, 409, 422)
        ),
    )
    def post(self, request: Request) -> Response:
        entry = read(SignedCareClaimInput, request.data)
        draft = care_claim_draft(entry["document"])
        request.auth.signing_for(draft.inpe)

        def submit(at: datetime) -> Answer:
            receipt = services.submit_claim(
                draft=draft, signed=signed_document(request.data), by=request.user, at=at
            )
            return 201, received(receipt)

        return self.once(request, submit, asks_first=True)


class ClaimsAddress(ListClaims, SubmitClaim):
    """One address, two actions, each with its own door."""

    def get_permissions(self) -> list[Any]:
        action = SubmitClaim if self.request.method == "POST" else ListClaims
        return [permission() for permission in action.permission_classes]


class ReadClaim(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="claim",
        summary=_("Une demande, avec sa décision et ses étapes ; la lecture est tracée"),
        responses=answers(examples.JUDGED_CLAIM, JudgedClaimOutput, refusals=(404,)),
    )
    def get(self, request: Request, claim_id: UUID) -> Response:
        if not _claims_of(request).filter(pk=claim_id).exists():
            raise ClaimNotFound
        claim = services.read_claim(claim_id=claim_id, by=request.user, at=timezone.now())
        if claim is None:
            raise ClaimNotFound
        return Response(judged(claim))


class DispenseMedicine(Action):
    permission_classes = [Dispenses]

    @extend_schema(
        operation_id="dispense_medicine",
        summary=_("Déposer une délivrance signée et sa demande : accusé de réception et décision"),
        parameters=[IDEMPOTENCY_KEY],
        request=SignedDispensingInput,
        examples=[examples.SIGNED_DISPENSING],
        responses=answers(
            examples.DISPENSED_CLAIM,
            JudgedClaimOutput,
            status=201,
            refusals=(400, 404, 409, 422),
        ),
    )
    def post(self, request: Request) -> Response:
        draft = read_dispensing(request.data)
        request.auth.signing_for(draft.inpe)

        def dispense(at: datetime) -> Answer:
            receipt = services.dispense_medicine(
                draft=draft, signed=signed_document(request.data), by=request.user, at=at
            )
            return 201, received(receipt)

        return self.once(request, dispense, asks_first=True)


class EstimateClaim(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="estimate",
        summary=_("Ce que le moteur déciderait ; rien n’est enregistré"),
        request=PolymorphicProxySerializer(
            component_name="EstimateInput",
            serializers=[CareEstimateInput, DispensingEstimateInput],
            resource_type_field_name=None,
        ),
        examples=[examples.ESTIMATED_CLAIM],
        responses=answers(examples.DECISION, DecisionOutput, refusals=(400, 422)),
    )
    def post(self, request: Request) -> Response:
        draft = _estimated(request.data)
        request.auth.acting_for(draft.inpe, pointer="/document/provider")
        estimate = services.estimate(draft=draft, by=request.user, at=timezone.now())
        return Response(decision_output(estimate.decision, estimate.lines))


def _estimated(body: Any) -> Any:
    """Return the draft of an estimate: a dispensing when it says so, else a care claim."""
    document = body.get("document") if isinstance(body, dict) else None
    if isinstance(document, dict) and document.get("type") == DISPENSING:
        return read_dispensing_estimate(body)
    return care_claim_draft(read(CareEstimateInput, body)["document"])


def _claims_of(request: Request) -> QuerySet[Claim]:
    """Claims the person may read, and among them those of the providers this caller acts for."""
    mine = [provider.pk for provider, _standing in request.auth.providers]
    visible = selectors.claims_visible_to(request.user, on=timezone.localdate())
    return visible.filter(provider_id__in=mine)
