"""Insured persons and dependants, their dated rights and long illnesses."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.record_keys import new_key
from core.sealed_fields import SealedCharField


class Scheme(models.TextChoices):
    SALARIED = "SALARIED", _("AMO salariés")
    SELF_EMPLOYED = "SELF_EMPLOYED", _("AMO TNS")
    ACHAMIL = "ACHAMIL", _("AMO ACHAMIL")
    TADAMON = "TADAMON", _("AMO TADAMON")
    PENSIONER = "PENSIONER", _("AMO pensionnés")


class Insured(models.Model):
    """The holder of rights, with one immatriculation; the people covered are `Person` rows."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    registration_number = models.CharField(_("numéro d’immatriculation"), max_length=9, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("utilisateur"),
        null=True,
        on_delete=models.PROTECT,
        related_name="insured",
    )
    phone = SealedCharField(_("téléphone"), max_length=20, blank=True)
    address = SealedCharField(_("adresse"), max_length=250, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("assuré")
        verbose_name_plural = _("assurés")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(registration_number__regex=r"^\d{9}$"),
                name="registration_number_has_9_digits",
                violation_error_message=_("Une immatriculation compte 9 chiffres."),
            )
        ]

    def __str__(self) -> str:
        return self.registration_number


class Person(models.Model):
    """Someone covered: the insured person or a dependant. The patient of a care sheet."""

    class Relation(models.TextChoices):
        SELF = "SELF", _("assuré")
        SPOUSE = "SPOUSE", _("conjoint")
        CHILD = "CHILD", _("enfant")

    class Sex(models.TextChoices):
        FEMALE = "F", _("femme")
        MALE = "M", _("homme")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    insured = models.ForeignKey(
        Insured, verbose_name=_("assuré"), on_delete=models.PROTECT, related_name="persons"
    )
    relation = models.CharField(_("lien"), max_length=10, choices=Relation.choices)
    first_name = models.CharField(_("prénom"), max_length=80)
    last_name = models.CharField(_("nom"), max_length=80)
    name_ar = models.CharField(_("nom arabe"), max_length=150, blank=True)
    birth_date = models.DateField(_("date de naissance"))
    death_date = models.DateField(_("date de décès"), null=True, blank=True)
    sex = models.CharField(_("sexe"), max_length=1, choices=Sex.choices)
    cin = SealedCharField("CIN", max_length=8, blank=True)
    ins = models.CharField("INS", max_length=20, blank=True)
    idcs = models.CharField("IDCS", max_length=20, blank=True)
    student = models.BooleanField(_("étudiant"), default=False)
    married = models.BooleanField(_("marié"), default=False)
    disabled = models.BooleanField(_("en situation de handicap"), default=False)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("bénéficiaire")
        verbose_name_plural = _("bénéficiaires")
        indexes = [
            GinIndex(fields=["last_name"], opclasses=["gin_trgm_ops"], name="person_last_name_trgm")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["insured"],
                condition=models.Q(relation="SELF"),
                name="one_holder_an_insured",
            ),
            models.UniqueConstraint(
                fields=["cin"], condition=~models.Q(cin=""), name="cin_belongs_to_one_person"
            ),
            models.CheckConstraint(
                condition=models.Q(cin="") | models.Q(cin__regex=r"^[A-Z]{1,2}\d{1,6}$"),
                name="cin_format",
                violation_error_message=_("Une CIN compte une ou deux lettres puis des chiffres."),
            ),
            models.CheckConstraint(
                condition=models.Q(death_date__isnull=True)
                | models.Q(death_date__gte=models.F("birth_date")),
                name="death_after_birth",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Entitlement(models.Model):
    """A period in which rights are open under a scheme: half-open, never two at once."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    insured = models.ForeignKey(
        Insured, verbose_name=_("assuré"), on_delete=models.CASCADE, related_name="entitlements"
    )
    scheme = models.CharField(_("régime"), max_length=15, choices=Scheme.choices)
    period = DateRangeField(_("période"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("ouverture de droits")
        verbose_name_plural = _("ouvertures de droits")
        constraints = [
            ExclusionConstraint(
                name="entitlements_do_not_overlap",
                expressions=[
                    ("insured", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Deux périodes de droits se chevauchent."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.insured}, {self.get_scheme_display()}"

    @property
    def last_day(self) -> date | None:
        """The last day included, as people read it; None while the rights have no end."""
        return self.period.upper - timedelta(days=1) if self.period.upper else None


class Illness(models.Model):
    """A long illness of the published list (ALD, ALC), with its rate where one is sourced."""

    class Category(models.TextChoices):
        ALD = "ALD", _("affection de longue durée")
        ALC = "ALC", _("affection lourde et coûteuse")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    code = models.CharField(_("code"), max_length=20)
    label = models.CharField(_("libellé"), max_length=250)
    label_ar = models.CharField(_("libellé arabe"), max_length=250, blank=True)
    category = models.CharField(_("catégorie"), max_length=3, choices=Category.choices, blank=True)
    rate_bp = models.IntegerField(_("taux, points de base"), null=True)
    icd10 = models.CharField("CIM-10", max_length=120, blank=True)
    documents = models.TextField(_("pièces à fournir"), blank=True)
    duration_months = models.SmallIntegerField(_("durée en mois"), null=True)
    period = DateRangeField(_("validité"))
    source = models.CharField(_("source"), max_length=250)

    class Meta:
        verbose_name = _("maladie de la liste ALD/ALC")
        verbose_name_plural = _("liste des ALD et ALC")
        constraints = [
            ExclusionConstraint(
                name="illness_versions_do_not_overlap",
                expressions=[("code", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=models.Q(rate_bp__isnull=True) | models.Q(rate_bp__range=(0, 10000)),
                name="illness_rate_within_0_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


class LongTermIllness(models.Model):
    """A long illness granted to a person for a period, with the rate of the grant."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    person = models.ForeignKey(
        Person, verbose_name=_("bénéficiaire"), on_delete=models.CASCADE, related_name="illnesses"
    )
    insured = models.ForeignKey(
        Insured, verbose_name=_("assuré"), on_delete=models.CASCADE, related_name="+"
    )
    code = models.CharField(_("code"), max_length=20)
    label = models.CharField(_("libellé"), max_length=250)
    category = models.CharField(_("catégorie"), max_length=3, choices=Illness.Category.choices)
    rate_bp = models.IntegerField(_("taux, points de base"))
    period = DateRangeField(_("période d’accord"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("maladie accordée")
        verbose_name_plural = _("maladies accordées")
        constraints = [
            ExclusionConstraint(
                name="granted_illnesses_do_not_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(rate_bp__range=(0, 10000)),
                name="granted_rate_within_0_and_1",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"
