"""DENSE_RING: des professionnels qui se partagent les mêmes identités.

Voit : des professionnels d'une même spécialité et de cabinets différents qui soignent les mêmes personnes,
là où une personne n'en a d'ordinaire qu'un ; les paires ainsi liées forment des composantes, que rejoignent
les autres professionnels liés à une bonne part des mêmes personnes.
Formule : une paire est liée par `shared` personnes communes au moins, et `pair_share` de la plus petite des
deux patientèles ; un réseau compte `providers` professionnels, chacun lié à `share` des personnes communes.
Source : règle 18 du catalogue (affaire de Sparrow : 122 professionnels, 181 patients). Seuils à confirmer.
Ne fait jamais : refuser ; les laboratoires, l'imagerie, les établissements et les pharmacies (une par
ville, dialyse, maison de retraite) ne forment pas de paire, ils ne font que rejoindre.
"""

from collections import defaultdict
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
    inputs=("links", "providers.kind", "providers.speciality", "providers.practice"),
)

# The edges: pairs of providers of one speciality with common members, and who these members are.
SQL = """
WITH recent AS (
    SELECT DISTINCT l.provider, l.member,
           p.kind || coalesce(p.speciality, '') AS peer,
           coalesce(nullif(p.practice, ''), p.inpe) AS practice
    FROM links l JOIN providers p ON p.inpe = l.provider
    WHERE l.last_day BETWEEN $until - $days AND $until
      AND p.kind IN ('GENERAL_PRACTITIONER', 'SPECIALIST', 'DOCTOR', 'DENTIST', 'PARAMEDIC')
), sizes AS (
    SELECT provider, count(*) AS n FROM recent GROUP BY provider
), pairs AS (
    SELECT a.provider AS a, b.provider AS b, count(*) AS shared
    FROM recent a
    JOIN recent b ON b.member = a.member AND b.peer = a.peer AND b.practice > a.practice
    GROUP BY a.provider, b.provider HAVING count(*) >= $shared
), kept AS (
    SELECT p.a, p.b, p.shared FROM pairs p
    JOIN sizes x ON x.provider = p.a JOIN sizes y ON y.provider = p.b
    WHERE 10000.0 * p.shared / least(x.n, y.n) >= $pair_share
)
SELECT k.a, k.b, x.member
FROM kept k
JOIN recent x ON x.provider = k.a
JOIN recent y ON y.provider = k.b AND y.member = x.member
ORDER BY k.a, k.b, x.member
"""

# Who else is linked to the members of the pairs.
JOINED = """
SELECT DISTINCT l.provider, l.member FROM links l
WHERE l.last_day BETWEEN $until - $days AND $until AND l.member IN (SELECT unnest($members))
"""


def rings(
    edges: Iterable[tuple[str, str, str]],
    links: Iterable[tuple[str, str]],
    figures: Mapping[str, int],
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The rings: (providers, members) of each, sorted. `edges`: (provider, provider, member)."""
    graph: Any = networkx.Graph()
    common: dict[tuple[str, str], set[str]] = defaultdict(set)
    for a, b, member in edges:
        graph.add_edge(a, b)
        common[a, b].add(member)
    reached: dict[str, set[str]] = defaultdict(set)
    for provider, member in links:
        reached[provider].add(member)
    found = []
    for component in networkx.connected_components(graph):
        members = {m for (a, _b), each in common.items() if a in component for m in each}
        inside = sorted(
            provider
            for provider, theirs in reached.items()
            if 10_000 * len(theirs & members) >= figures["share"] * len(members)
        )
        if len(inside) >= figures["providers"] and len(members) >= figures["members"]:
            found.append((inside, sorted(members)))
    return sorted(found)
