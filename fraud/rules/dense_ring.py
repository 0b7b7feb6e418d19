"""DENSE_RING: des professionnels qui se partagent les mêmes identités.

Voit : le cœur dense du graphe entre bénéficiaires et professionnels : des personnes vues chacune par
plusieurs professionnels du groupe, et des professionnels liés chacun à plusieurs de ces personnes.
Formule : on retire sans fin les personnes liées à moins de `visits` professionnels restants et les
professionnels liés à moins de `links` personnes restantes ; ce qui reste, par composante, est un réseau
s'il compte assez des deux et si chaque professionnel est lié à `share` des personnes.
Source : règle 18 du catalogue (affaire de Sparrow : 122 professionnels, 181 patients). Seuils à confirmer.
Ne fait jamais : refuser ; laboratoires, imagerie, établissements et pharmacies (une par ville, dialyse,
maison de retraite) ne comptent pas, et un cabinet de groupe compte pour un.
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
)

# The edges: who saw whom, for members seen by several practices.
SQL = """
WITH recent AS (
    SELECT DISTINCT l.provider, l.member, coalesce(nullif(p.practice, ''), p.inpe) AS practice
    FROM links l JOIN providers p ON p.inpe = l.provider
    WHERE l.last_day BETWEEN $until - $days AND $until
      AND p.kind IN ('GENERAL_PRACTITIONER', 'SPECIALIST', 'DOCTOR', 'DENTIST', 'PARAMEDIC')
), wide AS (
    SELECT member FROM recent GROUP BY member HAVING count(DISTINCT practice) >= $visits
)
SELECT r.provider, r.member FROM recent r JOIN wide w ON w.member = r.member
ORDER BY r.provider, r.member
"""


def rings(
    edges: Iterable[tuple[str, str]], figures: Mapping[str, int]
) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The rings: (providers, members) of each, sorted. `edges`: (provider, member)."""
    graph: Any = networkx.Graph()
    for provider, member in edges:
        graph.add_edge(("provider", provider), ("member", member))
    while weak := [node for node, degree in graph.degree() if degree < _due(node, figures)]:
        graph.remove_nodes_from(weak)
    found = []
    for component in networkx.connected_components(graph):
        members = sorted(name for side, name in component if side == "member")
        due = figures["share"] * len(members)
        providers = sorted(
            node[1]
            for node in component
            if node[0] == "provider" and 10_000 * graph.degree(node) >= due
        )
        if len(providers) >= figures["providers"] and len(members) >= figures["members"]:
            found.append((providers, members))
    return sorted(found)


def _due(node: tuple[str, str], figures: Mapping[str, int]) -> int:
    return figures["visits"] if node[0] == "member" else figures["links"]
