"""Forms of the register's gestures."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from providers.models import Membership, Provider, SoftwareToken


def provider_field(*, required: bool) -> forms.ModelChoiceField:
    """A provider of the register, searched by INPE or by name."""
    return forms.ModelChoiceField(
        label=_("Professionnel ou établissement"),
        help_text=_("Cherchez par INPE ou par nom."),
        queryset=Provider._default_manager.all(),
        widget=AutocompleteSelect(Membership._meta.get_field("provider"), admin.site),
        required=required,
    )


class SoftwareTokenForm(forms.Form):
    """The software that will hold a token, for whom, and who answers for it."""

    provider = provider_field(required=True)
    software = forms.CharField(
        label=_("Nom du logiciel"), max_length=SoftwareToken._meta.get_field("software").max_length
    )
    user = forms.ModelChoiceField(
        label=_("Signataire responsable"),
        help_text=_("Le logiciel agit en son nom ; cherchez par nom ou par identifiant."),
        queryset=User._default_manager.filter(is_active=True),
        widget=AutocompleteSelect(Membership._meta.get_field("user"), admin.site),
    )
