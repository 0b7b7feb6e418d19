"""One history for each rule, of one measure: just enough of it is seen, at the threshold it is not."""

from datetime import timedelta

from tests.fraud.histories import DAY, DRUG, History, after, noon

OTHER = "6118000000024"


def same_care_again(h: History, minutes: int) -> None:
    h.care("P", "M", started=noon(DAY))
    h.care("P", "M", started=noon(DAY, minutes))


def care_after_death(h: History, days: int) -> None:
    h.member("M", death=DAY)
    h.care("P", "M", after(days))


def no_rights(h: History, days: int) -> None:
    h.member("M", rights=(None, DAY))
    h.care("P", "M", after(days))


def dispensed_without_prescription(h: History, boxes: int) -> None:
    h.prescription("R", "D", "M")
    h.tell("prescription_lines", "R", "1", DRUG, 2, 30, 0)
    h.boxes("P", "M", rx="R", rx_line="1", boxes=boxes)


def in_hospital(h: History, days: int) -> None:
    h.provider("P")
    h.tell("stays", "H", "M", DAY, after(2))
    h.care("P", "M", after(days))


def minutes_of_a_day(h: History, minutes: int) -> None:
    h.provider("P")
    h.tell("letters", "K", 1, False)
    h.care("P", "M", letter="K", boxes=minutes - 1)
    h.care("P", "N", letter="K")


def three_long_days(h: History, minutes: int) -> None:
    h.provider("P")
    h.tell("letters", "K", 1, False)
    for n in range(3):
        h.care("P", "M", after(n), letter="K", boxes=minutes)


def two_places(h: History, degrees: int) -> None:
    h.provider("P", at=(34.0 - degrees, -6.0))
    h.provider("Q")
    h.care("P", "M")
    h.care("Q", "M")


def near_duplicate(h: History, days: int) -> None:
    h.care("P", "M")
    h.care("Q", "M", after(days))


def early_refill(h: History, days: int) -> None:
    h.drug(DRUG, "inn")
    h.boxes("P", "M", days=30)
    h.boxes("P", "M", after(days, DAY), days=30, at=noon(DAY, 30))


def overlap_of_therapy(h: History, days: int) -> None:
    h.drug(DRUG, "one", atc="N05BA01")
    h.drug(OTHER, "two", atc="N05BA12")
    h.prescription("R", "D", "M")
    h.prescription("S", "E", "M")
    h.boxes("P", "M", rx="R", days=30)
    h.boxes("P", "M", after(days), rx="S", code=OTHER, days=30, at=noon(DAY, 30))


def stock_at_home(h: History, days: int) -> None:
    start = after(-60)
    for day, given in ((0, 30), (5, 30), (days, 90)):
        h.boxes("P", "M", after(day, start), days=given)


def doctor_shopping(h: History, places: int) -> None:
    for n in range(4):
        h.prescription(f"R{n}", f"D{n}", "M", after(n))
    for n in range(4):
        h.boxes(f"P{n % places}", "M", after(n), rx=f"R{n}")


def lent_identity(h: History, pharmacies: int) -> None:
    for n in range(pharmacies):
        h.provider(f"P{n}", kind="PHARMACY")
        h.boxes(f"P{n}", "M")


def lent_to_neighbours(h: History, practices: int) -> None:
    for n in range(practices):
        h.provider(f"P{n}")
        h.care(f"P{n}", "M", after(n))


def lent_to_a_child(h: History, days: int) -> None:
    h.provider("P", speciality="PAEDIATRICS")
    h.provider("Q")
    h.member("M")
    for n in range(40):
        h.member(f"C{n}", birth=after(-1000))
        h.care("P", f"C{n}")
        h.member(f"A{n}")
        h.care("Q", f"A{n}")
    for n in range(days):
        h.care("P", "M", after(n))


def typing_burst(h: History, claims: int) -> None:
    for n in range(claims):
        h.care("P", f"M{n}", at=noon(DAY) + timedelta(seconds=n))


def stolen_key(h: History, claims: int) -> None:
    for n in range(claims):
        h.care("P", f"M{n}", device="D")
    for n in range(claims + 1):
        h.care("Q", f"N{n}", device="D")


def linked_accounts(h: History, practices: int) -> None:
    for n in range(2):
        h.provider(f"P{n}", bank="ACCOUNT", practice=f"G{n % practices}")


def couple(h: History, neighbours: int) -> None:
    for name, kind in (
        ("D", "SPECIALIST"),
        ("X", "PHARMACY"),
        ("E", "SPECIALIST"),
        ("Y", "PHARMACY"),
    ):
        h.provider(name, kind=kind)
    for doctor, pharmacy, count in (("D", "X", 8), ("E", "Y", neighbours)):
        for n in range(count):
            h.member(f"M{doctor}{n}")
            h.prescription(f"{doctor}{n}", doctor, f"M{doctor}{n}")
            h.boxes(pharmacy, f"M{doctor}{n}", rx=f"{doctor}{n}", price=100)


