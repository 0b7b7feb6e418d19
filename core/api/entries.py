"""Errors of what was entered: where, which code, and the sentence in French and Arabic.

Every field of a request is judged before the answer leaves, so that all errors come at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.languages import Bilingual, in_both_languages

# The closed list of codes of one field; docs/api.md repeats it.
MESSAGES: dict[str, str | Promise] = {
    "REQUIRED": _("Ce champ est obligatoire."),
    "NULL": _("Ce champ ne peut pas être nul."),
    "BLANK": _("Ce champ ne peut pas être vide."),
    "UNKNOWN_KEY": _("Ce champ n’existe pas : retirez-le."),
    "NOT_AN_OBJECT": _("Un objet JSON est attendu ici."),
    "NOT_A_LIST": _("Une liste est attendue ici."),
    "EMPTY_LIST": _("Il faut au moins une ligne."),
    "TOO_MANY_LINES": _("%(limit)s lignes au plus ; partagez l’envoi."),
    "NOT_A_TEXT": _("Un texte est attendu ici."),
    "TOO_LONG": _("%(limit)s caractères au plus."),
    "TOO_SHORT": _("%(limit)s caractères au moins."),
    "NOT_A_WHOLE_NUMBER": _("Un nombre entier est attendu ici, sans guillemets."),
    "TOO_SMALL": _("La plus petite valeur admise est %(limit)s."),
    "TOO_LARGE": _("La plus grande valeur admise est %(limit)s."),
    "NOT_A_BOOLEAN": _("true ou false est attendu ici."),
    "UNKNOWN_CHOICE": _("Cette valeur n’est pas dans la liste : %(choices)s."),
    "DATE_FORMAT": _("Écrivez la date comme 2026-11-22 ; ce jour doit exister."),
    "DATE_IN_THE_FUTURE": _("Cette date est dans le futur."),
    "UUID_FORMAT": _("Un identifiant de 36 caractères est attendu ici."),
    "AMOUNT_FORMAT": _(
        'Écrivez le montant en dirhams avec deux décimales et entre guillemets, comme "45.20".'
    ),
    "AMOUNT_NOT_POSITIVE": _("Le montant doit être plus grand que zéro."),
    "AMOUNT_TOO_LARGE": _("Ce montant dépasse %(limit)s DH : vérifiez la saisie."),
    "FSE_NUMBER_CHECK": _(
        "Ce numéro FSE est faux : un de ses 12 caractères est mal lu ou mal tapé."
    ),
    "INPE_FORMAT": _("Ce n’est pas un numéro INPE."),
    "EAN_FORMAT": _("Un code EAN compte 13 chiffres."),
    "CIN_FORMAT": _("Une CIN compte une ou deux lettres puis un à six chiffres."),
    "REGISTRATION_NUMBER_FORMAT": _("Une immatriculation compte 9 chiffres."),
    "DOSE_FORMAT": _('Écrivez la dose comme "1" ou "0.5".'),
    "NO_DOSE": _("Il faut au moins une prise par jour."),
    "ILLNESS_FORMAT": _("Ce n’est pas un code de maladie."),
    "ACT_FORMAT": _("Ce n’est pas un code d’acte."),
    "KEY_FORMAT": _("Une clé publique P-256 au format JWK est attendue ici."),
    "SIGNATURE_FORMAT": _("Une signature ES256 de 86 caractères base64url est attendue ici."),
    "POSITION_TWICE": _("Deux lignes portent la même position."),
    "NOT_OF_THIS_KIND": _("Une ligne de cette nature n’a pas ce champ : laissez null."),
    "NOTHING_HANDED_OVER": _("Une délivrance remet au moins une boîte."),
    "SECRET_FORMAT": _(
        "Le secret d’une ordonnance compte six lettres ou chiffres, sans I, L, O, U."
    ),
    "STARTS_TOO_EARLY": _("La délivrance ne peut pas commencer avant le jour de l’ordonnance."),
    "ONE_OF_THREE": _("Donnez la CIN, l’immatriculation ou le numéro FSE, un seul des trois."),
    "CONTROL_CHARACTER": _("Ce texte contient un caractère invisible interdit."),
    "INVALID": _("Cette valeur n’est pas valable."),
}

# Codes of Django REST framework's own fields.
_FRAMEWORK_CODES = {
    "required": "REQUIRED",
    "null": "NULL",
    "blank": "BLANK",
    "not_a_list": "NOT_A_LIST",
    "empty": "EMPTY_LIST",
}
MAX_ERRORS = 100


@dataclass(frozen=True, slots=True)
class EntryError:
    """One error: a JSON pointer (RFC 6901) into the request body, a code, what the sentence needs."""

    pointer: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def under(self, key: str | int) -> "EntryError":
        """The same error seen from the parent, which holds it under `key`."""
        return replace(self, pointer=f"/{escaped(key)}{self.pointer}")

    @property
    def message(self) -> Bilingual:
        return in_both_languages(MESSAGES[self.code], self.params)


class EntryErrors(ValidationError):
    """Everything that is wrong with one request body."""

    def __init__(self, errors: Iterable[EntryError]) -> None:
        self.errors = list(errors)
        super().__init__([error.code for error in self.errors])

    def under(self, key: str | int) -> Iterator[EntryError]:
        return (error.under(key) for error in self.errors)


class FieldError(ValidationError):
    """One error of one value, raised by a field."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, code=code)
        self.params = params


def errors_of(error: ValidationError) -> list[EntryError]:
    """Return the coded errors of one field's refusal, whichever field class it comes from."""
    if isinstance(error, EntryErrors):
        return error.errors
    params = error.params if isinstance(error, FieldError) else {}
    details: Any = error.detail
    codes = [detail.code for detail in details if isinstance(detail, ErrorDetail)]
    return [EntryError("", _known(code), params) for code in codes or ["INVALID"]]


def escaped(key: str | int) -> str:
    """Return a key as a JSON pointer writes it."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _known(code: str) -> str:
    known = _FRAMEWORK_CODES.get(code, code)
    return known if known in MESSAGES else "INVALID"
