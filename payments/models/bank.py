"""What the bank answered: its files as received, and the one thing each said first of a transfer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from payments.models.settlement import PaymentBatch, PaymentOrder


class BankAnswer(models.Model):
    """A bank's file, kept as received with its proof of origin; the same bytes are applied once."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    batches = models.ManyToManyField(PaymentBatch, related_name="answers")
    message = models.CharField(_("message"), max_length=20)
    file_hash = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    # The detached signature beside the file, and the name of the key that made it (RFC 7638).
    signature = models.TextField(blank=True)
    signed_by = models.CharField(max_length=43, blank=True)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=80)
    paid_count = models.IntegerField()
    returned_count = models.IntegerField()


class BankLine(models.Model):
    """What a file said of a transfer that no file of its kind had said before: append only."""

    class Source(models.TextChoices):
        REPORT = "REPORT", _("compte rendu (pain.002)")
        NOTICE = "NOTICE", _("avis d’écriture (camt.054)")

    class Outcome(models.TextChoices):
        PAID = "PAID", _("exécuté")
        RETURNED = "RETURNED", _("rejeté")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    answer = models.ForeignKey(BankAnswer, on_delete=models.PROTECT, related_name="lines")
    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="bank_lines")
    source = models.CharField(max_length=6, choices=Source.choices)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "source", "outcome"], name="bank_says_a_thing_once"
            ),
        ]
