"""What a pharmacy, or the insured, asks the prescriber about a prescription, and the thread that follows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key
from prescriptions.models.prescriptions import PrescribedItem, Prescription
from prescriptions.states import REQUEST_MACHINE, RequestState

BODY_LENGTH = 500


class RequestKind(models.TextChoices):
    """What is asked."""

    SUBSTITUTION = "SUBSTITUTION", _("remplacer un médicament")
    CLARIFICATION = "CLARIFICATION", _("préciser une ligne")
    STOCK = "STOCK", _("rupture de stock")
    AGREEMENT = "AGREEMENT", _("accord de la caisse")
    RENEWAL = "RENEWAL", _("renouveler l’ordonnance")


class RequestAnswer(models.TextChoices):
    """What the prescriber answers."""

    YES = "YES", _("oui")
    NO = "NO", _("non")
    CHANGED = "CHANGED", _("oui, autrement")


class PrescriptionRequest(models.Model):
    """One question to a prescriber, by a pharmacy or by the insured (then `pharmacy` is null)."""

    MACHINE = REQUEST_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    prescription = models.ForeignKey(
        Prescription,
        verbose_name=_("ordonnance"),
        on_delete=models.PROTECT,
        related_name="requests",
    )
    insured = models.ForeignKey(
        "insured.Insured", verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="+"
    )
    # The line it is about; null: the whole prescription.
    item = models.ForeignKey(
        PrescribedItem,
        verbose_name=_("ligne"),
        null=True,
        on_delete=models.PROTECT,
        related_name="requests",
    )
    kind = models.CharField(_("nature"), max_length=15, choices=RequestKind.choices)
    state = models.CharField(_("état"), max_length=10, choices=RequestState.choices)
    pharmacy = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("pharmacie"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    prescriber = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("prescripteur"),
        on_delete=models.PROTECT,
        related_name="requests",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("demandée par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("demandée le"))
    answer = models.CharField(
        _("réponse"), max_length=10, choices=RequestAnswer.choices, blank=True
    )
    answered_at = models.DateTimeField(_("répondue le"), null=True)

    class Meta:
        verbose_name = _("demande au prescripteur")
        verbose_name_plural = _("demandes au prescripteur")
        constraints = [
            models.UniqueConstraint(
                fields=["prescription", "item", "kind", "pharmacy"],
                condition=models.Q(state=RequestState.OPEN),
                nulls_distinct=False,
                name="one_open_request_a_question",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RequestState.ANSWERED, answered_at__isnull=False)
                & ~models.Q(answer="")
                | ~models.Q(state=RequestState.ANSWERED)
                & models.Q(answered_at__isnull=True, answer=""),
                name="request_answered_iff_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(pharmacy__isnull=False) | models.Q(kind=RequestKind.RENEWAL),
                name="the_insured_asks_for_renewal_only",
            ),
        ]


class RequestMessage(models.Model):
    """One message of the thread. Append only."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    request = models.ForeignKey(
        PrescriptionRequest,
        verbose_name=_("demande"),
        on_delete=models.PROTECT,
        related_name="messages",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("auteur"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    body = models.CharField(_("texte"), max_length=BODY_LENGTH)
    written_at = models.DateTimeField(_("écrit le"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["written_at", "id"]
