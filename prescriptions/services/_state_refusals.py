"""What a command on a prescription may be refused for, by the state it meets or by what it says."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CommandRefused(DomainError):
    """The state knows no such command, and no better sentence fits."""

    code = "COMMAND_REFUSED"
    message = _(
        "Cette opération n’est pas possible : l’ordonnance est « %(state)s ». Rien n’a été modifié."
    )


class NotInCustody(DomainError):
    code = "PRESCRIPTION_NOT_HELD"
    message = _(
        "Cette ordonnance n’est pas ouverte à votre comptoir. Rien n’a été modifié : ouvrez-la, puis "
        "recommencez."
    )


class NotValidYet(DomainError):
    code = "PRESCRIPTION_NOT_VALID_YET"
    message = _("Cette ordonnance se délivre à partir du %(day)s. Rien n’a été modifié.")


class PrescriptionNotDispensed(DomainError):
    code = "PRESCRIPTION_NOT_DISPENSED"
    message = _(
        "Une pharmacie a refusé toutes les lignes de cette ordonnance. Rien n’a été modifié : elle "
        "peut revenir sur son refus, ou le prescripteur en écrire une autre."
    )


class PrescriptionOnHold(DomainError):
    code = "PRESCRIPTION_ON_HOLD"
    message = _(
        "Cette ordonnance est suspendue par l’organisme jusqu’au %(until)s au plus. Rien n’a été "
        "modifié : appelez l’organisme, ou attendez sa réponse."
    )


class PrescriptionRetracted(DomainError):
    code = "PRESCRIPTION_ENTERED_IN_ERROR"
    message = _("Cette ordonnance a été écrite par erreur et retirée. Rien n’a été modifié.")


class CancellationPending(DomainError):
    code = "CANCELLATION_PENDING"
    message = _(
        "Le prescripteur annule cette ordonnance, ouverte à « %(holder)s » jusqu’à %(until)s. Rien n’a "
        "été modifié : rendez-la, ou délivrez ce qui est déjà préparé."
    )


class SecretMissing(DomainError):
    code = "SECRET_MISSING"
    status = 403
    message = _(
        "Scannez le code de l’ordonnance, ou tapez ses six lettres : le numéro seul ne l’ouvre pas. "
        "Rien n’a été modifié."
    )


class SecretWrong(DomainError):
    code = "SECRET_WRONG"
    status = 403
    message = _(
        "Ces six lettres ne sont pas celles de cette ordonnance. Rien n’a été modifié : relisez-les."
    )


class NothingForAPharmacy(DomainError):
    code = "NOTHING_FOR_A_PHARMACY"
    status = 422
    message = _("Cette ordonnance n’a plus rien qu’une pharmacie délivre. Rien n’a été modifié.")


class PositionUnknown(DomainError):
    code = "POSITION_UNKNOWN"
    status = 422
    message = _("L’ordonnance n’a pas de ligne %(position)s. Rien n’a été modifié.")


class LineNotHeld(DomainError):
    code = "LINE_NOT_HELD"
    message = _(
        "La ligne %(position)s n’est pas ouverte à votre comptoir : elle est « %(state)s ». Rien n’a "
        "été modifié."
    )


class LineNotCancellable(DomainError):
    code = "LINE_NOT_CANCELLABLE"
    message = _(
        "La ligne %(position)s est « %(state)s » et ne s’annule plus. Rien n’a été modifié."
    )


class OutcomeWrong(DomainError):
    code = "OUTCOME_DIFFERS"
    status = 422
    message = _(
        "La suite dite pour la ligne %(position)s ne va pas avec %(boxes)s boîte(s) sur %(left)s. Rien "
        "n’a été enregistré."
    )


class ReasonUnknown(DomainError):
    code = "REASON_UNKNOWN"
    status = 422
    message = _("Choisissez un motif de la liste. Rien n’a été modifié.")


class NotWhoRefused(DomainError):
    code = "NOT_WHO_REFUSED"
    status = 403
    message = _("Seule la pharmacie qui a refusé de délivrer revient sur son refus.")


class SomethingGiven(DomainError):
    code = "SOMETHING_WAS_DISPENSED"
    message = _(
        "Une partie de cette ordonnance a été délivrée : elle ne se retire plus. Rien n’a été modifié ; "
        "annulez ce qui reste."
    )


class NothingGiven(DomainError):
    code = "NOTHING_WAS_DISPENSED"
    message = _(
        "Rien n’a encore été délivré de cette ordonnance : il n’y a pas de reste à abandonner. Rien n’a "
        "été modifié."
    )


class NotYourPrescription(DomainError):
    code = "NOT_YOUR_PRESCRIPTION"
    status = 403
    message = _("Seuls l’assuré et le cabinet qui l’a écrite le font. Rien n’a été modifié.")


class NotAHoldingOfficer(DomainError):
    code = "NOT_A_HOLDING_OFFICER"
    status = 403
    message = _("Seul un médecin-conseil ou un agent de contrôle suspend une ordonnance.")


class OtherOffice(DomainError):
    code = "OTHER_OFFICE"
    status = 403
    message = _("La suspension a été décidée par un autre service, qui seul y met fin.")


class PackAlreadyPaid(DomainError):
    code = "PACK_ALREADY_PAID"
    message = _(
        "La boîte n° %(serial)s de « %(label)s » a déjà été délivrée et payée. Rien n’a été enregistré : "
        "scannez une autre boîte."
    )


class PackExpired(DomainError):
    code = "PACK_EXPIRED"
    status = 422
    message = _("La boîte de « %(label)s » est périmée depuis le %(day)s. Rien n’a été enregistré.")


class TooManyPacks(DomainError):
    code = "TOO_MANY_PACKS"
    status = 422
    message = _("La ligne %(position)s nomme plus de boîtes qu’elle n’en délivre.")


class NotYourDispensing(DomainError):
    code = "NOT_YOUR_DISPENSING"
    status = 403
    message = _("Seule la pharmacie qui a délivré corrige sa délivrance. Rien n’a été modifié.")


class DispensingReplaced(DomainError):
    code = "DISPENSING_NOT_CURRENT"
    message = _(
        "Cette délivrance est « %(state)s » : elle ne se corrige plus. Rien n’a été modifié."
    )


class CorrectionTooLate(DomainError):
    code = "CORRECTION_TOO_LATE"
    message = _(
        "Le délai pour corriger cette délivrance est passé depuis le %(day)s. Rien n’a été modifié."
    )


class DisputeTooLate(DomainError):
    code = "DISPUTE_TOO_LATE"
    message = _(
        "Le délai pour contester cette délivrance est passé depuis le %(day)s. Rien n’a été modifié."
    )
