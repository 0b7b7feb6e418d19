"""Why an envelope waits, is set aside or is refused: stable codes, in both languages, with what to do."""

from enum import StrEnum
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from sync.models import IncidentKind


class Repair(StrEnum):
    """What the device's user can do: nothing, wait, correct and sign anew, or answer the fund."""

    NONE = "NONE"
    WAIT = "WAIT"
    CORRECT = "CORRECT"
    CONTACT = "CONTACT"


class EnvelopeNotFound(DomainError):
    code = "ENVELOPE_NOT_FOUND"
    status = 404
    message = _(
        "Aucune enveloppe ne porte cet identifiant. Renvoyez-la : elle ne comptera qu’une fois."
    )


class EnvelopeIdReused(DomainError):
    """Same id, other bytes."""

    code = "ENVELOPE_ID_REUSED"
    status = 422
    message = _(
        "Cet identifiant a déjà servi pour une autre enveloppe, qui est gardée telle quelle. Celle-ci n’a "
        "pas été enregistrée ; la caisse est prévenue."
    )


class EnvelopeShapeWrong(DomainError):
    code = "ENVELOPE_UNREADABLE"
    status = 422
    message = _(
        "Cette enveloppe est illisible (%(where)s). Rien n’a été enregistré ; mettez le logiciel à jour, "
        "puis signez de nouveau."
    )


class EnvelopeDeviceUnknown(DomainError):
    code = "DEVICE_UNKNOWN"
    status = 422
    message = _("Aucun poste inscrit ne porte cette clé. Inscrivez le poste, puis renvoyez.")


class EnvelopeSignatureInvalid(DomainError):
    code = "SIGNATURE_INVALID"
    status = 422
    message = _(
        "La signature de l’enveloppe n’est pas celle de son poste. Elle est gardée à part pour examen ; "
        "signez de nouveau."
    )


class Waiting(DomainError):
    """It cannot be applied yet."""


class Gap(Waiting):
    code = "OFF_GAP"
    message = _(
        "L’enveloppe n° %(expected)s de ce poste manque encore. Celle-ci est gardée et sera traitée "
        "dans l’ordre : envoyez la précédente."
    )


class PrescriptionAwaited(Waiting):
    code = "OFF_PRESCRIPTION_AWAITED"
    message = _(
        "L’ordonnance de cette délivrance n’est pas encore arrivée. La délivrance est gardée et sera "
        "traitée dès qu’elle arrive."
    )


class Suspect(DomainError):
    """A person looks before it may count; `incident` is what is told of it."""

    incident: ClassVar[IncidentKind] = IncidentKind.CLOCK


class Fork(Suspect):
    code = "OFF_FORK"
    incident = IncidentKind.FORK
    message = _(
        "Une autre enveloppe de ce poste tient déjà cette place dans sa suite. Les deux sont gardées ; un "
        "agent les compare."
    )


class DeviceStolen(Suspect):
    code = "OFF_DEVICE_STOLEN"
    incident = IncidentKind.KEY_NOT_VALID
    message = _(
        "Ce poste est déclaré volé : tout ce qui en arrive est examiné. Le document est gardé."
    )


class DeviceSuspended(Suspect):
    code = "OFF_DEVICE_SUSPENDED"
    incident = IncidentKind.KEY_NOT_VALID
    message = _(
        "Ce poste est suspendu depuis avant cette signature. Le document est gardé jusqu’à la décision."
    )


class DeviceStopped(Suspect):
    code = "OFF_DEVICE_STOPPED"
    incident = IncidentKind.KEY_NOT_VALID
    message = _(
        "Rien ne prouve que ce document ait été signé avant l’arrêt de ce poste. Il est gardé ; un agent "
        "l’examine."
    )


class AnchorInvalid(Suspect):
    code = "OFF_ANCHOR_INVALID"
    message = _(
        "L’heure du serveur que porte cette enveloppe n’est pas la nôtre, ou celle d’un autre poste. Le "
        "document est gardé ; un agent l’examine."
    )


class ClockBeforeAnchor(Suspect):
    code = "OFF_CLOCK_BEFORE_ANCHOR"
    message = _(
        "L’horloge de ce poste est en retard sur notre dernier contact. Réglez-la ; le document est gardé "
        "et un agent l’examine."
    )


class ClockAhead(Suspect):
    code = "OFF_CLOCK_AHEAD"
    message = _(
        "L’heure de cette signature n’est pas encore arrivée. Réglez l’horloge du poste ; le document est "
        "gardé et un agent l’examine."
    )


class ClockBackwards(Suspect):
    code = "OFF_CLOCK_BACKWARDS"
    message = _(
        "Cette enveloppe se dit plus ancienne que celle qui la précède. Elle est gardée ; un agent "
        "l’examine."
    )


class DayImplausible(Suspect):
    code = "OFF_DAY_IMPLAUSIBLE"
    message = _(
        "Le document porte le %(day)s, mais a été signé entre le %(first)s et le %(last)s. Il est gardé ; "
        "un agent l’examine."
    )


class LimitPassed(Suspect):
    incident = IncidentKind.LIMIT


class TimeLimitPassed(LimitPassed):
    code = "OFF_LIMIT_TIME"
    message = _(
        "Ce poste travaillait sans contact depuis plus longtemps que permis. Le document est gardé ; un "
        "agent l’examine."
    )


class SheetsLimitPassed(LimitPassed):
    code = "OFF_LIMIT_SHEETS"
    message = _(
        "Ce poste a signé plus de documents hors ligne que permis. Celui-ci est gardé ; un agent l’examine."
    )


