"""UPCODING: des actes cotés plus cher que ceux des pairs.

Voit : pour chaque code de la moitié la plus chère des actes d'une spécialité, sa part parmi les actes d'un
professionnel en 180 jours, moins la part de ses actes de nuit ou du dimanche (une visite de nuit se cote
plus cher), contre la part chez chacun de ses pairs (nulle comprise).
Formule : rz de la part, l'échelle augmentée de ce que le hasard donne à n actes ; le code le plus haut est
montré. La force baisse à mesure que plus de 3 % des pairs dépassent le seuil : c'est alors une habitude du
métier.
Seuil : rz > 3,5 (règle 19 du catalogue ; 50 actes pour de gros volumes), cinq actes au moins.
Ne fait jamais : suspendre ni refuser ; un centre de référence l'explique.
"""

from fraud.rules.dear_codes import TARIFFS, outlying_codes
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="UPCODING",
    family=Family.PEER,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claim_lines.code", "claim_lines.charged", "claim_lines.started_at"),
)

SQL = outlying_codes(f"""recent AS (
    SELECT r.provider, p.peer, r.code, sum(r.n) AS n, sum(r.n * r.price) AS amount
    FROM prices r JOIN peers p ON p.provider = r.provider
    WHERE r.kind = 'ACT' AND r.month BETWEEN $until - $days AND $until
    GROUP BY r.provider, p.peer, r.code
), sizes AS (
    SELECT provider, min(peer) AS peer, sum(n) AS n FROM recent GROUP BY provider
), odd AS (
    SELECT provider, 1.0 * sum(odd) / sum(acts) AS share FROM provider_days
    WHERE acts > 0 AND month BETWEEN $until - $days AND $until GROUP BY provider
), {TARIFFS}, shares AS (
    SELECT s.provider, s.peer, d.code, s.n, coalesce(r.n, 0) AS times,
           greatest(0.0, 1.0 * coalesce(r.n, 0) / s.n - coalesce(o.share, 0)) AS x
    FROM sizes s
    LEFT JOIN odd o ON o.provider = s.provider
    JOIN dear d ON d.peer = s.peer
    LEFT JOIN recent r ON r.provider = s.provider AND r.code = d.code
    WHERE s.n >= $least
)""")
