"""What the fund guarantees of an estimate, before anything is handed over. Pure; money in centimes."""

from core.money import round_half_up

WHOLE_BP = 10_000


def guaranteed_centimes(estimated_centimes: int, share_bp: int) -> int:
    """Dire ce que la caisse paiera au professionnel, même si les droits se révèlent fermés.

    La part garantie dépend de la preuve de présence ; le reste de l’estimation n’est payé que si les
    droits sont ouverts au jour des soins.

    Référence : paramètres `guarantees.presence`, à confirmer.
    """
    return round_half_up(estimated_centimes * share_bp, WHOLE_BP)
