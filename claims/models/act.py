"""The list of acts (NGAP), in dated versions, and prior approvals granted for them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key


class Act(models.Model):
    """One version of an act: a key letter and a coefficient, or a flat tariff.

    An imported act without a key letter is *unmapped*: listed, waiting for a person, not billable.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    code = models.CharField(_("code"), max_length=20)
    label = models.TextField(_("libellé"), blank=True)
    label_ar = models.TextField(_("libellé arabe"), blank=True)
    chapter = models.CharField(_("chapitre"), max_length=250, blank=True)
    letter = models.CharField(_("lettre clé"), max_length=6, blank=True)
    coefficient_hundredths = models.IntegerField(_("coefficient, centièmes"), null=True)
    coefficient_text = models.CharField(_("coefficient publié"), max_length=80, blank=True)
    flat_tariff_centimes = models.BigIntegerField(_("forfait"), null=True)
    covered = models.BooleanField(_("pris en charge"), default=True)
    needs_prior_approval = models.BooleanField(_("soumis à entente préalable"), default=False)
    ceiling = models.CharField(_("plafond"), max_length=40, blank=True)
    frequency = models.CharField(_("périodicité"), max_length=40, blank=True)
    period = DateRangeField(_("validité"))
    source = models.CharField(_("source"), max_length=250)
    search_text = models.TextField(editable=False)

    class Meta:
        verbose_name = _("acte")
        verbose_name_plural = _("nomenclature des actes")
        indexes = [GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="act_search")]
        constraints = [
            ExclusionConstraint(
                name="act_versions_do_not_overlap",
                expressions=[("code", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                violation_error_message=_("Deux versions de cet acte se chevauchent."),
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(coefficient_hundredths__isnull=True)
                    | models.Q(coefficient_hundredths__gt=0)
                )
                & (
                    models.Q(flat_tariff_centimes__isnull=True)
                    | models.Q(flat_tariff_centimes__gt=0)
                ),
                name="act_price_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    @property
    def is_billable(self) -> bool:
        """Whether the act has what a tariff needs: a flat tariff, or a letter and a coefficient."""
        return self.flat_tariff_centimes is not None or bool(
            self.letter and self.coefficient_hundredths
        )


class PriorApproval(models.Model):
    """An agreement given before the act (entente préalable), for a quantity and a period."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    patient = models.ForeignKey(
        "insured.Person", verbose_name=_("bénéficiaire"), on_delete=models.PROTECT, related_name="+"
    )
    act_code = models.CharField(_("code de l’acte"), max_length=20)
    quantity = models.SmallIntegerField(_("quantité"))
    period = DateRangeField(_("validité"))
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("entente préalable")
        verbose_name_plural = _("ententes préalables")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="approval_quantity_is_positive"
            )
        ]

    def __str__(self) -> str:
        return f"{self.act_code} × {self.quantity}"
