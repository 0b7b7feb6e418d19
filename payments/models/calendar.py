"""The published calendar: on which days the fund pays whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.record_keys import new_key


class PaymentDay(models.Model):
    """A day of payment: one batch for it, prepared once its cut-off is past."""

    class Payees(models.TextChoices):
        INSURED = "INSURED", _("assurés")
        PROVIDER = "PROVIDER", _("professionnels")
        BOTH = "BOTH", _("assurés et professionnels")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    day = models.DateField(_("jour du paiement"))
    payees = models.CharField(_("bénéficiaires du paiement"), max_length=8, choices=Payees.choices)
    cut_off = models.DateTimeField(_("date limite de décision"))
    note = models.CharField(_("remarque"), max_length=200, blank=True)
    is_open = models.BooleanField(_("maintenu"), default=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("jour de paiement")
        verbose_name_plural = _("calendrier des paiements")
        ordering = ["day", "payees"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "payees"],
                name="one_payment_day_a_kind",
                violation_error_message=_("Ce jour existe déjà pour ces bénéficiaires."),
            ),
            models.CheckConstraint(
                condition=models.Q(cut_off__date__lte=models.F("day")),
                name="cut_off_comes_first",
                violation_error_message=_("La date limite ne peut pas suivre le paiement."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}, {self.get_payees_display()}"
