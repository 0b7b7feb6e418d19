"""Paper sheets: pads of numbers, what came back on paper, and its electronic twin (docs/paper.md)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.models.claim import Claim
from claims.states import (
    PAD_MACHINE,
    PAPER_MACHINE,
    SHEET_MACHINE,
    PadState,
    PaperState,
    SheetState,
)
from core.numbers import PAPER_PREFIX
from core.record_keys import new_key


class PaperPad(models.Model):
    """Sheets printed for one provider, each with a number that the server signed.

    `seal_jwk`: the public key that signed them, so that a later change of the seal refuses none.
    """

    MACHINE = PAD_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    reference = models.CharField(_("carnet"), max_length=14, unique=True)
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    sheet_count = models.SmallIntegerField(_("feuilles"))
    issued_on = models.DateField(_("remis le"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("demandé par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    seal_jwk = models.JSONField()
    state = models.CharField(_("état"), max_length=10, choices=PadState.choices)

    class Meta:
        verbose_name = _("carnet de feuilles")
        verbose_name_plural = _("carnets de feuilles")
        constraints = [
            models.CheckConstraint(condition=Q(sheet_count__gt=0), name="pad_is_not_empty")
        ]

    def __str__(self) -> str:
        return self.reference


class PaperSheet(models.Model):
    """One printed number, and how far it has come. An old form without number is given one, of no pad."""

    MACHINE = SHEET_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    fse_number = models.CharField(_("numéro FSE"), max_length=12, unique=True)
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    pad = models.ForeignKey(
        PaperPad,
        verbose_name=_("carnet"),
        null=True,
        on_delete=models.PROTECT,
        related_name="sheets",
    )
    position = models.SmallIntegerField(_("place"), null=True)
    signature = models.CharField(max_length=100, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=SheetState.choices)

    class Meta:
        verbose_name = _("feuille de carnet")
        verbose_name_plural = _("feuilles de carnet")
        ordering = ["pad", "position"]
        constraints = [
            models.UniqueConstraint(fields=["pad", "position"], name="one_sheet_a_place"),
            models.CheckConstraint(
                condition=Q(fse_number__startswith=PAPER_PREFIX), name="paper_has_its_own_prefix"
            ),
            models.CheckConstraint(
                condition=Q(pad__isnull=True, position__isnull=True, signature="")
                | (Q(pad__isnull=False, position__gt=0) & ~Q(signature="")),
                name="sheet_of_a_pad_is_placed_and_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.fse_number


class PaperFile(models.Model):
    """One paper sheet received for one provider's care, and the one claim it stands for. Centimes.

    The claim was made of it, or was there: then the paper changes nothing, and `difference` says what a
    person has to clear up.
    """

    MACHINE = PAPER_MACHINE

    class Proof(models.TextChoices):
        SCANNED = "SCANNED", _("code lu, signature vérifiée")
        TYPED = "TYPED", _("numéro tapé")
        NONE = "NONE", _("sans numéro")

    class Difference(models.TextChoices):
        AMOUNT = "AMOUNT", _("le montant")
        ACTS = "ACTS", _("les actes, les jours ou les quantités")
        SAID = "SAID", _("dite par l’agent")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    sheet = models.ForeignKey(
        PaperSheet,
        verbose_name=_("feuille"),
        null=True,
        on_delete=models.PROTECT,
        related_name="files",
    )
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    patient = models.ForeignKey(
        "insured.Person", verbose_name=_("bénéficiaire"), on_delete=models.PROTECT, related_name="+"
    )
    claim = models.ForeignKey(
        Claim, verbose_name=_("demande"), on_delete=models.PROTECT, related_name="papers"
    )
    proof = models.CharField(_("preuve"), max_length=10, choices=Proof.choices)
    deposited_on = models.DateField(_("déposée le"))
    charged_centimes = models.BigIntegerField(_("montant du papier"))
    difference = models.CharField(
        _("différence"), max_length=10, choices=Difference.choices, blank=True
    )
    note = models.TextField(_("remarque de l’agent"), blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reçue par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    received_at = models.DateTimeField(_("saisie le"))
    state = models.CharField(_("état"), max_length=10, choices=PaperState.choices)

    class Meta:
        verbose_name = _("feuille papier reçue")
        verbose_name_plural = _("feuilles papier reçues")
        constraints = [
            # What comes twice on paper is told so; what was keyed in wrongly is keyed in again.
            models.UniqueConstraint(
                fields=["sheet", "provider"],
                condition=~Q(state="WITHDRAWN"),
                name="one_paper_a_sheet_and_provider",
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=~Q(state="WITHDRAWN"), name="one_paper_a_claim"
            ),
            models.CheckConstraint(
                condition=Q(charged_centimes__gt=0), name="paper_charges_something"
            ),
            models.CheckConstraint(
                condition=~Q(state="QUESTIONED") | ~Q(difference=""),
                name="a_question_says_what_differs",
            ),
        ]

    def __str__(self) -> str:
        return self.sheet.fse_number if self.sheet else str(self.claim)


class PaperScan(models.Model):
    """The picture of a paper sheet, as it was uploaded: append only."""

    file = models.OneToOneField(
        PaperFile, primary_key=True, on_delete=models.PROTECT, related_name="scan"
    )
    media_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="scan_digest_is_sha256"
            )
        ]


class PaperTwin(models.Model):
    """The electronic document that arrived after its paper: kept as signed, billed never. Append only."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    file = models.ForeignKey(PaperFile, on_delete=models.PROTECT, related_name="twins")
    device = models.ForeignKey("providers.Device", on_delete=models.PROTECT, related_name="+")
    document = models.JSONField()
    document_hash = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=100)
    received_at = models.DateTimeField()
