"""UPCODING: des actes cotés plus cher que ceux des pairs.

Voit : pour chaque code plus cher que la moyenne de la spécialité, sa part parmi les actes d'un
professionnel, contre la part chez chacun de ses pairs (nulle comprise).
Formule : rz de la part, l'échelle élargie quand le professionnel a peu d'actes ; le code le plus haut est
montré.
Seuil : rz > 3,5 (règle 19 du catalogue ; 50 actes pour de gros volumes).
Ne fait jamais : suspendre ni refuser ; un centre de référence l'explique.
"""

from fraud.rules.dear_codes import outlying_codes
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="UPCODING",
    family=Family.PEER,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claim_lines.code", "claim_lines.charged"),
)

SQL = outlying_codes("""recent AS (
    SELECT r.provider, p.peer, r.code, sum(r.n) AS n, sum(r.n * r.price) AS amount
    FROM prices r JOIN peers p ON p.provider = r.provider
    WHERE r.kind = 'ACT' AND r.month BETWEEN $until - $days AND $until
    GROUP BY r.provider, p.peer, r.code
), sizes AS (
    SELECT provider, min(peer) AS peer, sum(n) AS n FROM recent GROUP BY provider
), groups AS (
    SELECT peer, sum(amount) / sum(n) AS price FROM recent GROUP BY peer
), dear AS (
    SELECT r.peer, r.code FROM recent r JOIN groups g ON g.peer = r.peer
    GROUP BY r.peer, r.code, g.price HAVING sum(r.amount) / sum(r.n) > g.price
), shares AS (
    SELECT s.provider, s.peer, d.code, s.n, coalesce(r.n, 0) AS times,
           1.0 * coalesce(r.n, 0) / s.n AS x
    FROM sizes s
    JOIN dear d ON d.peer = s.peer
    LEFT JOIN recent r ON r.provider = s.provider AND r.code = d.code
    WHERE s.n >= $least
)""")
