"""The balanced ledger, payment orders and batches, and what the bank answered."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from core.sealed_fields import SealedCharField
from payments.models.calendar import PaymentDay
from payments.states import BATCH_MACHINE, ORDER_MACHINE, BatchState, OrderState


class LedgerEntry(models.Model):
    """One side of a posting, in centimes: append only, sum zero per posting at every commit."""

    class Account(models.TextChoices):
        BENEFITS = "BENEFITS", _("prestations AMO")
        PAYABLE_INSURED = "PAYABLE_INSURED", _("dû aux assurés")
        PAYABLE_PROVIDER = "PAYABLE_PROVIDER", _("dû aux professionnels")
        TRANSIT = "TRANSIT", _("virements en cours")
        BANK = "BANK", _("banque")
        RECEIVABLE = "RECEIVABLE", _("indus à récupérer")

    class Side(models.TextChoices):
        DEBIT = "DEBIT", _("débit")
        CREDIT = "CREDIT", _("crédit")

    pk = models.CompositePrimaryKey("id", "at")
    id = models.UUIDField(default=new_key, editable=False)
    at = models.DateTimeField()
    posting_id = models.UUIDField()
    account = models.CharField(max_length=20, choices=Account.choices)
    side = models.CharField(max_length=6, choices=Side.choices)
    amount_centimes = models.BigIntegerField()
    payee_id = models.UUIDField()
    insured_id = models.UUIDField(null=True)
    claim_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["posting_id"], name="ledger_posting"),
            models.Index(fields=["claim_id"], name="ledger_claim"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_centimes__gt=0), name="entry_is_positive"),
            models.CheckConstraint(
                condition=Q(side__in=["DEBIT", "CREDIT"]), name="entry_has_a_side"
            ),
        ]


class Posting(models.Model):
    """One thing that moved money, once: what the two entries of `posting_id` say happened.

    `source_id` is the decision of an approval, or the order's claim of what the bank does.
    """

    class Kind(models.TextChoices):
        APPROVED = "APPROVED", _("accord")
        SENT = "SENT", _("transmission à la banque")
        PAID = "PAID", _("virement exécuté")
        RETURNED = "RETURNED", _("virement rejeté")
        REVERSED = "REVERSED", _("extourne")
        UNDUE = "UNDUE", _("indu constaté")
        RECOVERED = "RECOVERED", _("retenue")
        GIVEN_BACK = "GIVEN_BACK", _("retenue annulée")
        WAIVED = "WAIVED", _("indu abandonné")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_id"], name="posting_happens_once"),
        ]


class PaymentBatch(models.Model):
    """A frozen set of orders: prepared by one person, approved by another, sent as one file."""

    MACHINE = BATCH_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    number = models.CharField(_("numéro"), max_length=20, unique=True)
    state = models.CharField(_("état"), max_length=20, choices=BatchState.choices)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("préparé par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approuvé par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(null=True)
    exported_at = models.DateTimeField(null=True)
    execution_date = models.DateField(_("date d’exécution"))
    payment_day = models.ForeignKey(
        PaymentDay,
        verbose_name=_("jour de paiement"),
        null=True,
        on_delete=models.PROTECT,
        related_name="batches",
    )
    order_count = models.IntegerField(_("virements"))
    control_sum_centimes = models.BigIntegerField(_("somme de contrôle"))
    content_hash = models.CharField(max_length=64)
    file_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("bordereau de paiement")
        verbose_name_plural = _("bordereaux de paiement")
        constraints = [
            models.UniqueConstraint(
                fields=["payment_day"],
                condition=~Q(state="CANCELLED"),
                name="one_batch_a_payment_day",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
                name="who_prepares_never_approves",
                violation_error_message=_(
                    "La personne qui a préparé ce bordereau ne l’approuve pas."
                ),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approval_is_a_pair",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=["APPROVED", "EXPORTED", "SETTLED", "PARTLY_SETTLED", "RECONCILED"]
                )
                | Q(approved_by__isnull=False),
                name="no_batch_leaves_unapproved",
            ),
            models.CheckConstraint(
                condition=Q(order_count__gt=0, control_sum_centimes__gt=0),
                name="batch_is_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PaymentOrder(models.Model):
    """One transfer to one payee: an insured person, or a provider for third-party payment.

    Its amount is what its claims are due less what is taken back; at zero nothing goes to the bank.
    """

    MACHINE = ORDER_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    batch = models.ForeignKey(
        PaymentBatch, verbose_name=_("bordereau"), on_delete=models.PROTECT, related_name="orders"
    )
    reference = models.CharField(_("référence"), max_length=35, unique=True)
    state = models.CharField(_("état"), max_length=12, choices=OrderState.choices)
    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        null=True,
        on_delete=models.PROTECT,
        related_name="payment_orders",
    )
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        null=True,
        on_delete=models.PROTECT,
        related_name="payment_orders",
    )
    rib = SealedCharField("RIB", max_length=24)
    holder = models.CharField(_("titulaire"), max_length=70)
    amount_centimes = models.BigIntegerField(_("montant"))
    answered_at = models.DateTimeField(null=True)
    return_reason = models.CharField(_("motif du rejet"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("ordre de virement")
        verbose_name_plural = _("ordres de virement")
        constraints = [
            models.CheckConstraint(
                condition=Q(insured__isnull=True, provider__isnull=False)
                | Q(insured__isnull=False, provider__isnull=True),
                name="order_has_one_payee",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_centimes__gt=0,
                    state__in=["READY", "SENT", "PAID", "RETURNED", "CANCELLED"],
                )
                | Q(amount_centimes=0, state__in=["READY", "COMPENSATED", "CANCELLED"]),
                name="nothing_is_sent_for_nothing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PAID", "RETURNED"], answered_at__isnull=False)
                | (~Q(state__in=["PAID", "RETURNED"]) & Q(answered_at__isnull=True)),
                name="order_answered_iff_answered_at",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class OrderClaim(models.Model):
    """The claim paid by an order; `is_live` until the order is returned or cancelled: paid once.

    `amount_centimes` is due, of which `recovered_centimes` pays the payee's debts.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    order = models.ForeignKey(
        PaymentOrder, verbose_name=_("virement"), on_delete=models.PROTECT, related_name="claims"
    )
    claim = models.ForeignKey(
        "claims.Claim", verbose_name=_("demande"), on_delete=models.PROTECT, related_name="orders"
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    amount_centimes = models.BigIntegerField()
    recovered_centimes = models.BigIntegerField(default=0)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(is_live=True), name="a_claim_is_paid_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_centimes__gt=0), name="paid_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(recovered_centimes__gte=0)
                & Q(recovered_centimes__lte=F("amount_centimes")),
                name="never_taken_back_more_than_due",
            ),
        ]

    @property
    def sent_centimes(self) -> int:
        """What goes to the bank for this claim: its due less what is taken back."""
        return self.amount_centimes - self.recovered_centimes
