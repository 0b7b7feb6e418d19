"""Forms of payments: the new account of a payee."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from payments.rules import PayeeKind
from payments.selectors.accounts import payee_named

RIB_INPUT = {"inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}


class AccountForm(forms.Form):
    """The account a payee wants; blanks in the number are forgiven."""

    rib = forms.CharField(
        label=_("Nouveau RIB"),
        help_text=_("24 chiffres, comme sur l’attestation de la banque."),
        max_length=40,
        widget=forms.TextInput(attrs=RIB_INPUT),
    )
    holder = forms.CharField(
        label=_("Titulaire du compte"),
        help_text=_("Le nom écrit sur l’attestation."),
        max_length=70,
    )


class PayeeAccountForm(AccountForm):
    """The same, written by an agent on sight of a paper."""

    kind = forms.ChoiceField(
        label=_("Bénéficiaire"),
        choices=[(PayeeKind.INSURED, _("assuré")), (PayeeKind.PROVIDER, _("professionnel"))],
    )
    number = forms.CharField(
        label=_("Immatriculation ou INPE"),
        help_text=_("Neuf chiffres : de l’assuré, ou du professionnel."),
        max_length=12,
    )
    document_reference = forms.CharField(
        label=_("Référence de la pièce"),
        help_text=_("Le numéro sous lequel la demande écrite et l’attestation sont classées."),
        max_length=80,
    )
    field_order = ("kind", "number", "rib", "holder", "document_reference")

    def clean(self) -> dict[str, Any]:
        """Find the payee of the number, as `payee`."""
        given = super().clean() or {}
        kind, number = given.pop("kind", ""), given.pop("number", "")
        if kind and number:
            try:
                given["payee"] = payee_named(PayeeKind(kind), number)
            except DomainError as refusal:
                self.add_error("number", refusal.text())
        return given


def add_refusal(form: forms.Form, refusal: DomainError) -> bool:
    """Write a refusal beside the field it points at; tells whether there is such a field."""
    name = (refusal.pointer or "").lstrip("/")
    if name not in form.fields:
        return False
    form.add_error(name, refusal.text())
    return True
