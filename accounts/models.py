"""Who signs in: users and their one role, and the codes that activate an account."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.record_keys import new_key


class Role(models.TextChoices):
    """What a person is to the system; exactly one each."""

    PRESCRIBER = "PRESCRIBER", _("médecin")
    DELEGATE = "DELEGATE", _("délégué d’un cabinet")
    PHARMACIST = "PHARMACIST", _("pharmacien")
    LABORATORY = "LABORATORY", _("laboratoire")
    RADIOLOGY = "RADIOLOGY", _("radiologie")
    AGENT = "AGENT", _("agent liquidateur")
    MEDICAL_OFFICER = "MEDICAL_OFFICER", _("médecin-conseil")
    PAYMENT_OFFICER = "PAYMENT_OFFICER", _("agent payeur")
    FRAUD_OFFICER = "FRAUD_OFFICER", _("agent de contrôle")
    AUDITOR = "AUDITOR", _("auditeur")
    INSURED = "INSURED", _("assuré")
    ADMINISTRATOR = "ADMINISTRATOR", _("administrateur")


CARE_ROLES = frozenset(
    {Role.PRESCRIBER, Role.DELEGATE, Role.PHARMACIST, Role.LABORATORY, Role.RADIOLOGY}
)
# The back office: these people need a second factor, always.
OFFICE_ROLES = frozenset(
    {
        Role.AGENT,
        Role.MEDICAL_OFFICER,
        Role.PAYMENT_OFFICER,
        Role.FRAUD_OFFICER,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }
)


class User(AbstractUser):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    first_name = None
    last_name = None
    full_name = models.CharField(_("nom complet"), max_length=150)
    role = models.CharField(_("rôle"), max_length=20, choices=Role.choices)
    language = models.CharField(
        _("langue"), max_length=2, choices=[("fr", "Français"), ("ar", "العربية")], default="fr"
    )
    is_demo = models.BooleanField(_("compte de démonstration"), default=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name", "role"]

    class Meta:
        verbose_name = _("utilisateur")
        verbose_name_plural = _("utilisateurs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="user_role_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(is_staff=False) | models.Q(role__in=sorted(OFFICE_ROLES)),
                name="only_office_roles_are_staff",
                violation_error_message=_("Seuls les rôles de la CNSS entrent au back-office."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @property
    def works_in_office(self) -> bool:
        return self.role in OFFICE_ROLES

    @property
    def gives_care(self) -> bool:
        return self.role in CARE_ROLES

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.full_name.split()[-2:]).upper()


class Activation(models.Model):
    """A one-time code, handed over in person or by letter, that lets a new user choose a password."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="activations")
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