def dense_ring(h: History, neighbours: int) -> None:
    for name in ("P0", "P1", "P2", "X"):
        h.provider(name)
    for m in range(12):
        h.member(f"M{m}")
        for p in range(3):
            h.care(f"P{p}", f"M{m}")
    for n in range(neighbours):
        h.member(f"N{n}")
        h.care("X", f"N{n}")


# Against peers: `times` of the four things a provider did are odd; none is at the others'.


def controlled_share(h: History, times: int, count: int) -> None:
    h.drug(DRUG, "one", controlled=True)
    h.drug(OTHER, "two")
    for p, n in each_of_four(h, count):
        h.prescription(f"R{p}{n}", p, f"M{p}{n}")
        h.boxes("X", f"M{p}{n}", rx=f"R{p}{n}", code=DRUG if is_odd(p, n, times) else OTHER)


def cost_per_patient(h: History, times: int, count: int) -> None:
    for p, n in each_of_four(h, count):
        h.care(p, f"M{p}{n}", price=100 * (times if p == "P00" else 1))


def visits_per_patient(h: History, times: int, count: int) -> None:
    for p, n in each_of_four(h, count):
        for again in range(times if p == "P00" else 1):
            h.care(p, f"M{p}{n}", after(again))


def patients_per_day(h: History, times: int, count: int) -> None:
    for p, n in each_of_four(h, count):
        for other in range(times if p == "P00" else 1):
            h.care(p, f"M{p}{n}{other}", after(n))


def odd_hours(h: History, times: int, count: int) -> None:
    for p, n in each_of_four(h, count):
        # In the evening, 20:00 UTC is 21:00 in Morocco; a minute before is not yet odd.
        evening = noon(DAY, 540 if is_odd(p, n, times) else 539)
        h.care(p, f"M{p}{n}", started=evening)


def repeated_amounts(h: History, same: int, count: int) -> None:
    for p in range(count):
        h.provider(f"P{p:02d}")
        for n in range(12):
            h.care(f"P{p:02d}", f"M{p}-{n}", price=100 + (0 if p == 0 and n < same else n))


def refill_mill(h: History, times: int, count: int) -> None:
    for p, n in each_of_four(h, count):
        late = p != "P00"
        h.boxes(p, f"M{p}{n % 2}", after((n // 2) * (2 if late else 1)), days=times)


def far_members(h: History, times: int, count: int) -> None:
    for p, n in each_of_four(h, count):
        h.member(f"M{p}{n}", at=(35.0 if is_odd(p, n, times) else 34.5, -6.0))
        h.care(p, f"M{p}{n}")


def no_trace(h: History, times: int, count: int) -> None:
    day = after(-40)
    for p, n in each_of_four(h, count):
        # Another is seen thirty days later; thirty-one is too late to be a trace.
        h.care(p, f"M{p}{n}", day)
        h.care("OTHER", f"M{p}{n}", after(31 if is_odd(p, n, times) else 30, day))


def volume_spike(h: History, visits: int, count: int) -> None:
    for p in range(count):
        h.provider(f"P{p:02d}")
        for n in range(visits if p == 0 else 4):
            h.care(f"P{p:02d}", f"M{p}-{n}", after(n))


def upcoding(h: History, times: int, count: int) -> None:
    for p, n in each_of_four(h, count):
        dear = is_odd(p, n, times)
        h.care(p, f"M{p}{n}", code="V" if dear else "C", price=20_000 if dear else 8_000)


def code_jump(h: History, times: int, count: int) -> None:
    upcoding(h, times, count)
    for p in range(count):
        for n in range(4):
            h.care(f"P{p:02d}", f"MP{p:02d}{n}", after(-120))


def unbundling(h: History, members: int, count: int) -> None:
    for p in range(count):
        h.provider(f"P{p:02d}")
        for n in range(members):
            h.care(f"P{p:02d}", f"M{p}-{n}", code="A")
            if p == 0:
                h.care("P00", f"M{p}-{n}", code="B")


def new_dealer(h: History, others: int, count: int) -> None:
    h.provider("P00", agreed=(after(-100), None))
    for n in range(16):
        h.care("P00", f"M{n}", price=1000 if n < 8 else 100)
    for p in range(1, count):
        h.provider(f"P{p:02d}")
    for n in range(others):
        h.care(f"P{1 + n % (count - 1):02d}", f"N{n}", price=100)


def each_of_four(h: History, count: int) -> list[tuple[str, int]]:
    """Four things done by each of `count` providers of one speciality; the first is P00."""
    names = [f"P{p:02d}" for p in range(count)]
    for name in names:
        h.provider(name)
    return [(name, n) for name in names for n in range(4)]


def is_odd(provider: str, n: int, times: int) -> bool:
    return provider == "P00" and n < times
