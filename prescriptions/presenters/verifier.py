"""What a stranger learns of a prescription: whether it is genuine, its day, its state; never who or what."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.numbers import is_fse_number, normalise_number
from prescriptions import selectors
from prescriptions.models import Prescription, Verdict
from prescriptions.rules.code import PREFIX
from prescriptions.services import judge_code
from prescriptions.states import PrescriptionState

Words = str | Promise


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """The colour of the answer, its sentences, and what may be said of the prescription."""

    mark: str
    happened: Words
    next: Words
    written_on: date | None = None
    state: Words = ""


_SAID: dict[Verdict, tuple[str, Words, Words]] = {
    Verdict.GENUINE: (
        "paid",
        _("Cette ordonnance est authentique."),
        _("Un prescripteur inscrit l’a signée, et elle est arrivée telle quelle."),
    ),
    Verdict.NOT_RECEIVED: (
        "held",
        _("La signature est bonne, mais l’ordonnance n’est pas encore arrivée."),
        _("Le poste du prescripteur ne l’a pas encore envoyée : vérifiez de nouveau plus tard."),
    ),
    Verdict.ALTERED: (
        "fix",
        _("Ce code a été modifié."),
        _("Il ne dit pas ce que le prescripteur a signé : ne vous y fiez pas."),
    ),
    Verdict.REVOKED: (
        "fix",
        _("La clé qui a signé n’était pas valable."),
        _("Elle est révoquée, ou inscrite plus tard : demandez une nouvelle ordonnance."),
    ),
    Verdict.UNKNOWN: (
        "fix",
        _("La clé qui a signé est inconnue."),
        _("Aucun prescripteur inscrit n’a signé ce code : ne vous y fiez pas."),
    ),
}
_NOT_A_NUMBER = PublicAnswer(
    "fix",
    _("Ce n’est ni un code ni un numéro d’ordonnance."),
    _("Scannez le code de nouveau, ou vérifiez les douze caractères du numéro."),
)
_NO_SUCH_NUMBER = PublicAnswer(
    "fix",
    _("Aucune ordonnance reçue ne porte ce numéro."),
    _("Vérifiez les douze caractères, ou scannez le code."),
)


def public_answer(text: str) -> PublicAnswer:
    """Return what anybody may know of a scanned code or a typed number."""
    if text.strip().startswith(PREFIX):
        return _of_code(text)
    number = normalise_number(text.strip().removeprefix("WARAQA:"))
    if not is_fse_number(number):
        return _NOT_A_NUMBER
    prescription = selectors.prescription_by_number(number)
    if prescription is None:
        return _NO_SUCH_NUMBER
    return PublicAnswer(
        "equal",
        _("Ce numéro est celui d’une ordonnance reçue."),
        _("Le numéro seul ne prouve pas le papier : scannez le code."),
        prescription.written_on,
        _state(prescription),
    )


def _of_code(text: str) -> PublicAnswer:
    try:
        judged = judge_code(text)
    except DomainError as refusal:
        return PublicAnswer("fix", refusal.text(), "")
    mark, happened, following = _SAID[judged.verdict]
    if judged.verdict != Verdict.GENUINE or judged.prescription is None:
        return PublicAnswer(mark, happened, following)
    state = _state(judged.prescription)
    return PublicAnswer(mark, happened, following, judged.written_on, state)


def _state(prescription: Prescription) -> Words:
    return PrescriptionState(prescription.state).label
