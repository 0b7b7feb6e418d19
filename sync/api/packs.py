"""Reference packs: the sealed list of the last one, its parts, and what changed since an older one."""

import gzip
import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import queries
from core.api.actions import Action, WhateverIsAccepted
from core.api.fields import IdentifierField
from core.api.outputs import answers, problem
from core.api.serializers import Input, Output
from providers.api.permissions import GivesCare
from sync import selectors
from sync.reference.packs import ENGINE

JSON, ZIP = "application/json", "application/zip"
# The address names the content: it never changes. A person's browser keeps it, no shared cache does.
FOR_EVER = "private, max-age=31536000, immutable"
SINCE = queries.query_parameter(
    "since", _("Identifiant du paquet que le poste a déjà."), required=True
)
_PACK = "01936f6a-7e50-7c3b-9a52-2f8d0a1b4c5d"
_OLDER = "01936a43-1f20-7d10-8b11-6c0f9e2d7a3b"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MANIFEST: dict[str, Any] = {
    "type": "waraqa/pack",
    "version": 1,
    "id": _PACK,
    "made_at": "2026-11-22T03:10:00+00:00",
    "valid_until": "2026-11-29T03:10:00+00:00",
    "law": _SHA,
    "parts": [
        {"name": "law", "bytes": 61210, "compressed": 7004, "rows": 140, "sha256": _SHA},
        {"name": "engine", "bytes": 118004, "compressed": 22871, "rows": None, "sha256": _SHA},
    ],
    "signature": {"alg": "ES256", "kid": "…", "jwk": {}, "value": "…"},
}
CHANGES: dict[str, Any] = {
    "type": "waraqa/pack-changes",
    "version": 1,
    "from": _OLDER,
    "to": _PACK,
    "whole": [],
    "parts": {
        "prescribers": {"added": {}, "changed": {}, "removed": ["…"]},
    },
}


class PackPartOutput(Output):
    """One part: its size as it is and compressed, its rows, the SHA-256 of its bytes."""

    name = serializers.CharField()
    bytes = serializers.IntegerField()
    compressed = serializers.IntegerField()
    rows = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()


class PackOutput(Output):
    """The sealed list of a pack: the signature is ES256 over the canonical JSON of the rest."""

    type = serializers.CharField()
    version = serializers.IntegerField()
    id = serializers.UUIDField()
    made_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    law = serializers.CharField()
    parts = PackPartOutput(many=True)
    signature = serializers.DictField()


class PackChangesOutput(Output):
    """What changed: rows added, changed and removed of each part, and the parts to take whole."""

    type = serializers.CharField()
    version = serializers.IntegerField()
    to = serializers.UUIDField()
    whole = serializers.ListField(child=serializers.CharField())
    parts = serializers.DictField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "from": serializers.UUIDField()}


class ChangesQuery(Input):
    since = IdentifierField()


class LatestPack(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="latest_pack",
        summary=_(
            "Le dernier paquet de référence, scellé : ce qu’il faut pour travailler sans réseau"
        ),
        responses=answers(MANIFEST, PackOutput, refusals=(404,)),
    )
    def get(self, request: Request) -> Response:
        pack = selectors.latest_pack()
        if pack is None:
            raise selectors.PackNotFound
        return Response(pack.manifest)


class ReadPackPart(Action):
    permission_classes = [GivesCare]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="pack_part",
        summary=_("Une partie d’un paquet, telle qu’elle a été scellée"),
        responses={
            (200, JSON): OpenApiResponse(
                OpenApiTypes.OBJECT,
                description="JSON (RFC 8785)",
                examples=[OpenApiExample("exemple", value={}, response_only=True)],
            ),
            (200, ZIP): OpenApiResponse(OpenApiTypes.BINARY, description="ZIP"),
            **{(each, "application/problem+json"): problem(each) for each in (401, 403, 404)},
        },
    )
    def get(self, request: Request, pack: UUID, part: str) -> HttpResponse:
        found = selectors.part_of_pack(pack, part)
        accepted = request.headers.get("Accept-Encoding", "")
        kind = ZIP if part == ENGINE else JSON
        if "br" in accepted:
            return _immutable(bytes(found.compressed), kind, "br")
        return _compact(bytes(found.content), kind, accepted)


class PackChanges(Action):
    permission_classes = [GivesCare]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="pack_changes",
        summary=_("Ce qui a changé depuis un paquet plus ancien, ligne par ligne"),
        parameters=[SINCE],
        responses=answers(CHANGES, PackChangesOutput, refusals=(404, 422)),
    )
    def get(self, request: Request, pack: UUID) -> HttpResponse:
        since = queries.read_query(ChangesQuery, request)["since"]
        changes = selectors.changes_between(selectors.pack_by_id(since), selectors.pack_by_id(pack))
        content = json.dumps(changes, ensure_ascii=False, separators=(",", ":")).encode()
        return _compact(content, JSON, request.headers.get("Accept-Encoding", ""))


def _compact(content: bytes, kind: str, accepted: str) -> HttpResponse:
    if "gzip" in accepted:
        return _immutable(gzip.compress(content, mtime=0), kind, "gzip")
    return _immutable(content, kind, "")


def _immutable(content: bytes, kind: str, encoding: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = FOR_EVER
    if encoding:
        response["Content-Encoding"] = encoding
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
