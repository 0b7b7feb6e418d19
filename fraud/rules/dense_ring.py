"""DENSE_RING: des professionnels qui se partagent les mêmes identités.

Voit : en 150 jours, les professionnels de cabinets différents qui soignent les mêmes personnes, contre ce
que leur lieu d'habitation explique.
Formule : pour deux professionnels, attendu e = somme, par lieu (carré d'un dixième de degré, à défaut la
région) et par sorte de personnes (sexe, enfant ou âgé, malade de longue durée), des personnes x la part que
voit l'un x la part que voit l'autre : deux pédiatres d'une ville se partagent ses enfants. Ils sont liés si
n >= 4 personnes communes et (n - e) / racine(e + 1) > 3,5. On retire sans fin ceux qui ont moins de 2 liens ;
ce qui reste est un réseau à partir de 3 professionnels.
Source : règle 18 du catalogue (affaire de Sparrow : 122 professionnels, 181 patients). Seuils à confirmer.
Ne fait jamais : refuser ; les hôpitaux et cliniques ne comptent pas, et le médecin, la pharmacie et le
laboratoire d'un même lieu sont attendus ensemble ; une personne dont le lieu n'est pas connu ne compte pas.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import networkx

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="DENSE_RING",
    family=Family.NETWORK,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.RING,
    inputs=("links", "providers.kind", "providers.practice"),
    vital=("members.latitude", "members.longitude", "members.region"),
)

# The persons of each linked pair of professionals.
SQL = """
WITH recent AS (
    SELECT DISTINCT l.provider, l.member, coalesce(nullif(p.practice, ''), p.inpe) AS practice,
           coalesce(CAST(floor(m.latitude * 10) AS TEXT) || '/'
                    || CAST(floor(m.longitude * 10) AS TEXT), m.region)
           || '/' || coalesce(m.sex, '') || coalesce(m.illnesses <> '', false) || CASE
               WHEN $until - m.birth_date < 365 * $child THEN 'child'
               WHEN $until - m.birth_date >= 365 * $old THEN 'old' ELSE '' END AS place
    FROM links l
    JOIN providers p ON p.inpe = l.provider JOIN members m ON m.member = l.member
    WHERE l.last_day BETWEEN $until - $days AND $until
      AND p.kind NOT IN ('HOSPITAL', 'CLINIC', 'ESTABLISHMENT')
      AND (m.latitude IS NOT NULL OR m.region <> '')
), here AS (
    SELECT place, count(DISTINCT member) AS n FROM recent GROUP BY place
), seen AS (
    SELECT place, provider, count(*) AS n FROM recent GROUP BY place, provider
), shared AS (
    SELECT a.provider AS one, b.provider AS other, count(*) AS n
    FROM recent a
    JOIN recent b ON b.member = a.member AND b.provider > a.provider AND b.practice <> a.practice
    GROUP BY a.provider, b.provider HAVING count(*) >= $common
), expected AS (
    SELECT s.one, s.other, s.n, coalesce(sum(1.0 * a.n * b.n / h.n), 0) AS e
    FROM shared s
    JOIN seen a ON a.provider = s.one
    LEFT JOIN seen b ON b.provider = s.other AND b.place = a.place
    JOIN here h ON h.place = a.place
    GROUP BY s.one, s.other, s.n
), linked AS (
    SELECT one, other FROM expected WHERE 10.0 * (n - e) / sqrt(e + 1.0) > $z
)
SELECT l.one, l.other, a.member
FROM linked l
JOIN recent a ON a.provider = l.one
JOIN recent b ON b.provider = l.other AND b.member = a.member
ORDER BY l.one, l.other, a.member
"""


def rings(
    links: Iterable[tuple[str, str, str]], figures: Mapping[str, int]
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The rings: (providers, members) of each, sorted. `links`: (provider, other provider, member)."""
    graph: Any = networkx.Graph()
    for one, other, member in links:
        graph.add_edge(one, other)
        graph[one][other].setdefault("members", set()).add(member)
    graph = networkx.k_core(graph, figures["links"])
    found = []
    for component in networkx.connected_components(graph):
        members: set[str] = set()
        for _one, _other, theirs in graph.subgraph(component).edges(data="members"):
            members |= theirs
        if len(component) >= figures["providers"]:
            found.append((sorted(component), sorted(members)))
    return sorted(found)
