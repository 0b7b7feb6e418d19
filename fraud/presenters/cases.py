"""What a case's page says: score by family, evidence with its claims, network, time strip, decisions."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.models import User
from claims.models import Claim
from core.languages import in_readers_letters
from core.periods import add_months
from core.transitions import moves_of
from fraud import presenters, selectors
from fraud.models import Alarm, Case, CaseItem, CaseRecovery, Signal
from fraud.permissions import DESK_READERS, can_work_desk
from fraud.presenters.comparisons import compared
from fraud.presenters.network import Link, drawn
from fraud.presenters.signals import shown_signals
from fraud.presenters.titles import evidence_words, family_title, rule_title
from fraud.rules.rule import Kind
from fraud.rules.score import by_family, score
from fraud.selectors import cases
from fraud.selectors.rules import NAMED, limits_on, records, rules_in_force, suspensions
from fraud.services import RECOVERABLE, marks_of
from fraud.states import CaseState
from providers.models import Provider

S = CaseState
SHOWN_ITEMS = 100
MONTHS = 24
BAR, BASE, HIGH = 27, 47, 44


def case_title(case: Case) -> str:
    """Whom a case is about, in the reader's letters."""
    names = [
        in_readers_letters(each.provider, each.provider.name)
        if each.provider
        else in_readers_letters(each.member)
        for each in case.parties.all()
    ]
    if len(names) > 3:
        return _("%(first)s et %(n)s autres") % {"first": names[0], "n": len(names) - 1}
    return " · ".join(names)


def paid_over(day: date) -> str:
    """What the amount of a case is: what was paid while its alarms weigh."""
    return _("payé en %(n)s jours") % {"n": limits_on(day)["fade_days"]}


def shown_case(case: Case, *, user: User, at: datetime) -> dict[str, Any]:
    """The page of a case, every word and figure ready."""
    items = cases.items_of(case)
    evidence = shown_evidence(items)
    parties = [each for each in case.parties.all() if each.provider_id]
    moves = moves_of(case)
    names = selectors.actor_names({move.actor for move in moves})
    return {
        "title": case_title(case),
        "paid_over": paid_over(localdate(at)),
        "families": families_of(items, at=at),
        "evidence": evidence[:SHOWN_ITEMS],
        "more": max(0, len(evidence) - SHOWN_ITEMS),
        "network": network_of([each.provider_id for each in parties], is_wide=True),
        "strip": strip_of(items, localdate(at)),
        "claims": shown_claims(case),
        "notes": case.notes.select_related("by").order_by("-at"),
        "decisions": case.decisions.select_related("by").order_by("-at"),
        "recovered": recovered(case),
        "history": [
            {
                "at": move.at,
                "label": dict(CaseState.choices).get(move.to_state, move.to_state),
                "who": names.get(move.actor) or presenters.who_of(move.actor),
                "reason": move.reason,
            }
            for move in reversed(moves)
        ],
        "can_take": can_work_desk(user) and case.state == S.OPEN,
        "can_decide": can_work_desk(user)
        and case.state == S.ASSIGNED
        and case.officer_id == user.pk,
        "can_note": can_work_desk(user),
        "can_reopen": can_work_desk(user) and case.state == S.UNFOUNDED,
    }


def families_of(items: Iterable[CaseItem], *, at: datetime) -> dict[str, Any]:
    """The score and what each family gives to it, the largest first."""
    known = list(items)
    rules = {each.name: each for each in rules_in_force(localdate(at)) if not each.is_shadow}
    marks = marks_of(
        [each.alarm for each in known if each.alarm],
        [each.signal for each in known if each.signal],
        rules,
        localdate(at),
    )
    worth = sorted(by_family(marks).items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "score_bp": score(marks),
        "rows": [{"label": family_title(family), "bp": bp} for family, bp in worth],
    }


