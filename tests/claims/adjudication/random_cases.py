"""Random but rich cases in the exchange format, from a seed: every feature is hit, often at its edge."""

import random
from datetime import date, timedelta

LETTERS = ["C", "Cs", "CNPSY", "V", "CsC", "AMM", "Z", "P", "B", "D", "DP", "AMY", "AMO", "XX", "k"]
ACCUMULATED = ["K", "Ka", "Kc"]
ACTS = ["D750", "D754", "K80", "Z20"]
ILLNESSES = ["E11", "C50", "I10"]
SCHEMES = ["SALARIED", "SELF_EMPLOYED", "ACHAMIL", "TADAMON", "PENSIONER"]
ANCHORS = [date(2026, 3, 10), date(2008, 1, 15), date(2024, 2, 29), date(2007, 5, 1)]


class CaseMaker:
    """Draws cases around one day, so that dates meet at their boundaries."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.anchor = self.random.choice([*ANCHORS, ANCHORS[0], ANCHORS[0]])
        # A quiet case passes the first steps, so that the later ones are reached on one day.
        self.quiet = self.random.random() < 0.6
        # A case about approvals has one act code, so that its lines compete for the same ones.
        self.about_approvals = self.random.random() < 0.25

    def case(self, number):
        lines = [self.line(str(place)) for place in range(self.random.randint(1, 8))]
        case = {
            "id": f"random-{number}",
            "received_date": self.received(lines),
            "patient": self.patient(),
            "coverage": {"scheme": self.pick(SCHEMES), "rights": self.periods()},
            "providers": {
                name: {"sector": self.pick(["PRIVATE", "PRIVATE", "PUBLIC"])} for name in "PQ"
            },
            "lines": lines,
        }
        for provider in case["providers"].values():
            provider["agreements"] = self.periods()
        self.add_history(case)
        return case

    def add_history(self, case):
        if self.chance(0.1):
            case["treatment_end_date"] = self.near(40)
        if self.chance(0.1):
            case["excused"] = True
        case["illnesses"] = self.some(3, self.illness)
        case["prior_approvals"] = self.some(4, self.approval)
        case["paid_before"] = self.some(3, self.payment)
        case["used_before"] = self.some(2, self.use)
        for name in ("illnesses", "paid_before", "used_before"):
            if not case[name] and self.chance(0.5):
                case[name] = None

    def patient(self):
        if self.quiet and self.chance(0.7):
            return {"birth_date": "1980-01-01", "relation": "self"}
        years = self.pick([17, 18, 20, 21, 21, 25, 26, 40])
        born = self.anchor - timedelta(days=round(years * 365.25) + self.random.randint(-3, 3))
        if self.chance(0.1):
            born = date(2004, 2, 29)
        return {
            "birth_date": born.isoformat(),
            "relation": self.pick(["self", "spouse", "child", "child"]),
            "student": self.chance(0.5),
            "married": self.chance(0.2),
            "disabled": self.chance(0.2),
        }

    def line(self, name):
        line = {
            "id": name,
            "quantity": self.pick([1, 1, 1, 1, 1, 1, 2, 3]),
            "charged": self.money(1, 400_000),
            "care_date": self.care_date(),
            "provider": self.pick("PPPPQ" if self.quiet else "PPQ"),
            "illness": self.pick([None, None, *ILLNESSES]),
        }
        if self.chance(0.25):
            line |= self.medicine()
        else:
            line |= self.act()
        if self.chance(0.25):
            line["ceiling"] = "dental_prosthesis"
        if self.chance(0.15):
            line["frequency"] = "optical_frame"
        return line

    def care_date(self):
        if self.quiet and self.chance(0.8):
            return self.anchor.isoformat()
        return self.near(2) if self.chance(0.8) else self.near(100)

    def medicine(self):
        base = self.random.randint(0, 30_000)
        public = self.pick([base, base + self.random.randint(0, 9_000), None])
        rate = self.pick(["0.70", "0.70", "0.00", "1.00", "0.775"])
        return {
            "kind": "MEDICINE",
            "ean": "6118000010050",
            "public_price": None if public is None else self.dirhams(public),
            "base_price": self.dirhams(base),
            "list_rate": rate,
            # A medicine is not an act: these say nothing of it.
            **({"covered": False, "needs_prior_approval": True} if self.chance(0.3) else {}),
        }

    def act(self):
        act = {"kind": "ACT", "act": self.act_code()}
        accumulated = self.chance(0.7 if self.quiet else 0.5)
        letter = self.pick(ACCUMULATED if accumulated else LETTERS)
        coefficient = self.pick(["1", "1.5", "10", "10", "80", "180", "0.33", "7.77", "0"])
        if self.chance(0.25):
            act["flat_tariff"] = self.money(0, 200_000)
            if self.chance(0.7):
                act["letter"] = letter
        else:
            act |= {"letter": letter, "coefficient": coefficient, "flat_tariff": None}
        if self.chance(0.1):
            act["covered"] = self.pick([False, False, None, True])
        if self.about_approvals or self.chance(0.15 if self.quiet else 0.35):
            act["needs_prior_approval"] = True
        return act

    def act_code(self):
        return ACTS[0] if self.about_approvals else self.pick(ACTS)

    def illness(self):
        rate = self.pick(["0.60", "0.77", "0.90", "0.97", "1.00", "0.855"])
        return {"code": self.pick(ILLNESSES), "category": "ALD", "rate": rate, "valid": self.span()}

    def approval(self):
        quantity = self.random.randint(1, 4)
        return {"act": self.act_code(), "quantity": quantity, "valid": self.span()}

    def payment(self):
        return {
            "ceiling": "dental_prosthesis",
            "care_date": self.around_window(24),
            "reimbursed": self.money(0, 250_000),
        }

    def use(self):
        return {"frequency": "optical_frame", "care_date": self.around_window(self.pick([12, 24]))}

    def received(self, lines):
        first = min(date.fromisoformat(line["care_date"]) for line in lines)
        if self.quiet:
            return (first + timedelta(days=self.random.randint(0, 62))).isoformat()
        days = self.pick([-3, 0, 5, 10, 20, 30, 58, 59, 60, 61, 62, 63])
        return (first + timedelta(days=days)).isoformat()

    def periods(self):
        """Usually open on the anchor, sometimes closing or opening that very day."""
        if self.chance(0.95 if self.quiet else 0.7):
            return [["2000-01-01", None]]
        return [self.span() for _each in range(self.random.randint(0, 3))]

    def span(self):
        start = self.anchor + timedelta(days=self.random.randint(-60, 3))
        end = self.pick([None, start + timedelta(days=self.random.randint(0, 90)), self.anchor])
        return [start.isoformat(), None if end is None else end.isoformat()]

    def around_window(self, months):
        year, month = divmod(self.anchor.year * 12 + self.anchor.month - 1 - months, 12)
        then = date(year, month + 1, min(self.anchor.day, 28))
        return (then + timedelta(days=self.random.randint(-3, 60))).isoformat()

    def near(self, days):
        return (self.anchor + timedelta(days=self.random.randint(-days, days))).isoformat()

    def some(self, most, make):
        return [make() for _each in range(self.random.randint(0, most))]

    def money(self, least, most):
        return self.dirhams(self.random.randint(least, most))

    def dirhams(self, centimes):
        return f"{centimes // 100}.{centimes % 100:02d}"

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, choices):
        return self.random.choice(choices)


def random_cases(seed, count):
    """So many cases, the same for the same seed."""
    for number in range(count):
        yield CaseMaker(f"{seed}-{number}").case(number)
