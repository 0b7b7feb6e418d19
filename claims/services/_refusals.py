"""What a submission may be refused for before it is judged."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ActUnknown(DomainError):
    code = "ACT_UNKNOWN"
    status = 422
    message = _("L’acte %(act)s n’est pas dans la nomenclature en vigueur le %(day)s.")


class ActUnmapped(DomainError):
    code = "ACT_UNMAPPED"
    status = 422
    message = _(
        "L’acte %(act)s attend sa lettre clé ou son coefficient : il ne peut pas être facturé."
    )


class MedicineWithoutPrice(DomainError):
    code = "MEDICINE_WITHOUT_PRICE"
    status = 422
    message = _(
        "Aucun prix n’est publié pour « %(label)s » le %(day)s : il ne peut pas être facturé."
    )


class SheetOfAnother(DomainError):
    code = "SHEET_OF_ANOTHER"
    message = _(
        "La feuille %(number)s appartient à un autre bénéficiaire. Rien n’a été enregistré."
    )


class ReasonMissing(DomainError):
    code = "REASON_MISSING"
    status = 422
    message = _("Un motif est nécessaire : il sera montré à l’assuré et au professionnel.")


class ClaimNotCancellable(DomainError):
    code = "CLAIM_NOT_CANCELLABLE"
    message = _("Une délivrance faite ne s’annule pas ainsi : les boîtes ont été remises.")


class AmendsAnother(DomainError):
    code = "DISPENSING_REPLACES"
    status = 422
    message = _(
        "Ce document rectifie une délivrance : envoyez-le comme rectification de sa demande. Rien n’a "
        "été enregistré."
    )


class ClaimUnderControl(DomainError):
    code = "CLAIM_UNDER_CONTROL"
    message = _(
        "La demande de cette délivrance est en contrôle à la CNSS : elle ne se corrige pas avant la "
        "réponse. Rien n’a été modifié."
    )
