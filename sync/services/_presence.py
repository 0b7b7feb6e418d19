"""The proof of presence that a counter noted with no network: judged as on line, at the instant of signing.

The boxes are out: a proof that proves nothing takes nothing away but its guarantee, and is told.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.api.parsers import unreadable_texts
from core.errors import DomainError
from insured import services as insured
from insured.models import PresenceProof, ProofLevel
from insured.selectors import person_by_id
from providers.intake import Offline
from providers.models import Device
from sync.services._refusals import PresenceRefused

_LONGEST = 200
# A code sent to a telephone is typed while the network is there: it is checked on line only.
_JUDGES: Mapping[str, Callable[..., PresenceProof]] = {
    ProofLevel.CARD.value: lambda evidence, **asked: insured.show_card(card=evidence, **asked),
    ProofLevel.PORTAL_QR.value: lambda evidence, **asked: insured.check_portal_code(
        text=evidence, **asked
    ),
    ProofLevel.ATTESTATION.value: lambda evidence, **asked: insured.attest_presence(
        reason=evidence, **asked
    ),
}


def judge_presence(
    offered: Any, *, patient: UUID, device: Device, offline: Offline, at: datetime
) -> DomainError | None:
    """Keep the proof a content offers, or return why it proves nothing; None where it holds, or none was
    offered, or the patient is unknown (which the document is refused for)."""
    person = person_by_id(patient)
    if offered is None or person is None:
        return None
    level, evidence = _read(offered)
    judge = _JUDGES.get(level)
    if judge is None:
        return PresenceRefused(why=_("cette preuve ne se présente pas hors ligne"))
    try:
        judge(
            evidence,
            insured=person.insured,
            inpe=device.provider.inpe,
            by=device.user,
            at=at,
            shown_at=offline.signed_at,
        )
    except tuple(_WHY) as refusal:
        return PresenceRefused(why=_WHY[type(refusal)])
    return None


_WHY: Mapping[type[DomainError], Any] = {
    insured.CardOfAnother: _("la carte est celle d’un autre"),
    insured.PortalCodeRefused: _(
        "le code QR est illisible, périmé ce jour-là, déjà utilisé ou d’un autre"
    ),
    insured.AttestationWithoutReason: _("l’attestation n’a pas de motif"),
}


def _read(offered: Any) -> tuple[str, str]:
    """The level and the evidence of a proof; of what is none, an unknown level."""
    if not isinstance(offered, dict) or set(offered) != {"level", "evidence"}:
        return "", ""
    level, evidence = offered["level"], offered["evidence"]
    if not isinstance(level, str) or not isinstance(evidence, str) or len(evidence) > _LONGEST:
        return "", ""
    if unreadable_texts(evidence):
        return "", ""
    return level, evidence
