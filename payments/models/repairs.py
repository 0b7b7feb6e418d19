"""Returned transfers as files to repair."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from payments.models.settlement import PaymentOrder
from payments.states import REPAIR_MACHINE, RepairState


class PaymentRepair(models.Model):
    """One returned transfer, until what it paid is paid: who must do something, and since when."""

    MACHINE = REPAIR_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    order = models.OneToOneField(
        PaymentOrder, verbose_name=_("virement"), on_delete=models.PROTECT, related_name="repair"
    )
    state = models.CharField(_("état"), max_length=13, choices=RepairState.choices)
    # The bank's reason code (ISO 20022), or its own; empty when it gave none.
    code = models.CharField(_("code de la banque"), max_length=35, blank=True)
    opened_at = models.DateTimeField(_("revenu le"))
    since = models.DateTimeField(_("depuis"))
    next_order = models.ForeignKey(
        PaymentOrder,
        verbose_name=_("virement suivant"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("virement à réparer")
        verbose_name_plural = _("virements à réparer")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["REPAIRED", "REPLACED"], next_order__isnull=False)
                | (~Q(state__in=["REPAIRED", "REPLACED"]) & Q(next_order__isnull=True)),
                name="repair_ends_with_an_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)
