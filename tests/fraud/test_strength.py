"""How strongly a rule sees: what is rare is worth much, what many show is worth little."""

from datetime import date

import pytest

from tests.fraud.histories import History, after

CODES = {"floor": 100, "rz": 20, "least": 4, "times": 2, "rare": 300}


def dear_acts(of: int, peers: int = 40) -> History:
    """`of` professionals bill the dear act three times of four, the others never."""
    history = History()
    for p in range(peers):
        history.provider(f"P{p:02d}")
        for n in range(4):
            dear = p < of and n < 3
            history.care(
                f"P{p:02d}", f"M{p}-{n}", code="V" if dear else "C", price=200 if dear else 80
            )
    return history


@pytest.mark.parametrize(("of", "strength"), [(1, 7_204), (2, 6_000), (4, 3_000)])
def test_a_dear_code_that_many_peers_use_is_seen_less_strongly(of: int, strength: int) -> None:
    # 3 % of 40 peers are 1.2 of them; one alone is as strong as its distance.
    expected = {f"P{p:02d}": strength for p in range(of)}
    assert dear_acts(of).strengths("UPCODING", CODES) == expected


@pytest.mark.parametrize(("of", "strengths"), [(1, [10_000]), (3, [4_000, 4_000, 4_000])])
def test_a_rate_that_many_show_is_seen_less_strongly(of: int, strengths: list[int]) -> None:
    history = History()
    for p in range(40):
        history.provider(f"P{p:02d}")
        for n in range(8 if p < of else 4):
            history.care(f"P{p:02d}", f"M{p}-{n % 4}", after(n))
    figures = {"floor": 100, "rz": 20, "least": 4, "rare": 300}
    # Equals take the last of their places: 3 % of 40 compared, over the third place.
    found = history.strengths("VISITS_PER_PATIENT", figures)
    assert sorted(found) == [f"P{p:02d}" for p in range(of)]
    assert [found[who] for who in sorted(found)] == strengths


def children_and_their_doctors(birth: date) -> History:
    """Three professionals who all see the same twelve people, among 36 grown-up neighbours."""
    history = History()
    for name in ("P0", "P1", "P2", "X"):
        history.provider(name)
    for m in range(12):
        history.member(f"M{m}", birth=birth)
        for p in range(3):
            history.care(f"P{p}", f"M{m}")
    for n in range(36):
        history.member(f"N{n}", birth=date(1980, 1, 1))
        history.care("X", f"N{n}")
    return history


def test_the_doctors_of_a_towns_children_are_no_ring() -> None:
    grown_up, child = (
        children_and_their_doctors(birth) for birth in (date(1980, 1, 1), date(2020, 1, 1))
    )
    assert set(grown_up.strengths("DENSE_RING", {})) == {"P0", "P1", "P2"}
    assert child.strengths("DENSE_RING", {}) == {}
