"""Where payees are paid: accounts with their periods, and the changes asked for."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.record_keys import new_key
from core.sealed_fields import SealedCharField
from payments.rules import Payee, PayeeKind
from payments.states import CHANGE_MACHINE, OPEN_CHANGES, ChangeState

ONE_PAYEE = Q(insured__isnull=True, provider__isnull=False) | Q(
    insured__isnull=False, provider__isnull=True
)
RIB_DIGITS = Q(rib__regex=r"^\d{24}$")


class OfOnePayee(models.Model):
    """What belongs to one insured person or to one provider, never to both."""

    insured = models.ForeignKey(
        "insured.Insured",
        verbose_name=_("assuré"),
        null=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
    )
    provider = models.ForeignKey(
        "providers.Provider",
        verbose_name=_("professionnel"),
        null=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
    )

    class Meta:
        abstract = True

    @property
    def payee(self) -> Payee:
        """Who is paid."""
        if self.provider_id is not None:
            return Payee(PayeeKind.PROVIDER, self.provider_id)
        return Payee(PayeeKind.INSURED, self.insured_id)


class PayeeAccount(OfOnePayee):
    """The bank account on which a payee is paid: one open account at a time."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    rib = SealedCharField("RIB", max_length=24)
    holder = models.CharField(_("titulaire"), max_length=70)
    period = DateRangeField(_("période"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("compte bancaire")
        verbose_name_plural = _("comptes bancaires")
        constraints = [
            models.CheckConstraint(condition=ONE_PAYEE, name="account_has_one_payee"),
            models.CheckConstraint(
                condition=RIB_DIGITS,
                name="account_rib_has_24_digits",
                violation_error_message=_("Un RIB compte 24 chiffres."),
            ),
            ExclusionConstraint(
                name="insured_payee_accounts_do_not_overlap",
                expressions=[
                    ("insured", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="provider_payee_accounts_do_not_overlap",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.holder


class AccountChange(OfOnePayee):
    """A change of account: asked, proved a second time, told to the old contact, and only then done.

    `document_reference` names the paper an agent read when the payee did not ask in person.
    """

    MACHINE = CHANGE_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    state = models.CharField(_("état"), max_length=10, choices=ChangeState.choices)
    rib = SealedCharField("RIB", max_length=24)
    holder = models.CharField(_("titulaire"), max_length=70)
    document_reference = models.CharField(_("pièce"), max_length=80, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("demandé par"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("demandé le"))
    expires_on = models.DateField(_("expire le"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmé par"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(null=True)
    proof = models.CharField(_("preuve"), max_length=20, blank=True)
    opens_on = models.DateField(_("prend effet le"), null=True)
    contested_at = models.DateTimeField(null=True)
    account = models.OneToOneField(
        PayeeAccount, null=True, on_delete=models.PROTECT, related_name="change"
    )

    class Meta:
        verbose_name = _("changement de compte")
        verbose_name_plural = _("changements de compte")
        constraints = [
            models.CheckConstraint(condition=ONE_PAYEE, name="change_has_one_payee"),
            models.CheckConstraint(condition=RIB_DIGITS, name="change_rib_has_24_digits"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True, proof="")
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(proof="")),
                name="change_confirmed_with_proof",
            ),
            models.CheckConstraint(
                condition=Q(document_reference="")
                | Q(confirmed_by__isnull=True)
                | ~Q(confirmed_by=F("asked_by")),
                name="who_asks_for_another_never_confirms",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["COOLING", "APPLIED"])
                | Q(confirmed_by__isnull=False, opens_on__isnull=False),
                name="no_change_cools_unproved",
            ),
            models.CheckConstraint(
                condition=~Q(state="CONTESTED") | Q(contested_at__isnull=False),
                name="change_contested_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(state="APPLIED", account__isnull=False)
                | (~Q(state="APPLIED") & Q(account__isnull=True)),
                name="change_applied_iff_account",
            ),
            models.UniqueConstraint(
                fields=["insured"],
                condition=Q(state__in=OPEN_CHANGES),
                name="one_open_change_per_insured",
            ),
            models.UniqueConstraint(
                fields=["provider"],
                condition=Q(state__in=OPEN_CHANGES),
                name="one_open_change_per_provider",
            ),
        ]

    def __str__(self) -> str:
        return self.holder


class AccountNotice(models.Model):
    """What the old contact was told of a change, through which channel, in their own language.

    Append only. PORTAL is a sentence waiting for a person in their space; LETTER is one an agent
    prints and posts, for payees nobody signs in for. No mail is sent by the system.
    """

    class Channel(models.TextChoices):
        PORTAL = "PORTAL", _("espace en ligne")
        LETTER = "LETTER", _("courrier à poster")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    change = models.ForeignKey(
        AccountChange,
        verbose_name=_("changement"),
        on_delete=models.PROTECT,
        related_name="notices",
    )
    channel = models.CharField(_("canal"), max_length=6, choices=Channel.choices)
    told = models.CharField(_("étape"), max_length=10, choices=ChangeState.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    recipient = models.CharField(_("destinataire"), max_length=80)
    language = models.CharField(_("langue"), max_length=2)
    text = models.TextField(_("texte"))
    at = models.DateTimeField(_("le"))

    class Meta:
        verbose_name = _("avis")
        verbose_name_plural = _("avis")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="PORTAL", user__isnull=False)
                | Q(channel="LETTER", user__isnull=True),
                name="portal_notice_has_a_reader",
            ),
        ]
