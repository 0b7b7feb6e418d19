"""What offline devices sent: envelopes, the chain of each device, and what was strange about it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from sync.states import ENVELOPE_MACHINE, EnvelopeState

HASH_LENGTH = 43


class EnvelopeKind(models.TextChoices):
    PRESCRIPTION = "prescription", _("ordonnance")
    CARE_CLAIM = "care_claim", _("feuille de soins")
    DISPENSING = "dispensing", _("délivrance")
    CANCELLATION = "cancellation", _("annulation d’ordonnance")
    REVERSAL = "reversal", _("reprise de délivrance")


class DeviceChain(models.Model):
    """How far the chain of a device has been settled. Its row is the lock that keeps the order."""

    device = models.OneToOneField(
        "providers.Device",
        verbose_name=_("poste"),
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="chain",
    )
    sequence = models.IntegerField(_("dernier numéro"), default=0)
    # Of the envelope of that number; the device's key before the first one.
    hash = models.CharField(max_length=HASH_LENGTH)
    anchored_at = models.DateTimeField(_("dernier contact"), null=True)
    # The latest plausible instant of what was settled: time does not go back along a chain.
    reached_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(sequence__gte=0), name="chain_begins_at_zero")
        ]


class Envelope(models.Model):
    """One signed envelope as it came, and what became of it. `raw` is never changed."""

    MACHINE = ENVELOPE_MACHINE

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(
        "providers.Device",
        verbose_name=_("poste"),
        on_delete=models.PROTECT,
        related_name="envelopes",
    )
    sequence = models.IntegerField(_("numéro"))
    previous = models.CharField(max_length=HASH_LENGTH)
    hash = models.CharField(max_length=HASH_LENGTH)
    kind = models.CharField(_("nature"), max_length=15, choices=EnvelopeKind.choices)
    state = models.CharField(_("état"), max_length=15, choices=EnvelopeState.choices)
    # Another envelope bears its number: it has no place in the chain.
    is_fork = models.BooleanField(default=False)
    # Its place in the chain was reached and judged; what is decided later moves it no more.
    in_chain = models.BooleanField(default=False)
    raw = models.BinaryField()
    received_at = models.DateTimeField(_("reçu le"))
    carried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("apporté par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    # Evidence of time, once judged.
    anchor_id = models.UUIDField(null=True)
    earliest = models.DateTimeField(null=True)
    latest = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(_("signé vers"), null=True)
    flags = ArrayField(models.CharField(max_length=20), default=list)
    charged_centimes = models.BigIntegerField(default=0)
    # What became of it, as it is answered.
    code = models.CharField(_("code"), max_length=40, blank=True)
    message = models.JSONField(null=True)
    errors = models.JSONField(default=list)
    result = models.JSONField(null=True)
    receipt = models.TextField(blank=True)
    settled_at = models.DateTimeField(_("traité le"), null=True)
    fse_number = models.CharField(_("numéro FSE"), max_length=12, blank=True)
    insured = models.ForeignKey(
        "insured.Insured", null=True, on_delete=models.PROTECT, related_name="+"
    )
    claim = models.ForeignKey("claims.Claim", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("enveloppe")
        verbose_name_plural = _("enveloppes")
        constraints = [
            models.UniqueConstraint(
                fields=["device", "sequence"],
                condition=models.Q(is_fork=False),
                name="one_envelope_a_place",
            ),
            models.CheckConstraint(
                condition=models.Q(sequence__gte=1), name="envelope_number_from_one"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["RECEIVED", "HELD"], settled_at__isnull=True)
                | ~models.Q(state__in=["RECEIVED", "HELD"]) & models.Q(settled_at__isnull=False),
                name="envelope_settled_iff_settled_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["device", "sequence"],
                name="envelope_waiting",
                condition=models.Q(state__in=["RECEIVED", "HELD"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} · {self.sequence}"


class IncidentKind(models.TextChoices):
    ID_REUSED = "ID_REUSED", _("même identifiant, autre contenu")
    BAD_SIGNATURE = "BAD_SIGNATURE", _("signature fausse")
    FORK = "FORK", _("deux enveloppes du même numéro")
    KEY_NOT_VALID = "KEY_NOT_VALID", _("clé arrêtée au moment de signer")
    CLOCK = "CLOCK", _("horloge invraisemblable")
    LIMIT = "LIMIT", _("limite hors ligne dépassée")
    GAP_FORCED = "GAP_FORCED", _("trou passé outre")
    DOUBLE_HANDOVER = "DOUBLE_HANDOVER", _("ordonnance délivrée deux fois")
    CODE_DIFFERS = "CODE_DIFFERS", _("document différent du code")
    DUPLICATE = "DUPLICATE", _("déjà reçu par une autre voie")
    PRESENCE = "PRESENCE", _("preuve de présence fausse, périmée ou d’un autre")
    SHOWN_DIFFERS = "SHOWN_DIFFERS", _("montants affichés que rien ne donne")


class Incident(models.Model):
    """Something strange that a person may want to know: append only.

    `digest` names what was seen, so that seeing it again adds nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    at = models.DateTimeField(_("vu le"))
    kind = models.CharField(_("nature"), max_length=20, choices=IncidentKind.choices)
    device = models.ForeignKey(
        "providers.Device",
        verbose_name=_("poste"),
        on_delete=models.PROTECT,
        related_name="incidents",
    )
    envelope = models.ForeignKey(
        Envelope, null=True, on_delete=models.PROTECT, related_name="incidents"
    )
    insured = models.ForeignKey(
        "insured.Insured", null=True, on_delete=models.PROTECT, related_name="+"
    )
    digest = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    # What came and could not be kept as an envelope.
    raw = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.UniqueConstraint(fields=["kind", "digest"], name="an_incident_is_told_once")
        ]
