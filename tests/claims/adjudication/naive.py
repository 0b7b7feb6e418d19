"""A second, slow and flat reading of docs/adjudication.md, used as an oracle.

Written from the page alone: it reads no module of the engine, works on the exchange JSON with
fractions of dirhams, and carries the page's figures as the page prints them.
"""

import calendar
from datetime import date, timedelta
from fractions import Fraction

OLD, NEW = "2006-09-01", "2007-05-01"
# letter: private (day, dirhams)..., public (day, dirhams)...
LETTERS = {
    "C": ([(OLD, "80")], [(NEW, "50")]),
    "Cs": ([(OLD, "150")], [(NEW, "75")]),
    "CNPSY": ([(OLD, "190")], [(NEW, "100")]),
    "V": ([(OLD, "120")], []),
    "Vs": ([(OLD, "190")], []),
    "VNPSY": ([(OLD, "190")], []),
    "CsC": ([(OLD, "190"), ("2008-01-15", "250")], []),
    "AMM": ([(OLD, "50")], [(NEW, "40")]),
    "Z": ([(OLD, "10")], [(NEW, "9")]),
    "P": ([(OLD, "1.10")], [(NEW, "0.90")]),
    "K": ([(OLD, "22.50")], [(NEW, "13")]),
    "Ka": ([(OLD, "22.50")], [(NEW, "13")]),
    "Kc": ([(OLD, "22.50")], [(NEW, "13")]),
    "B": ([(OLD, "1.10")], [(NEW, "0.90")]),
    "D": ([(OLD, "17.50")], [(NEW, "10")]),
    "DP": ([(OLD, "12.50")], [(NEW, "10")]),
    "AMY": ([(OLD, "50")], []),
    "AMO": ([(OLD, "50")], []),
}
CEILINGS = {"dental_prosthesis": (Fraction(3000), 24)}


def rounded(amount):
    """To the centime, a half going up; the answer is still in dirhams."""
    return Fraction((2 * amount * 100 + 1) // 2, 100)


def add_months(day, months):
    """The same day number so many months later, or the month's last day."""
    year, month = day.year, day.month
    for _each in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def day_of(text):
    return date.fromisoformat(text)


def inside(day, period):
    start, end = period
    return day_of(start) <= day and (end is None or day < day_of(end))


def birthday(birth, age):
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 3, 1)


def in_window(event, months, day):
    return event <= day and add_months(event, months) > day


def judge(case):
    """The decision the page prescribes, in the exchange format."""
    lines = [opened(case, number, line) for number, line in enumerate(case["lines"])]
    filing(case, lines)
    for each in lines:
        if not each["denied"]:
            each["tariff"] = each["step 6"] = steps_2_to_6(case, each)
    in_turn = sorted(lines, key=lambda each: (each["day"], each["n"]))
    prior_approvals(case, in_turn)  # step 8 is judged before step 7
    accumulation(lines)
    frequencies(case, in_turn)
    for each in lines:
        if not each["denied"]:
            rate_and_amount(case, each)
    ceilings(case, in_turn)
    return printed(case, lines)


def opened(case, number, line):
    provider = case["providers"][line["provider"]]
    return {
        "n": number,
        "line": line,
        "day": day_of(line["care_date"]),
        "charged": Fraction(line["charged"]),
        "provider": provider,
        "public": provider["sector"] == "PUBLIC",
        "is_act": line["kind"] == "ACT",
        "denied": None,
        "tariff": Fraction(0),
        "step 6": Fraction(0),
        "base": Fraction(0),
        "rate": Fraction(0),
        "paid": Fraction(0),
        "reasons": [],
    }


def deny(each, reason):
    """One reason, and the tariff as step 6 left it."""
    each["denied"] = reason
    each["reasons"] = [reason]
    each["tariff"] = each["step 6"]
    return Fraction(0)


def filing(case, lines):
    if case.get("treatment_end_date"):
        limit = day_of(case["treatment_end_date"]) + timedelta(days=60)
    else:
        limit = add_months(min(each["day"] for each in lines), 2)
    if day_of(case["received_date"]) > limit and not case.get("excused"):
        for each in lines:
            deny(each, "FILED_LATE")


def steps_2_to_6(case, each):
    """The tariff, once the line passed steps 2 to 5."""
    if not any(inside(each["day"], period) for period in case["coverage"].get("rights") or []):
        return deny(each, "RIGHTS_CLOSED")
    if too_old(case["patient"], each["day"]):
        return deny(each, "DEPENDANT_TOO_OLD")
    if not any(inside(each["day"], period) for period in each["provider"].get("agreements") or []):
        return deny(each, "PROVIDER_NOT_AGREED")
    if excluded(each):
        return deny(each, "NOT_COVERED")
    unit = unit_tariff(each)
    if unit is None:
        return deny(each, "NO_TARIFF")
    return rounded(unit * each["line"]["quantity"])


def too_old(patient, day):
    if patient["relation"] != "child" or patient.get("disabled"):
        return False
    studies = patient.get("student") and not patient.get("married")
    return day >= birthday(day_of(patient["birth_date"]), 26 if studies else 21)


def excluded(each):
    if each["is_act"]:
        return each["line"].get("covered") is False
    return Fraction(each["line"]["list_rate"]) == 0


def unit_tariff(each):
    """What one unit of the line is worth, None when the letter has no value."""
    line = each["line"]
    if not each["is_act"]:
        return Fraction(line["base_price"])
    if line.get("flat_tariff") is not None:
        return Fraction(line["flat_tariff"])
    values = LETTERS.get(line["letter"], ([], []))[1 if each["public"] else 0]
    begun = [value for start, value in values if day_of(start) <= each["day"]]
    return Fraction(begun[-1]) * Fraction(line["coefficient"]) if begun else None


