"""CODE_JUMP: des cotations qui montent dans le temps.

Voit : pour chaque code de la moitié la plus chère des actes d'une spécialité, sa part des trois derniers mois
moins sa part des six mois d'avant, contre le même écart chez les pairs.
Formule : rz de l'écart, l'échelle augmentée de ce que le hasard donne à n actes ; la force baisse à mesure que
plus de 3 % des pairs dépassent le seuil.
Seuil : rz > 3,5 (règle 19 du catalogue, série sur trois mois). Ne fait jamais : refuser.
"""

from fraud.rules.dear_codes import TARIFFS, outlying_codes
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="CODE_JUMP",
    family=Family.SERIES,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claim_lines.code", "claim_lines.charged"),
)

SQL = outlying_codes(f"""recent AS (
    SELECT r.provider, p.peer, r.code, sum(r.n) AS n, sum(r.n * r.price) AS amount,
           coalesce(sum(r.n) FILTER (WHERE r.month > $until - $days), 0) AS now,
           coalesce(sum(r.n) FILTER (WHERE r.month <= $until - $days), 0) AS before
    FROM prices r JOIN peers p ON p.provider = r.provider
    WHERE r.kind = 'ACT' AND r.month BETWEEN $until - $days - $before AND $until
    GROUP BY r.provider, p.peer, r.code
), sizes AS (
    SELECT provider, min(peer) AS peer, sum(now) AS now, sum(before) AS before
    FROM recent GROUP BY provider
), {TARIFFS}, shares AS (
    SELECT s.provider, s.peer, d.code, least(s.now, s.before) AS n, coalesce(r.now, 0) AS times,
           1.0 * coalesce(r.now, 0) / s.now - 1.0 * coalesce(r.before, 0) / s.before AS x
    FROM sizes s
    JOIN dear d ON d.peer = s.peer
    LEFT JOIN recent r ON r.provider = s.provider AND r.code = d.code
    WHERE s.now >= $least AND s.before >= $least
)""")