def shown_evidence(items: Iterable[CaseItem]) -> list[dict[str, Any]]:
    """What was seen, once each: what a night sees again of a signal is left out, and alarms that say the
    same of several professionals are one, with their names."""
    known = list(items)
    signalled = {(each.signal.detector, each.signal.claim_id) for each in known if each.signal}
    shown: dict[str, dict[str, Any]] = {}
    for item in known:
        if item.alarm and (item.alarm.rule, item.alarm.claim_id) in signalled:
            continue
        told = shown_item(item)
        names = told.pop("names")
        kept = shown.setdefault(repr(told), {**told, "names": []})
        kept["names"] += [name for name in names if name not in kept["names"]]
    return list(shown.values())


def shown_item(item: CaseItem) -> dict[str, Any]:
    """One alarm or signal: rule, day, sentences, and the claim it names."""
    seen: Any = item.alarm or item.signal
    name = seen.rule if isinstance(seen, Alarm) else seen.detector
    rule = NAMED.get(name)
    words = (
        {"compared": compared(seen), "words": evidence_words(seen.evidence), "sentences": []}
        if isinstance(seen, Alarm)
        else {"compared": "", "words": [], "sentences": _signal_sentences(seen)}
    )
    return {
        "title": rule_title(name),
        "rule": name,
        "version": seen.version,
        "is_fact": rule is not None and rule.kind == "FACT",
        "day": cases.day_of(item),
        "number": seen.claim.sheet.fse_number if seen.claim_id else "",
        "url": reverse("admin:claims_claim_change", args=[seen.claim_id]) if seen.claim_id else "",
        "line": getattr(seen, "line", None),
        "names": _names(seen) if isinstance(seen, Alarm) else [],
        **words,
    }


def evidence_rows(case: Case) -> list[tuple[object, ...]]:
    """What was seen of a case as rows of a file, in the order of its page."""
    return [
        (
            item["title"],
            item["rule"],
            item["version"],
            _("fait") if item["is_fact"] else _("statistique"),
            item["day"].isoformat(),
            " · ".join(item["names"]) or case_title(case),
            item["number"],
            item["line"] or "",
            " ".join(
                [
                    *item["sentences"],
                    item["compared"],
                    ", ".join(f"{label} {value}" for label, value in item["words"]),
                ]
            ).strip(),
        )
        for item in shown_evidence(cases.items_of(case))
    ]


def _names(alarm: Alarm) -> list[str]:
    """Whom an alarm of a network is about; of one subject, the title of the case says it."""
    if alarm.level not in {Alarm.Level.RING, Alarm.Level.COUPLE}:
        return []
    pair = [alarm.provider, alarm.other if alarm.level == Alarm.Level.COUPLE else None]
    return [in_readers_letters(each, each.name) for each in pair if each]


def _signal_sentences(signal: Signal) -> list[str]:
    shown = shown_signals([signal])[0]
    return list(shown["sentences"])


def shown_claims(case: Case) -> list[dict[str, Any]]:
    """The claims a case names, the dearest first, with what may be taken back."""
    rows = cases.claims_of_case(case).select_related("sheet", "patient", "provider")
    taken = set(CaseRecovery.objects.filter(claim__in=rows).values_list("claim", flat=True))
    return [
        {
            "claim": claim,
            "url": reverse("admin:claims_claim_change", args=[claim.pk]),
            "can_go_back": _can_go_back(claim, taken),
            "is_taken": claim.pk in taken,
        }
        for claim in rows.order_by("-reimbursed_centimes", "received_at")[:SHOWN_ITEMS]
    ]


def _can_go_back(claim: Claim, taken: Collection[Any]) -> bool:
    return claim.pk not in taken and claim.state in RECOVERABLE and bool(claim.reimbursed_centimes)


def recovered(case: Case) -> int:
    """What was asked back with a case, in centimes."""
    rows = CaseRecovery.objects.filter(decision__case=case)
    return sum(rows.values_list("amount_centimes", flat=True))


def network_of(providers: list[Any], *, is_wide: bool = False) -> dict[str, Any]:
    """The drawing of some professionals, and of those who share their members when it is wide."""
    keys = [*providers, *(cases.around(providers) if is_wide and providers else [])]
    links = [
        Link(str(first), str(second), members) for first, second, members in cases.links_among(keys)
    ]
    known = Provider.objects.filter(pk__in=keys)
    names = {str(each.pk): in_readers_letters(each, each.name) for each in known}
    kinds = {str(each.pk): each.kind for each in known}
    picture = drawn(links, names, kinds)
    inside = {str(key) for key in providers}
    for node in picture["nodes"]:
        node["is_inside"] = node["key"] in inside
    return picture


