"""Amounts that a screen showed without network, and that today's facts give otherwise: append only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from claims.models.claim import Claim
from core.record_keys import new_key


class ShownCause(models.TextChoices):
    """Why they differ: `claims.adjudication.as_shown.Cause`, in words."""

    LAW_CHANGED = "LAW_CHANGED", _("la loi a changé depuis")
    PACK_OLDER = "PACK_OLDER", _("les listes de prix ou d’actes ont changé depuis")
    CEILING_REACHED = "CEILING_REACHED", _("un plafond ou une périodicité a servi ailleurs depuis")
    RIGHTS_CHANGED = "RIGHTS_CHANGED", _("les droits ne sont pas ceux que le poste connaissait")
    PROVIDER_CHANGED = (
        "PROVIDER_CHANGED",
        _("le conventionnement n’est pas celui que le poste connaissait"),
    )
    APPROVAL_CHANGED = (
        "APPROVAL_CHANGED",
        _("l’entente préalable n’est pas celle que le poste connaissait"),
    )
    PRESCRIPTION_DIFFERS = (
        "PRESCRIPTION_DIFFERS",
        _("l’ordonnance signée en dit plus que le papier"),
    )
    FILED_LATE = "FILED_LATE", _("le dossier est arrivé hors délai")
    PACK_UNKNOWN = "PACK_UNKNOWN", _("le paquet de référence nommé n’a jamais été émis")
    PACK_EXPIRED = "PACK_EXPIRED", _("le paquet de référence n’était plus valable ce jour-là")
    PACK_GONE = "PACK_GONE", _("le paquet de référence est trop ancien pour être relu")
    NOT_OF_THE_ENGINE = "NOT_OF_THE_ENGINE", _("le calcul ne donne pas ces montants avec ce paquet")


class ShownAmount(models.Model):
    """One line that a device showed otherwise than today's facts give, and what is paid of it. Centimes.

    `standing_centimes` is what today's facts give; `paid_centimes` what the claim's first decision pays:
    as shown where the fund bears the causes (`is_honoured`), as it stands elsewhere.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    claim = models.ForeignKey(
        Claim, verbose_name=_("demande"), on_delete=models.PROTECT, related_name="shown"
    )
    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    position = models.SmallIntegerField()
    # As the envelope names it; it may be none of ours.
    pack = models.CharField(max_length=80, blank=True)
    shown_centimes = models.BigIntegerField(_("affiché"))
    standing_centimes = models.BigIntegerField(_("selon les données d’aujourd’hui"))
    paid_centimes = models.BigIntegerField(_("décidé"))
    causes = ArrayField(models.CharField(max_length=20, choices=ShownCause.choices))
    is_honoured = models.BooleanField(_("payé comme affiché"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("montant affiché hors ligne")
        verbose_name_plural = _("montants affichés hors ligne")
        constraints = [
            models.UniqueConstraint(fields=["claim", "position"], name="a_line_is_shown_once"),
            models.CheckConstraint(condition=~Q(causes=[]), name="a_shown_difference_has_a_cause"),
            models.CheckConstraint(
                condition=Q(shown_centimes__gte=0)
                & Q(standing_centimes__gte=0)
                & Q(paid_centimes__gte=0),
                name="shown_amounts_are_amounts",
            ),
            models.CheckConstraint(
                condition=Q(is_honoured=True) | Q(paid_centimes=F("standing_centimes")),
                name="what_is_not_honoured_stands",
            ),
        ]
