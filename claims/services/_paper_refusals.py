"""What a paper sheet, its number or its pad may be refused for."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class PaperCodeUnreadable(DomainError):
    code = "PAPER_CODE_UNREADABLE"
    status = 422
    message = _(
        "Ce n’est ni le code d’une feuille de carnet ni un numéro FSE. Scannez à nouveau, ou tapez les "
        "12 caractères ; rien n’a été enregistré."
    )


class PaperCodeForged(DomainError):
    code = "PAPER_CODE_FORGED"
    status = 422
    message = _(
        "La signature de ce code n’est pas la nôtre : cette feuille n’a pas été imprimée par la caisse. "
        "Gardez-la et prévenez le contrôle ; rien n’a été enregistré."
    )


class PaperNumberUnknown(DomainError):
    code = "PAPER_NUMBER_UNKNOWN"
    status = 422
    message = _(
        "Aucune feuille ne porte le numéro %(number)s. Vérifiez-le ; sinon, saisissez la feuille sans "
        "numéro. Rien n’a été enregistré."
    )


class PaperNumberVoid(DomainError):
    code = "PAPER_NUMBER_VOID"
    message = _(
        "La feuille %(number)s est annulée : son carnet a été déclaré perdu. Rien n’a été enregistré ; "
        "demandez une autre feuille au professionnel."
    )


class PaperNumberForeign(DomainError):
    code = "PAPER_NUMBER_FOREIGN"
    message = _(
        "La feuille %(number)s est d’un carnet d’un autre professionnel, qui n’y a encore rien facturé. "
        "Rien n’a été enregistré."
    )


class PaperAlreadyReceived(DomainError):
    code = "PAPER_ALREADY_RECEIVED"
    message = _(
        "Cette feuille est déjà reçue : demande %(number)s, saisie le %(day)s. Si celle-ci en est une "
        "copie, gardez la première ; rien n’a été enregistré."
    )


class PaperLooksReceived(DomainError):
    code = "PAPER_LOOKS_RECEIVED"
    message = _(
        "Une demande semblable vient d’arriver (%(number)s). Comparez-la avec la feuille avant "
        "d’enregistrer ; rien n’a été enregistré."
    )


class PaperWithoutTwin(DomainError):
    code = "PAPER_WITHOUT_TWIN"
    message = _(
        "Aucune demande valable ne porte plus ce numéro pour ce professionnel. Saisissez la feuille ; "
        "rien n’a été enregistré."
    )


class PaperDayWrong(DomainError):
    code = "PAPER_DAY_WRONG"
    status = 422
    message = _(
        "Le jour de dépôt n’est ni futur, ni vieux de plus de %(days)s jours. Lisez le tampon ; rien n’a "
        "été enregistré."
    )


class PadSizeWrong(DomainError):
    code = "PAD_SIZE_WRONG"
    status = 422
    message = _(
        "Un carnet a de %(smallest)s à %(largest)s feuilles. Rien n’a été enregistré ; changez leur nombre."
    )


class PadsEnough(DomainError):
    code = "PADS_ENOUGH"
    message = _(
        "Ce professionnel détient déjà %(held)s feuilles vierges, et %(blank)s au plus sont permises. "
        "Rien n’a été enregistré."
    )


class PadPlaceWrong(DomainError):
    code = "PAD_PLACE_WRONG"
    status = 422
    message = _(
        "Ce carnet a des feuilles de 1 à %(last)s : dites la première perdue. Rien n’a été modifié."
    )


class AlreadyOnPaper(DomainError):
    """Not refused: what an electronic document is answered when its paper was received before."""

    code = "ALREADY_ON_PAPER"
    status = 200
    message = _(
        "Cette feuille est déjà reçue sur papier et traitée : elle ne sera pas payée deux fois. Rien n’est "
        "à refaire."
    )
