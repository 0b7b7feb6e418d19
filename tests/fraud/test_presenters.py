"""Signals in words: one sentence a row, in both languages, figures and numbers included."""

from datetime import timedelta
from itertools import combinations

import pytest
from django.utils import timezone, translation

from fraud.models import Alarm, Signal
from fraud.presenters import age_in_words
from fraud.presenters.comparisons import COMPARED, compared
from fraud.presenters.figures import figure_label, figure_read, figure_written
from fraud.presenters.network import EDGE, HEIGHT, WIDTH, Link, drawn
from fraud.presenters.rules import DOCS, rule_paragraphs
from fraud.presenters.signals import shown_signals
from fraud.selectors.rules import NAMED, bounds_of
from tests import world

EVIDENCE = {
    "SAME_CARE_AGAIN": {
        "threshold": "1",
        "rows": [
            {
                "position": 1,
                "code": "C",
                "care_date": "2026-11-12",
                "other_claim": "01a20000-0000-7000-8000-000000000000",
                "other_fse_number": "7SWEG28E8B24",
                "other_position": 2,
            }
        ],
    },
    "CARE_AFTER_DEATH": {
        "threshold": "2026-11-11",
        "rows": [{"position": 1, "code": "C", "care_date": "2026-11-12", "days_after": 1}],
    },
    "MORE_THAN_A_DAY": {
        "threshold": "1440",
        "rows": [{"day": "2026-11-12", "minutes": 1441, "limit": 1440}],
    },
    "HANDED_OVER_TWICE": {
        "threshold": "0",
        "rows": [
            {
                "position": 2,
                "code": "6118000000011",
                "beyond": 2,
                "care_date": "2026-11-12",
                "number": "7SWEG28E8B24",
            }
        ],
    },
}
FRENCH = {
    "SAME_CARE_AGAIN": (
        "Ligne 1, C du 12/11/2026 : déjà demandé sous le numéro 7SWEG28E8B24, ligne 2."
    ),
    "CARE_AFTER_DEATH": "Ligne 1, C : soin du 12/11/2026, 1 jour après le décès.",
    "MORE_THAN_A_DAY": "Le 12/11/2026 : 1441 minutes d’actes demandées par ce professionnel.",
    "HANDED_OVER_TWICE": (
        "Ligne 2, 6118000000011 du 12/11/2026 : 2 boîte(s) au-delà de l’ordonnance 7SWEG28E8B24."
    ),
}


def shown(detector: str, evidence: dict[str, object], language: str) -> dict[str, object]:
    signal = Signal(detector=detector, evidence=evidence, decision_n=1, seen_at=timezone.now())
    with translation.override(language):
        return shown_signals([signal])[0]


@pytest.mark.parametrize("detector", sorted(EVIDENCE))
def test_a_row_is_one_sentence(detector: str) -> None:
    french = shown(detector, EVIDENCE[detector], "fr")
    arabic = shown(detector, EVIDENCE[detector], "ar")
    assert french["sentences"] == [FRENCH[detector]]
    for words in ("title", "threshold", "sentences"):
        assert french[words] != arabic[words]
    assert "12/11/2026" in arabic["sentences"][0]  # type: ignore[index]


def test_minutes_that_are_not_confirmed_are_said_so() -> None:
    french = shown("MORE_THAN_A_DAY", EVIDENCE["MORE_THAN_A_DAY"], "fr")
    assert "Durées usuelles à confirmer." in str(french["threshold"])


def test_a_repeated_care_leads_to_the_other_file() -> None:
    french = shown("SAME_CARE_AGAIN", EVIDENCE["SAME_CARE_AGAIN"], "fr")
    assert french["others"] == [
        {
            "number": "7SWEG28E8B24",
            "url": "/admin/claims/claim/01a20000-0000-7000-8000-000000000000/change/",
        }
    ]


def test_a_detector_that_failed_is_said_so() -> None:
    french = shown("MORE_THAN_A_DAY", {"failed": "ZeroDivisionError"}, "fr")
    assert french["sentences"] == []
    assert "n’a pas pu s’exécuter (ZeroDivisionError)" in str(french["threshold"])


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "1 minute"),
        (59, "59 minutes"),
        (60, "1 heure"),
        (47 * 60, "47 heures"),
        (2880, "2 jours"),
    ],
)
def test_ages_are_written_in_the_largest_unit_that_says_something(minutes: int, words: str) -> None:
    later = world.NOW + timedelta(minutes=minutes)
    assert age_in_words(world.NOW, later) == words