class AmountLimitPassed(LimitPassed):
    code = "OFF_LIMIT_AMOUNT"
    message = _(
        "Le montant signé hors ligne par ce poste dépasse ce qui est permis. Le document est gardé ; un "
        "agent l’examine."
    )


class InsuredDayLimitPassed(LimitPassed):
    code = "OFF_LIMIT_INSURED_DAY"
    message = _(
        "Le montant signé hors ligne pour cet assuré ce jour-là dépasse ce qui est permis. Le document est "
        "gardé ; un agent l’examine."
    )


class ProductNotOffline(LimitPassed):
    code = "OFF_LIMIT_PRODUCT"
    message = _(
        "Un produit de ce document ne se prescrit ni ne se délivre hors ligne. Le document est gardé ; un "
        "agent l’examine."
    )


class SealedForUnknownKey(Suspect):
    code = "OFF_SEALING_KEY_UNKNOWN"
    incident = IncidentKind.CLOCK
    message = _(
        "Ce contenu est scellé pour une clé que le serveur n’a pas. L’enveloppe est gardée ; la caisse "
        "cherche la clé."
    )


class Conflict(DomainError):
    """It contradicts what is known; a person decides, each party is told."""

    incident: ClassVar[IncidentKind] = IncidentKind.DOUBLE_HANDOVER


class HandedOverTwice(Conflict):
    code = "OFF_DOUBLE_HANDOVER"
    message = _(
        "Ces boîtes avaient déjà été délivrées, et le montant dépasse ce qui est payé de bonne foi. La "
        "délivrance est gardée ; un agent décide."
    )


class HandedOverHereAgain(Conflict):
    code = "OFF_SAME_PHARMACY_TWICE"
    message = _(
        "Votre pharmacie a déjà délivré ces boîtes. La délivrance est gardée ; dites à la caisse laquelle "
        "est la bonne."
    )


class NotDispensable(Conflict):
    code = "OFF_NOT_DISPENSABLE"
    message = _(
        "L’ordonnance ne pouvait pas être délivrée : « %(why)s ». La délivrance est gardée ; un agent décide."
    )


class CodeContradicted(Conflict):
    code = "OFF_CODE_DIFFERS"
    incident = IncidentKind.CODE_DIFFERS
    message = _(
        "Le code délivré et l’ordonnance signée ne disent pas la même chose. Les deux sont gardés, "
        "l’ordonnance est suspendue ; un agent les compare."
    )


class ContentUnreadable(DomainError):
    """The sealed content is damaged, or is not what its kind asks for."""

    code = "OFF_CONTENT_UNREADABLE"
    status = 422
    message = _(
        "Le contenu de cette enveloppe est illisible. Rien n’a été enregistré du document ; signez-le de "
        "nouveau."
    )


class DocumentOfAnotherDevice(DomainError):
    code = "OFF_DOCUMENT_OF_ANOTHER_DEVICE"
    status = 422
    message = _(
        "Le document scellé est d’un autre poste que son enveloppe. Rien n’en a été enregistré ; signez-le "
        "sur ce poste."
    )


class ReversalUnknown(DomainError):
    code = "OFF_REVERSAL_UNKNOWN"
    status = 422
    message = _(
        "La délivrance à reprendre est inconnue, ou n’est pas la vôtre. Rien n’a été modifié."
    )


class Duplicate(DomainError):
    """It was received before by another way: the first one stands, and this one points to it."""

    code = "OFF_DUPLICATE"
    message = _(
        "Ces soins étaient déjà arrivés par une autre voie. Le premier envoi compte ; celui-ci n’ajoute rien."
    )


class PaidInGoodFaith(DomainError):
    code = "OFF_PAID_IN_GOOD_FAITH"
    message = _(
        "Des boîtes de cette ordonnance ont été délivrées deux fois hors ligne. La délivrance est "
        "acceptée de bonne foi ; la caisse en parle avec l’assuré."
    )


class PresenceRefused(DomainError):
    """The hand-over stands; the proof of presence it brought guarantees nothing."""

    code = "OFF_PRESENCE_REFUSED"
    message = _("Reçu. La preuve de présence ne garantit rien : %(why)s.")


class PaidAsShown(DomainError):
    """The facts changed since; the fund keeps what the screen promised."""

    code = "OFF_PAID_AS_SHOWN"
    message = _(
        "Reçu, et payé comme affiché : %(paid)s DH. Les données d’aujourd’hui auraient donné "
        "%(standing)s DH (%(why)s)."
    )


class NotAsShown(DomainError):
    """The screen showed something else, and the law does not make the fund bear why."""

    code = "OFF_NOT_AS_SHOWN"
    message = _("Reçu. L’écran affichait %(shown)s DH ; la décision est de %(paid)s DH (%(why)s).")


class NotOfTheEngine(NotAsShown):
    """No pack of ours gives these amounts: somebody looks at what the device runs."""

    code = "OFF_SHOWN_UNFOUNDED"
    message = _(
        "Reçu. Les %(shown)s DH affichés ne sont pas ce que le calcul donne (%(why)s) ; la décision est "
        "de %(paid)s DH. La caisse regarde pourquoi."
    )


class Applied(DomainError):
    code = "APPLIED"
    message = _("Reçu et appliqué.")


class RefusedByAgent(DomainError):
    code = "OFF_REFUSED_BY_AGENT"
    message = _("Un agent a refusé ce document : %(reason)s")
