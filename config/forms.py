"""The form that opens an account: a person, a role, and what the role acts for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import CARE_ROLES, Role, User
from providers.forms import provider_field
from providers.models import Membership


def _account_field(name: str, **options: Any) -> Any:
    return User._meta.get_field(name).formfield(**options)


class AccountForm(forms.Form):
    """Who signs in. People of care act for a provider; insured people follow their household."""

    username = _account_field("username", label=_("Identifiant"), help_text="")
    full_name = _account_field("full_name")
    role = _account_field("role")
    language = _account_field("language")
    provider = provider_field(required=False)
    standing = forms.ChoiceField(
        label=_("Qualité"),
        choices=[("", "—"), *Membership.Standing.choices],
        required=False,
    )
    first_day = forms.DateField(
        label=_("Premier jour"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
    )
    registration_number = forms.CharField(
        label=_("Immatriculation du foyer"),
        help_text=_("Neuf chiffres, sur la carte de l’assuré."),
        max_length=12,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Each role brings what it acts for, and nothing else."""
        given = super().clean() or {}
        role = given.get("role")
        if role is None:
            return given
        care = ("provider", "standing", "first_day")
        self._ask(care, role in CARE_ROLES, _("Demandé pour un rôle de soins, et pour lui seul."))
        household = _("Demandée pour un assuré, et pour lui seul.")
        self._ask(("registration_number",), role == Role.INSURED, household)
        return given

    def _ask(self, names: tuple[str, ...], wanted: bool, sentence: Any) -> None:
        for name in names:
            if name not in self.errors and bool(self.cleaned_data.get(name)) != wanted:
                self.add_error(name, sentence)
