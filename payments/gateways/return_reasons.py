"""Why a bank returns a transfer: its code in people's words, what to do, and who has to do it.

Source: ISO 20022 external code sets, ExternalReturnReason1Code and ExternalStatusReason1Code
(published quarterly by the ISO 20022 Registration Authority). The sentences are ours. Which codes a
Moroccan bank sends is to be confirmed with the bank's own guide; an unlisted code goes to an officer.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Ball(StrEnum):
    """Who must do something for the money to leave again."""

    PAYEE = "PAYEE"
    OFFICE = "OFFICE"


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """What a code means, what to do, and who does it; `why` ends the sentence "virement rejeté : "."""

    why: Promise
    to_do: Promise
    ball: Ball


_NEW_ACCOUNT = _("Donnez un autre compte à votre nom : le virement repartira.")
TRY_AGAIN = _("Vous n’avez rien à faire : la caisse refait le virement.")
_WE_LOOK = _("Vous n’avez rien à faire : la caisse examine ce virement et vous le refera.")
_SEE_THE_FUND = _(
    "Présentez-vous à une agence de la caisse : ce virement ne peut pas être refait seul."
)


def _payee(why: Promise) -> ReturnReason:
    return ReturnReason(why, _NEW_ACCOUNT, Ball.PAYEE)


def _bank(why: Promise) -> ReturnReason:
    return ReturnReason(why, TRY_AGAIN, Ball.OFFICE)


def _fund(why: Promise) -> ReturnReason:
    return ReturnReason(why, _WE_LOOK, Ball.OFFICE)


RETURN_REASONS: dict[str, ReturnReason] = {
    "AC01": _payee(_("le numéro de compte n’existe pas")),
    "AC03": _payee(_("le numéro de compte n’est pas valable")),
    "AC04": _payee(_("le compte est fermé")),
    "AC06": _payee(_("le compte est bloqué")),
    "AC07": _payee(_("le compte est fermé")),
    "AC14": _payee(_("ce type de compte ne reçoit pas de virement")),
    "AC15": _payee(_("les coordonnées du compte ont changé")),
    "AC16": _payee(_("le compte est sous séquestre")),
    "AC17": _payee(_("le compte est en liquidation")),
    "AG01": _payee(_("ce compte ne peut pas recevoir ce virement")),
    "BE01": _payee(_("le compte n’est pas au nom indiqué")),
    "BE06": _payee(_("la banque ne connaît pas le titulaire")),
    "CNOR": _payee(_("la banque du compte ne reçoit pas ces virements")),
    "MS02": _payee(_("le titulaire a refusé le virement")),
    "RC01": _payee(_("la banque du compte n’est pas reconnue")),
    "RC04": _payee(_("la banque du compte n’est pas reconnue")),
    "MD07": ReturnReason(_("la banque sait le titulaire décédé"), _SEE_THE_FUND, Ball.OFFICE),
    "AM02": _fund(_("le montant dépasse ce que la banque accepte")),
    "AM04": _fund(_("le compte de la caisse n’était pas approvisionné")),
    "AM05": _fund(_("la banque l’a pris pour un double")),
    "AM06": _fund(_("le montant est sous le minimum de la banque")),
    "AM09": _fund(_("la banque a trouvé un autre montant")),
    "BE04": _fund(_("la banque demande l’adresse du titulaire")),
    "CUST": _fund(_("la caisse a demandé son retour")),
    "FF01": _fund(_("la banque n’a pas pu lire l’ordre")),
    "FOCR": _fund(_("la caisse a demandé son annulation")),
    "NARR": _fund(_("la banque a écrit son motif en toutes lettres")),
    "RF01": _fund(_("la banque a déjà vu cette référence")),
    "RR03": _fund(_("la banque demande le nom ou l’adresse du titulaire")),
    "RR04": _fund(_("la réglementation l’arrête")),
    "AB05": _bank(_("la banque du compte n’a pas répondu à temps")),
    "AB08": _bank(_("la banque du compte n’était pas joignable")),
    "AB09": _bank(_("la banque du compte a eu une panne")),
    "DS28": _bank(_("la banque a eu une panne")),
    "ED05": _bank(_("le règlement entre banques a échoué")),
    "MS03": _bank(_("la banque n’a pas dit pourquoi")),
    "TM01": _bank(_("la banque l’a reçu après l’heure limite")),
}
UNLISTED = _fund(_("la banque a donné un motif qui n’est pas dans nos tables"))


def code_in(reason: str) -> str:
    """Return the code that a bank's reason begins with, or nothing when none is known."""
    first = reason.split(maxsplit=1)[0] if reason.strip() else ""
    return first if first in RETURN_REASONS else ""


def reason_of(code: str) -> ReturnReason:
    """Return what a code means; one that is not listed goes to an officer."""
    return RETURN_REASONS.get(code, UNLISTED)
