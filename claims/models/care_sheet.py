"""The sheet: one FSE number for one person and one event."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key


class CareSheet(models.Model):
    """What gathers the claims of one event under one FSE number; opened by the first that arrives."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    fse_number = models.CharField(_("numéro FSE"), max_length=12, unique=True)
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    patient = models.ForeignKey(
        "insured.Person",
        verbose_name=_("bénéficiaire"),
        on_delete=models.PROTECT,
        related_name="sheets",
    )
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("feuille de soins")
        verbose_name_plural = _("feuilles de soins")

    def __str__(self) -> str:
        return self.fse_number