def strip_of(items: Iterable[CaseItem], today: date) -> dict[str, Any]:
    """Alarms by month over two years, on a drawing 648 wide and 47 high."""
    counts: Counter[date] = Counter(cases.day_of(each).replace(day=1) for each in items)
    last = today.replace(day=1)
    months = [add_months(last, -back) for back in range(MONTHS - 1, -1, -1)]
    highest = max([counts[month] for month in months] or [0]) or 1
    return {
        "bars": [
            {
                "x": place * BAR + BAR // 3,
                "height": max(2, counts[month] * HIGH // highest),
                "y": BASE - max(2, counts[month] * HIGH // highest),
            }
            for place, month in enumerate(months)
            if counts[month]
        ],
        "first": months[0],
        "last": last,
        "rows": [{"month": month, "n": counts[month]} for month in months if counts[month]],
    }


def ranked_providers(*, at: datetime, by_amount: bool) -> list[dict[str, Any]]:
    """Professionals with alarms that weigh, the strongest first, or those paid the most first.

    Each row carries its place in both orders.
    """
    today = localdate(at)
    since = today - timedelta(days=limits_on(today)["fade_days"])
    rules = {each.name: each for each in rules_in_force(today) if not each.is_shadow}
    facts = [rule.name for rule in rules.values() if rule.rule.kind is Kind.FACT]
    found = cases.suspects(since, facts)
    known = Provider.objects.select_related("territory").in_bulk(list(found))
    amounts, live = cases.amounts_since(list(found), since), cases.live_cases_of(list(found))
    rows: list[dict[str, Any]] = []
    for key, seen in found.items():
        alarms = [each for each in seen if isinstance(each, Alarm)]
        signals = [each for each in seen if isinstance(each, Signal)]
        marks = marks_of(alarms, signals, rules, today)
        names = {each.rule for each in alarms} | {each.detector for each in signals}
        rows.append(
            {
                "provider": known[key],
                "score_bp": score(marks),
                "amount_centimes": amounts.get(key, 0),
                "rules": [rule_title(name) for name in sorted(names)],
                "case": live.get(key),
            }
        )
    for order, place in (("score_bp", "score_place"), ("amount_centimes", "amount_place")):
        places: dict[int, int] = {}  # equals share a place
        for n, worth in enumerate(sorted((row[order] for row in rows), reverse=True), 1):
            places.setdefault(worth, n)
        for row in rows:
            row[place] = places[row[order]]
    first, then = ("amount_place", "score_place") if by_amount else ("score_place", "amount_place")
    return sorted(rows, key=lambda row: (row[first], row[then], row["provider"].inpe))


def desk_figures(user: User, *, at: datetime) -> list[dict[str, Any]]:
    """The fraud desk on the first page: live cases, and rules that lost their hold or are failing."""
    if user.role not in DESK_READERS:
        return []
    count, amount, oldest = cases.live_sizes()
    known = records()
    trouble = set(suspensions()) | {name for name in NAMED if known[name].is_failing}
    return [
        {
            "label": _("Dossiers de fraude"),
            "empty": _("Aucun dossier ouvert."),
            "count": count,
            "amount_centimes": amount,
            "age": presenters.age_in_words(oldest, at),
            "url": f"{reverse('admin:fraud_case_changelist')}?state__in=OPEN,ASSIGNED",
            "is_mine": can_work_desk(user),
        },
        {
            "label": _("Règles à revoir"),
            "empty": _("Toutes les règles tiennent."),
            "count": len(trouble),
            "amount_centimes": 0,
            "age": ", ".join(rule_title(name) for name in sorted(trouble)),
            "url": reverse("admin:fraud_rules"),
            "is_mine": bool(trouble) and can_work_desk(user),
        },
    ]
