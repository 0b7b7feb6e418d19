"""The register: providers by INPE, their agreements, who may act for them, their devices and accounts."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.numbers import PAPER_PREFIX
from core.record_keys import new_key
from core.sealed_fields import SealedCharField
from providers.states import DEVICE_MACHINE, DeviceState


class Territory(models.Model):
    """A region, a province or a commune of Morocco, with its French and Arabic names."""

    class Kind(models.TextChoices):
        REGION = "REGION", _("région")
        PROVINCE = "PROVINCE", _("province ou préfecture")
        COMMUNE = "COMMUNE", _("commune")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(_("nature"), max_length=10, choices=Kind.choices)
    name_fr = models.CharField(_("nom français"), max_length=120)
    name_ar = models.CharField(_("nom arabe"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("dépend de"),
        null=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    source = models.CharField(_("source"), max_length=200)
    # Where its centre lies, in degrees (WGS 84); none where the list does not say.
    latitude = models.DecimalField(_("latitude"), max_digits=7, decimal_places=4, null=True)
    longitude = models.DecimalField(_("longitude"), max_digits=7, decimal_places=4, null=True)

    class Meta:
        verbose_name = _("territoire")
        verbose_name_plural = _("territoires")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="REGION", parent__isnull=True)
                | models.Q(kind__in=["PROVINCE", "COMMUNE"], parent__isnull=False),
                name="territory_has_a_parent_unless_region",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="territory_lies_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name_fr


class ProviderKind(models.TextChoices):
    DOCTOR = "DOCTOR", _("médecin")
    DENTIST = "DENTIST", _("chirurgien-dentiste")
    PHARMACY = "PHARMACY", _("pharmacie")
    LABORATORY = "LABORATORY", _("laboratoire")
    RADIOLOGY = "RADIOLOGY", _("radiologie")
    PARAMEDIC = "PARAMEDIC", _("paramédical")
    OPTICIAN = "OPTICIAN", _("opticien")
    ESTABLISHMENT = "ESTABLISHMENT", _("établissement")


class Sector(models.TextChoices):
    PRIVATE = "PRIVATE", _("privé")
    PUBLIC = "PUBLIC", _("public")


class Provider(models.Model):
    """A professional or an establishment, known by its INPE."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    inpe = models.CharField("INPE", max_length=10, unique=True)
    kind = models.CharField(_("nature"), max_length=15, choices=ProviderKind.choices)
    name = models.CharField(_("nom"), max_length=150)
    name_ar = models.CharField(_("nom arabe"), max_length=150, blank=True)
    speciality = models.CharField(_("spécialité"), max_length=80, blank=True)
    sector = models.CharField(_("secteur"), max_length=10, choices=Sector.choices)
    territory = models.ForeignKey(
        Territory, verbose_name=_("territoire"), null=True, on_delete=models.PROTECT
    )
    address = SealedCharField(_("adresse"), max_length=250, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("professionnel ou établissement")
        verbose_name_plural = _("professionnels et établissements")

    def __str__(self) -> str:
        return f"{self.name} ({self.inpe})"


class AgreementPeriod(models.Model):
    """A period in which the provider is under agreement (conventionné): half-open."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    provider = models.ForeignKey(
        Provider,
        verbose_name=_("professionnel"),
        on_delete=models.CASCADE,
        related_name="agreements",
    )
    period = DateRangeField(_("période"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("période de convention")
        verbose_name_plural = _("périodes de convention")
        constraints = [
            ExclusionConstraint(
                name="agreements_do_not_overlap",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Deux périodes de convention se chevauchent."),
            )
        ]

    def __str__(self) -> str:
        return str(self.provider)


class Membership(models.Model):
    """Who may act for a provider: its holder, who signs, or a delegate, who prepares."""

    class Standing(models.TextChoices):
        SIGNATORY = "SIGNATORY", _("signataire")
        DELEGATE = "DELEGATE", _("délégué")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("utilisateur"),
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    provider = models.ForeignKey(
        Provider, verbose_name=_("professionnel"), on_delete=models.PROTECT, related_name="members"
    )
    standing = models.CharField(_("qualité"), max_length=10, choices=Standing.choices)
    period = DateRangeField(_("période"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("appartenance")
        verbose_name_plural = _("appartenances")
        constraints = [
            ExclusionConstraint(
                name="memberships_do_not_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("provider", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.provider}"


class Device(models.Model):
    """A browser or a software that signs: its public P-256 key and the prefix of the numbers it mints."""

    MACHINE = DEVICE_MACHINE

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    provider = models.ForeignKey(
        Provider, verbose_name=_("professionnel"), on_delete=models.PROTECT, related_name="devices"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("utilisateur"),
        on_delete=models.PROTECT,
        related_name="devices",
    )
    label = models.CharField(_("nom du poste"), max_length=80)
    kid = models.CharField(_("empreinte de la clé"), max_length=43, unique=True)
    public_jwk = models.JSONField()
    prefix = models.CharField(_("préfixe des numéros"), max_length=5, unique=True)
    state = models.CharField(_("état"), max_length=10, choices=DeviceState.choices)
    enrolled_at = models.DateTimeField()
    # What the key signed from this instant on is not valid; none while the device is active.
    invalid_since = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # Declared stolen: what arrives signed by it waits for a person, whatever its clock says.
    stolen = models.BooleanField(_("volé"), default=False)

    class Meta:
        verbose_name = _("poste")
        verbose_name_plural = _("postes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="REVOKED", revoked_at__isnull=False)
                | ~models.Q(state="REVOKED") & models.Q(revoked_at__isnull=True),
                name="device_revoked_iff_revoked_at",
            ),
            models.CheckConstraint(
                condition=models.Q(state="ACTIVE", invalid_since__isnull=True)
                | ~models.Q(state="ACTIVE") & models.Q(invalid_since__isnull=False),
                name="device_is_valid_iff_active",
            ),
            models.CheckConstraint(
                condition=models.Q(stolen=False) | models.Q(state="REVOKED"),
                name="a_stolen_device_is_revoked",
            ),
            models.CheckConstraint(
                condition=~models.Q(prefix=PAPER_PREFIX), name="no_device_mints_for_paper"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def is_valid_at(self, instant: datetime) -> bool:
        """Tell whether what the key signs at an instant is valid."""
        return self.invalid_since is None or instant < self.invalid_since


class Outage(models.Model):
    """A declared outage: a zone (the whole country without one) and a window of instants.

    Filing limits and validities that end inside it are extended by themselves (docs/offline.md).
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    code = models.CharField(_("numéro"), max_length=20, unique=True)
    territory = models.ForeignKey(
        Territory,
        verbose_name=_("zone"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    since = models.DateTimeField(_("début"))
    until = models.DateTimeField(_("fin"), null=True)
    reason = models.CharField(_("motif"), max_length=300)
    declared_at = models.DateTimeField(_("déclarée le"))

    class Meta:
        verbose_name = _("panne déclarée")
        verbose_name_plural = _("pannes déclarées")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="outage_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return self.code


class SoftwareToken(models.Model):
    """The access of one software of a provider to the API; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    provider = models.ForeignKey(
        Provider,
        verbose_name=_("professionnel"),
        on_delete=models.PROTECT,
        related_name="software_tokens",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("utilisateur"),
        on_delete=models.PROTECT,
        related_name="software_tokens",
    )
    software = models.CharField(_("logiciel"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("jeton de logiciel")
        verbose_name_plural = _("jetons de logiciel")

    def __str__(self) -> str:
        return self.software