def prior_approvals(case, in_turn):
    approvals = case.get("prior_approvals") or []
    left = [approval["quantity"] for approval in approvals]
    for each in in_turn:
        line = each["line"]
        if each["denied"] or not each["is_act"] or not line.get("needs_prior_approval"):
            continue
        best = None
        for i, approval in enumerate(approvals):
            fits = (
                approval["act"] == line.get("act")
                and inside(each["day"], approval["valid"])
                and left[i] >= line["quantity"]
            )
            if fits and (best is None or ends_before(approval, approvals[best])):
                best = i
        if best is None:
            deny(each, "PRIOR_APPROVAL_MISSING")
        else:
            left[best] -= line["quantity"]


def accumulation(lines):
    for provider, day in {(each["line"]["provider"], each["day"]) for each in lines}:
        group = [
            each
            for each in lines
            if not each["denied"]
            and each["is_act"]
            and each["line"].get("letter") in ("K", "Ka", "Kc")
            and each["line"]["quantity"] == 1
            and each["line"]["provider"] == provider
            and each["day"] == day
        ]
        group.sort(key=lambda each: each["n"])
        group.sort(key=lambda each: each["tariff"], reverse=True)
        for each in group[1:2]:
            each["tariff"] = rounded(each["tariff"] / 2)
            each["reasons"].append("SECOND_ACT_HALVED")
        for each in group[2:]:
            deny(each, "FURTHER_ACT_NOT_BILLED")


def frequencies(case, in_turn):
    birth = day_of(case["patient"]["birth_date"])
    for position, each in enumerate(in_turn):
        name = each["line"].get("frequency")
        if each["denied"] or name is None:
            continue
        months = 12 if each["day"] < birthday(birth, 18) else 24
        before = case.get("used_before") or []
        days = [day_of(use["care_date"]) for use in before if use["frequency"] == name]
        days += [
            other["day"]
            for other in in_turn[:position]
            if other["line"].get("frequency") == name and not other["denied"]
        ]
        if sum(in_window(day, months, each["day"]) for day in days) >= 1:
            deny(each, "FREQUENCY_EXCEEDED")


def rate_and_amount(case, each):
    line = each["line"]
    each["base"] = min(each["tariff"], each["charged"])
    rates = [Fraction("0.7") if each["is_act"] else Fraction(line["list_rate"])]
    for illness in case.get("illnesses") or []:
        if line.get("illness") == illness["code"] and inside(each["day"], illness["valid"]):
            rates.append(Fraction(illness["rate"]))
            if each["public"]:
                rates.append(Fraction("0.9"))
    if each["public"] and case["coverage"]["scheme"] == "TADAMON":
        rates.append(Fraction(1))
    each["rate"] = max(rates)
    each["paid"] = rounded(each["base"] * each["rate"])
    if each["charged"] > each["tariff"]:
        each["reasons"].append("GENERIC_BASE" if on_generic_base(each) else "PRICE_CAPPED")


def on_generic_base(each):
    public_price = each["line"].get("public_price")
    if each["is_act"] or public_price is None:
        return False
    return Fraction(each["line"]["base_price"]) < Fraction(public_price)


def ceilings(case, in_turn):
    for position, each in enumerate(in_turn):
        name = each["line"].get("ceiling")
        if each["denied"] or name is None:
            continue
        ceiling, months = CEILINGS[name]
        events = [
            (day_of(paid["care_date"]), Fraction(paid["reimbursed"]))
            for paid in case.get("paid_before") or []
            if paid["ceiling"] == name
        ]
        events += [
            (other["day"], other["paid"])
            for other in in_turn[:position]
            if other["line"].get("ceiling") == name
        ]
        used = sum(paid for day, paid in events if in_window(day, months, each["day"]))
        allowed = max(Fraction(0), ceiling - used)
        if each["paid"] > allowed:
            each["paid"] = allowed
            each["reasons"].append("CEILING_REACHED")


def ends_before(one, other):
    """Whether an approval ends strictly before another; one without end ends last."""
    if one["valid"][1] is None:
        return False
    return other["valid"][1] is None or day_of(one["valid"][1]) < day_of(other["valid"][1])


def dirhams(amount):
    centimes = amount * 100
    assert centimes.denominator == 1
    return f"{int(centimes) // 100}.{int(centimes) % 100:02d}"


def rate_text(rate):
    whole = str(int(rate * 10000)).zfill(5)
    text = f"{whole[:-4]}.{whole[-4:]}"
    while text.endswith("0") and len(text.split(".")[1]) > 2:
        text = text[:-1]
    return text


def printed(case, lines):
    charged = sum(each["charged"] for each in lines)
    paid = sum(each["paid"] for each in lines)
    touched = {"SECOND_ACT_HALVED", "CEILING_REACHED"}
    partly = any(each["denied"] or touched & set(each["reasons"]) for each in lines)
    outcome = "denied" if paid == 0 else "partly_approved" if partly else "approved"
    return {
        "id": case["id"],
        "outcome": outcome,
        "needs_review": any("NO_TARIFF" in each["reasons"] for each in lines),
        "total_charged": dirhams(charged),
        "total_reimbursed": dirhams(paid),
        "total_insured_share": dirhams(charged - paid),
        "lines": [
            {
                "id": each["line"]["id"],
                "tariff": dirhams(each["tariff"]),
                "base": dirhams(each["base"]),
                "rate": rate_text(each["rate"]),
                "reimbursed": dirhams(each["paid"]),
                "insured_share": dirhams(each["charged"] - each["paid"]),
                "reasons": each["reasons"],
            }
            for each in lines
        ],
    }
