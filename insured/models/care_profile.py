"""What a professional must know of a person before a treatment."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.record_keys import new_key
from insured.models.households import Insured, Person


class CareProfile(models.Model):
    """Allergies, pregnancy, breast-feeding, and consent to show the history; null is « never asked »."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    person = models.OneToOneField(
        Person,
        verbose_name=_("bénéficiaire"),
        on_delete=models.CASCADE,
        related_name="care_profile",
    )
    insured = models.ForeignKey(
        Insured, verbose_name=_("assuré"), on_delete=models.CASCADE, related_name="+"
    )
    # [{"inn": "amoxicilline", "atc": ""}, {"inn": "", "atc": "J01C"}]: a substance or a class; [] is « none ».
    allergies = models.JSONField(_("allergies"), null=True)
    pregnant = models.BooleanField(_("enceinte"), null=True)
    breast_feeding = models.BooleanField(_("allaite"), null=True)
    # Last day on which the two answers above hold; after it they are unknown again.
    holds_until = models.DateField(_("valable jusqu’au"), null=True)
    shares_history = models.BooleanField(_("consent à montrer ses traitements"), null=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("dossier de soins")
        verbose_name_plural = _("dossiers de soins")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pregnant__isnull=True, breast_feeding__isnull=True)
                | models.Q(holds_until__isnull=False),
                name="pregnancy_answer_holds_until_a_day",
            )
        ]