def figures() -> list[tuple[str, str]]:
    return [(rule, name) for rule in NAMED for name in bounds_of(rule)]


@pytest.mark.parametrize(("rule", "name"), figures())
def test_every_figure_has_a_name_in_both_languages(rule: str, name: str) -> None:
    with translation.override("fr"):
        french = figure_label(rule, name)
    with translation.override("ar"):
        arabic = figure_label(rule, name)
    assert french != arabic
    assert name not in french.split()


@pytest.mark.parametrize(("rule", "name"), figures())
def test_what_people_read_is_read_back_the_same(rule: str, name: str) -> None:
    bound = bounds_of(rule)[name]
    for value in (bound.minimum, bound.values[-1][1], bound.maximum):
        assert figure_read(rule, name, figure_written(rule, name, value)) == value


@pytest.mark.parametrize(
    ("rule", "name", "value", "written"),
    [
        ("UPCODING", "weight", 4_000, "40"),
        ("EARLY_REFILL", "share", 7_550, "75,5"),
        ("UPCODING", "rz", 35, "3,5"),
        ("UPCODING", "floor", 305, "3,05"),
        ("VOLUME_SPIKE", "floor", 8_000, "0,8"),
        ("TWO_PLACES", "km", 400, "400"),
    ],
)
def test_figures_are_written_as_people_write_them(
    rule: str, name: str, value: int, written: str
) -> None:
    assert figure_written(rule, name, value) == written
    assert figure_read(rule, name, f" {written.replace(',', '.')} ") == value


@pytest.mark.parametrize("typed", ["", "beaucoup", "-3", "1,2,3", "0,001", "9" * 5_000])
def test_what_is_no_figure_is_out_of_every_bound(typed: str) -> None:
    value = figure_read("UPCODING", "weight", typed)
    assert not 0 <= value <= 10_000


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_rule_tells_itself_in_whole_paragraphs(name: str) -> None:
    title, *rest = rule_paragraphs(DOCS[name])
    assert not title.startswith(name)
    assert any(each.startswith("Ne fait jamais : ") for each in rest)
    assert " ".join([title, *rest]) == " ".join(DOCS[name].split()).partition(": ")[2]


def test_the_places_of_a_network_fill_its_drawing() -> None:
    close = [Link(a, b, 6) for a, b in combinations("abcde", 2)]
    picture = drawn([*close, Link("e", "far", 1)], {}, {})
    xs = [node["x"] for node in picture["nodes"]]
    ys = [node["y"] for node in picture["nodes"]]
    assert (min(xs), max(xs)) == (EDGE, WIDTH - EDGE)
    assert (min(ys), max(ys)) == (EDGE, HEIGHT - EDGE)


@pytest.mark.parametrize(
    ("rule", "observed", "threshold", "said"),
    [
        (
            "COUPLE",
            "0.5312",
            "0.4",
            "Part des ordonnances dans cette pharmacie : 53,12 % ; seuil : 40 %.",
        ),
        ("LONG_DAYS", "1500", "1440", "Minutes de la plus longue journée : 1500 ; seuil : 1440."),
        ("PATIENTS_PER_DAY", "4.0943446", "3.4011974", "60 ; seuil : 30."),
        ("COST_PER_PATIENT", "11.512925", "10.819778", "1 000,00 ; seuil : 500,00."),
        ("NO_RIGHTS", "1", "0", "Constaté : 1 ; seuil : 0."),
        ("CODE_JUMP", "-0.05", "0.1", "-0,05 ; seuil : 10 %."),
    ],
)
def test_what_an_alarm_compared_is_written_in_its_unit(
    rule: str, observed: str, threshold: str, said: str
) -> None:
    with translation.override("fr"):
        words = compared(Alarm(rule=rule, observed=observed, threshold=threshold, peers=42))
    plain = words.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert said in plain
    assert plain.endswith(" Comparé à 42 pairs.")


def test_only_rules_of_the_catalogue_say_what_they_compare() -> None:
    assert set(COMPARED) <= set(NAMED)
