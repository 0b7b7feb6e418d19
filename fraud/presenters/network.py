"""A network on a drawing: who is linked to whom, where each stands, and the same as rows of a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import networkx

WIDTH, HEIGHT, EDGE = 640, 360, 34
SEED = 1
# Beyond these a drawing says nothing any more: the strongest links are drawn, the table has them all.
DRAWN_LINKS = 120


@dataclass(frozen=True, slots=True)
class Link:
    """Two professionals and how many members they share."""

    first: str
    second: str
    members: int


def drawn(links: Iterable[Link], names: dict[str, str], kinds: dict[str, str]) -> dict[str, Any]:
    """Nodes, lines and rows of a network: places in a drawing of WIDTH by HEIGHT, steady for its links."""
    known = sorted(links, key=lambda link: (-link.members, link.first, link.second))
    graph: Any = networkx.Graph()
    for link in known[:DRAWN_LINKS]:
        graph.add_edge(link.first, link.second, weight=link.members)
    places = _places(graph)
    most = max((link.members for link in known), default=1)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "nodes": [
            {
                "key": key,
                "n": n,
                "name": names.get(key, key),
                "kind": kinds.get(key, ""),
                "x": places[key][0],
                "y": places[key][1],
            }
            for n, key in enumerate(sorted(places, key=lambda each: names.get(each, each)), 1)
        ],
        "lines": [
            {
                "x1": places[a][0],
                "y1": places[a][1],
                "x2": places[b][0],
                "y2": places[b][1],
                "thick": 1 + 4 * data["weight"] // most,
            }
            for a, b, data in sorted(graph.edges(data=True))
        ],
        "rows": [
            {
                "first": names.get(link.first, link.first),
                "second": names.get(link.second, link.second),
                "members": link.members,
            }
            for link in known
        ],
    }


def _places(graph: Any) -> dict[str, tuple[int, int]]:
    if not len(graph):
        return {}
    spread = networkx.spring_layout(graph, seed=SEED, weight=None, k=1)
    across = _stretched([float(x) for x, _ in spread.values()], WIDTH)
    down = _stretched([float(y) for _, y in spread.values()], HEIGHT)
    return dict(zip(spread, zip(across, down, strict=True), strict=True))


def _stretched(places: list[float], length: int) -> list[int]:
    """Places along one side of the drawing, which they fill from edge to edge."""
    first, span = min(places), (max(places) - min(places)) or 1
    return [round(EDGE + (place - first) / span * (length - 2 * EDGE)) for place in places]
