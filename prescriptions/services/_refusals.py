"""What writing, holding, dispensing or cancelling a prescription may be refused for."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class PatientUnknown(DomainError):
    code = "PATIENT_UNKNOWN"
    status = 422
    message = _("Ce bénéficiaire est inconnu. Vérifiez les droits de l’assuré, puis recommencez.")


class FutureDay(DomainError):
    code = "DAY_IN_THE_FUTURE"
    status = 422
    message = _("Le %(day)s est dans le futur. Corrigez la date ; rien n’a été enregistré.")


class MedicineUnknown(DomainError):
    code = "MEDICINE_UNKNOWN"
    status = 422
    message = _("Le code %(ean)s n’est pas dans la liste des médicaments.")


class NotAPrescriber(DomainError):
    code = "NOT_A_PRESCRIBER"
    status = 403
    message = _("Ce professionnel ne peut pas prescrire.")


class NotAPharmacy(DomainError):
    code = "NOT_A_PHARMACY"
    status = 403
    message = _("Seule une pharmacie délivre une ordonnance.")


class PrescriptionNotFound(DomainError):
    code = "PRESCRIPTION_NOT_FOUND"
    status = 404
    message = _("Aucune ordonnance ne porte ce numéro. Vérifiez les douze caractères.")


class FseNumberTaken(DomainError):
    code = "FSE_NUMBER_TAKEN"
    message = _(
        "Une autre ordonnance porte déjà ce numéro FSE. Gardez le document et changez de numéro."
    )


class HeldByAnother(DomainError):
    code = "PRESCRIPTION_HELD"
    message = _(
        "Cette ordonnance est ouverte à « %(holder)s » jusqu’à %(until)s. Rien n’a été modifié."
    )


class AlreadyDispensed(DomainError):
    code = "PRESCRIPTION_ALREADY_DISPENSED"
    message = _("Tout a déjà été délivré par « %(pharmacy)s » le %(day)s. Rien n’a été modifié.")


class PrescriptionCancelled(DomainError):
    code = "PRESCRIPTION_CANCELLED"
    message = _("Cette ordonnance a été annulée par son auteur. Rien n’a été modifié.")


class PrescriptionExpired(DomainError):
    code = "PRESCRIPTION_EXPIRED"
    message = _("Cette ordonnance devait être délivrée avant le %(day)s. Rien n’a été enregistré.")


class DispensedBeforeWritten(DomainError):
    code = "DISPENSED_BEFORE_WRITTEN"
    status = 422
    message = _("La délivrance est datée d’avant l’ordonnance, écrite le %(day)s.")


class LineNotPrescribed(DomainError):
    code = "NOT_PRESCRIBED"
    status = 422
    message = _("« %(label)s » n’est pas prescrit sur cette ligne. Rien n’a été ajouté.")


class SubstitutionNotAllowed(DomainError):
    code = "SUBSTITUTION_NOT_ALLOWED"
    status = 422
    message = _("Le prescripteur n’a pas permis de remplacer cette ligne par « %(label)s ».")


class TooManyBoxes(DomainError):
    code = "TOO_MANY_BOXES"
    message = _("Il reste %(left)s boîte(s) à délivrer sur cette ligne, pas %(asked)s.")


class WrongPatient(DomainError):
    code = "WRONG_PATIENT"
    status = 422
    message = _("Ce document nomme un autre bénéficiaire que l’ordonnance.")


class NotTheAuthor(DomainError):
    code = "NOT_THE_AUTHOR"
    status = 403
    message = _("Seul le cabinet qui a écrit cette ordonnance peut l’annuler.")


class MentionMissing(DomainError):
    code = "MENTION_MISSING"
    status = 422
    message = _(
        "L’ordonnance doit porter : %(mention)s (loi 17-04, article 34). Complétez-le dans le fichier des "
        "professionnels ou de l’assuré, puis signez de nouveau. Votre saisie est gardée."
    )


class CompoundNotBilled(DomainError):
    code = "COMPOUND_NOT_BILLED"
    status = 422
    message = _(
        "La ligne %(position)s est une préparation magistrale : elle n’a ni code ni tarif et ne se facture "
        "pas à la caisse. Retirez-la de ce document, remettez-la et faites-la payer à part. Rien n’a été "
        "enregistré."
    )


class OverMaximumNotStated(DomainError):
    code = "OVER_MAXIMUM_NOT_STATED"
    status = 422
    message = _(
        "La ligne %(position)s dépasse la dose maximale connue de « %(substance)s » : %(most)s mg par jour. "
        "Réduisez la dose, ou écrivez « je dis bien » si elle est voulue, puis signez de nouveau. Votre "
        "saisie est gardée."
    )


class NarcoticTooLong(DomainError):
    code = "NARCOTIC_TOO_LONG"
    status = 422
    message = _(
        "« %(label)s » est un stupéfiant (tableau B) : %(limit)s jours au plus, pas %(days)s. Réduisez la "
        "durée ; rien n’a été enregistré."
    )


class NarcoticRepeated(DomainError):
    code = "NARCOTIC_REPEATED"
    status = 422
    message = _(
        "« %(label)s » est un stupéfiant (tableau B) : une ordonnance qui en contient ne se renouvelle pas. "
        "Retirez le renouvellement ; rien n’a été enregistré."
    )


class PreparationGone(DomainError):
    code = "PREPARATION_GONE"
    message = _(
        "Cette ordonnance préparée n’attend plus : elle a été signée ou retirée. Rien n’a été modifié."
    )


class NotYourPractice(DomainError):
    code = "NOT_YOUR_PRACTICE"
    status = 403
    message = _("Vous ne travaillez pas pour ce cabinet. Rien n’a été modifié.")


class ProtocolNotFound(DomainError):
    code = "PROTOCOL_NOT_FOUND"
    status = 404
    message = _("Aucun protocole du cabinet n’est sur cette touche.")
