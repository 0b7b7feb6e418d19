"""That an insured person was at a counter: how it was shown, to whom, and until when it serves."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from insured.models.households import Insured

DIGEST_LENGTH = 64


class ProofLevel(models.TextChoices):
    """How presence was shown, strongest first."""

    CARD = "CARD", _("carte de l’assuré")
    ONE_TIME_CODE = "ONE_TIME_CODE", _("code reçu par SMS")
    PORTAL_QR = "PORTAL_QR", _("code QR du téléphone")
    ATTESTATION = "ATTESTATION", _("attestation du pharmacien")


class PresenceCode(models.Model):
    """A one-time code sent to an insured person's phone at a provider's asking; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    insured = models.ForeignKey(
        Insured, verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    inpe = models.CharField("INPE", max_length=10)
    code_hash = models.CharField(max_length=DIGEST_LENGTH)
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    attempts_left = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("code de présence")
        verbose_name_plural = _("codes de présence")
        indexes = [models.Index(fields=["insured", "asked_at"], name="presence_code_by_insured")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(attempts_left__gte=0), name="presence_attempts_are_counted_down"
            ),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("asked_at")), name="presence_code_ends"
            ),
        ]


class PresenceProof(models.Model):
    """One proof of presence. Append only: what the guarantee of a payment leans on."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    insured = models.ForeignKey(
        Insured, verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    # The provider whom it was shown to; the register is beside this room, which knows its number only.
    inpe = models.CharField("INPE", max_length=10)
    level = models.CharField(_("preuve"), max_length=15, choices=ProofLevel.choices)
    reason = models.CharField(_("motif"), max_length=200, blank=True)
    # Digest of the portal's code: one code proves one presence.
    evidence = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("constatée par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("faite le"))
    until = models.DateTimeField(_("sert jusqu’à"))

    class Meta:
        verbose_name = _("preuve de présence")
        verbose_name_plural = _("preuves de présence")
        indexes = [
            models.Index(fields=["insured", "inpe", "until"], name="presence_proof_by_insured")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence"],
                condition=~models.Q(evidence=""),
                name="one_presence_a_portal_code",
            ),
            models.CheckConstraint(
                condition=~models.Q(level=ProofLevel.ATTESTATION) | ~models.Q(reason=""),
                name="an_attestation_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("made_at")), name="presence_proof_ends"
            ),
        ]
