"""The form of an activation."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ActivationForm(forms.Form):
    """The code received and the password chosen, twice."""

    code = forms.CharField(
        label=_("Code reçu"),
        help_text=_("Douze caractères ; majuscules, espaces et tirets ne comptent pas."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        help_text=_("Douze caractères au moins ; une phrase se retient mieux qu’un mot."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Le même mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, str]:
        cleaned = super().clean() or {}
        if cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", _("Les deux mots de passe diffèrent."))
        return cleaned
