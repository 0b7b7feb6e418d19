"""The law as data: a strict loader, dated values, announced ones never used, sources listed."""

import json
import shutil
from datetime import date, timedelta

import pytest

from claims.adjudication import Law, NoLawInForce
from claims.adjudication.facts import Sector
from claims.adjudication.law import Ceiling, Frequency
from claims.adjudication.legislation.loader import LEGISLATION, load_law
from claims.adjudication.parameters import LawError
from tests.claims.adjudication.builders import LAW

TODAY = date(2026, 11, 22)
FAR = date(2040, 1, 1)
GOOD = """\
description: "Un taux"
unit: rate
values:
  2020-01-01:
    value: "0.70"
    reference: "Un texte"
"""


@pytest.fixture
def legislation(tmp_path):
    """A copy of the law with one more file, or another text for one of them."""
    folder = tmp_path / "legislation"
    shutil.copytree(LEGISLATION, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))

    def with_file(text, name="rates/tested.yaml"):
        (folder / name).write_text(text, encoding="utf-8")
        return folder

    return with_file


@pytest.mark.parametrize(
    ("letter", "private", "public"),
    [
        ("C", 8000, 5000),
        ("Cs", 15000, 7500),
        ("CNPSY", 19000, 10000),
        ("V", 12000, None),
        ("Vs", 19000, None),
        ("VNPSY", 19000, None),
        ("CsC", 25000, None),
        ("AMM", 5000, 4000),
        ("Z", 1000, 900),
        ("P", 110, 90),
        ("K", 2250, 1300),
        ("Ka", 2250, 1300),
        ("Kc", 2250, 1300),
        ("B", 110, 90),
        ("D", 1750, 1000),
        ("DP", 1250, 1000),
        ("AMY", 5000, None),
        ("AMO", 5000, None),
    ],
)
@pytest.mark.parametrize("day", [TODAY, FAR])
def test_key_letters_are_those_of_the_page(letter, private, public, day):
    law = LAW.at(day)

    assert law.letter_value(letter, Sector.PRIVATE)[0] == private
    if public is None:
        with pytest.raises(NoLawInForce):
            law.letter_value(letter, Sector.PUBLIC)
    else:
        assert law.letter_value(letter, Sector.PUBLIC)[0] == public


@pytest.mark.parametrize(
    ("sector", "first_day"),
    [(Sector.PRIVATE, date(2006, 9, 1)), (Sector.PUBLIC, date(2007, 5, 1))],
)
def test_no_letter_has_a_value_the_day_before_its_convention(sector, first_day):
    assert LAW.at(first_day).letter_value("C", sector)[0] > 0
    with pytest.raises(NoLawInForce, match=rf"key_letters\.C\.{sector} is in force on"):
        LAW.at(first_day - timedelta(days=1)).letter_value("C", sector)


def test_other_figures_are_those_of_the_page():
    law = LAW.at(TODAY)

    assert law.rate("standard_act") == 7000
    assert law.rate("long_illness_public") == 9000
    assert law.rate("tadamon_public") == 10_000
    assert law.ceiling("dental_prosthesis") == Ceiling(300_000, 24)
    assert law.frequency("optical_frame", minor=False) == Frequency(1, 24)
    assert law.frequency("optical_frame", minor=True) == Frequency(1, 12)
    assert [law.age(name) for name in ("child", "student", "majority")] == [21, 26, 18]
    assert law.delay("filing_months") == 2
    assert law.delay("continuous_treatment_days") == 60
    assert law.accumulated_letters() == {"K", "Ka", "Kc"}
    assert law.accumulation_factors() == (10_000, 5_000, 0)


def test_settings_of_the_product_are_read_the_same_way():
    law = LAW.at(TODAY)

    assert law.delay("hold_max_days") == 15
    assert law.delay("prescription_validity_days") == 90
    assert law.delay("custody_minutes") == 15
    assert (law.act_minutes("C"), law.act_minutes("Cs"), law.act_minutes("B")) == (10, 15, 0)


def test_announced_values_are_listed_and_never_used():
    announced = LAW.announced()

    assert ("key_letters.C.PRIVATE", date(2020, 1, 13)) in announced
    assert ("key_letters.Cs.PRIVATE", date(2020, 1, 13)) in announced
    assert ("ages.student", date(2027, 2, 1)) in announced
    assert ("rates.standard_act", date(2019, 7, 1)) in announced
    assert LAW.at(FAR).letter_value("Cs", Sector.PRIVATE)[0] == 15_000
    assert LAW.at(FAR).age("student") == 26
    with pytest.raises(NoLawInForce):
        LAW.at(FAR).rate("device")


def test_what_has_no_source_yet_is_listed():
    keys = {key for key, _day in LAW.to_be_confirmed()}

    assert {key for key in keys if not key.startswith("act_minutes.")} == {
        "accumulation.factors",
        "accumulation.letters",
        "ages.majority",
        "delays.account_change_confirm_days",
        "delays.account_change_cooling_days",
        "delays.custody_minutes",
        "delays.dispensing_arrival_days",
        "delays.dispensing_correction_days",
        "delays.dispute_days",
        "delays.hold_max_days",
        "delays.not_collected_days",
        "delays.offline_parent_days",
        "delays.outage_grace_days",
        "delays.pack_kept_days",
        "delays.pack_valid_days",
        "delays.paper_keying_days",
        "delays.prescription_hold_max_days",
        "delays.prescription_validity_days",
        "delays.reversal_max_days",
        "delays.settlement_days",
        "delays.state_limits_days",
        "frequencies.optical_frame.adult",
        "frequencies.optical_frame.minor",
        "guarantees.presence.ATTESTATION",
        "guarantees.presence.CARD",
        "guarantees.presence.NONE",
        "guarantees.presence.ONE_TIME_CODE",
        "guarantees.presence.PORTAL_QR",
        "key_letters.B.PRIVATE",
        "key_letters.B.PUBLIC",
        "offline.as_shown",
        "offline.clock",
        "offline.good_faith",
        "offline.limits",
        "offline_amounts.device.DENTIST",
        "offline_amounts.device.DOCTOR",
        "offline_amounts.device.ESTABLISHMENT",
        "offline_amounts.device.LABORATORY",
        "offline_amounts.device.OPTICIAN",
        "offline_amounts.device.PARAMEDIC",
        "offline_amounts.device.PHARMACY",
        "offline_amounts.device.RADIOLOGY",
        "paper.pads",
        "payment_calendar.cut_off",
        "payment_calendar.insured_weekdays",
        "payment_calendar.provider_days",
        "presence.one_time_code",
        "presence.portal_code",
        "presence.proof",
        "principles.provider_agreement",
        "rates.tadamon_public",
        "recoveries.share_max.insured",
        "recoveries.share_max.provider",
    }
    assert set(filter(lambda key: key.startswith("act_minutes."), LAW.keys())) <= keys


def test_the_law_comes_back_from_json_with_the_same_digest():
    back = Law.from_dict(json.loads(json.dumps(LAW.to_dict())))

    assert back.to_dict() == LAW.to_dict()
    assert back.digest == LAW.digest
    assert len(back.digest) == 64


def test_the_digest_changes_with_the_content(legislation):
    assert load_law(legislation(GOOD)).digest != LAW.digest


def test_a_reference_is_found_for_a_day():
    assert LAW.at(TODAY).reference("ages.child") == "Loi 65-00, article 5"
    assert LAW.at(TODAY).reference("rates.tadamon_public") == "to be confirmed"


def test_asking_for_what_the_law_does_not_know_raises():
    with pytest.raises(NoLawInForce, match=r"rates\.unheard is in force on 2026-11-22"):
        LAW.at(TODAY).rate("unheard")


def test_what_was_answered_for_a_day_says_nothing_of_another():
    letter = ("CsC", Sector.PRIVATE)
    law = Law.from_dict(LAW.to_dict())

    assert law.at(date(2026, 3, 10)).letter_value(*letter)[0] == 25_000
    assert law.at(date(2008, 1, 14)).letter_value(*letter)[0] == 19_000
    assert law.at(date(2008, 1, 15)).letter_value(*letter)[0] == 25_000
    for _asked in range(2):
        with pytest.raises(NoLawInForce, match=r"key_letters\.CsC\.PRIVATE .* 2006-08-31"):
            law.at(date(2006, 8, 31)).letter_value(*letter)


def test_figures_that_were_asked_for_cannot_be_changed():
    on_the_day = LAW.at(date(2026, 3, 10))
    on_the_day.numbers("accumulation.factors")["first"] = 0

    assert on_the_day.accumulation_factors()[0] == 10_000


def test_a_value_ended_by_law_raises_from_that_day(legislation):
    ended = GOOD + '  2021-01-01:\n    value: null\n    reference: "Abrogé"\n'
    law = load_law(legislation(ended))

    assert law.at(date(2020, 12, 31)).rate("tested") == 7000
    with pytest.raises(NoLawInForce):
        law.at(date(2021, 1, 1)).rate("tested")


SECOND = '  {day}:\n    value: "0.80"\n    reference: "Un autre texte"\n'
REFUSALS = {
    "unknown key of the file": (GOOD + "author: x\n", "unknown key 'author'"),
    "unknown key of a value": (GOOD + "    until: x\n", "unknown key 'until'"),
    "no reference": (GOOD.replace('    reference: "Un texte"\n', ""), "'reference' is missing"),
    "empty reference": (GOOD.replace("Un texte", " "), "'reference' must be a text"),
    "no description": (GOOD.replace('description: "Un taux"\n', ""), "'description' is missing"),
    "no unit": (GOOD.replace("unit: rate\n", ""), "unknown unit None"),
    "unit as a list": (GOOD.replace("unit: rate", "unit: [rate]"), "unknown unit"),
    "unknown unit": (GOOD.replace("unit: rate", "unit: percent"), "unknown unit 'percent'"),
    "no values": (GOOD.split("values:")[0], "give either 'values' or 'values_by'"),
    "empty values": (GOOD.split("values:")[0] + "values: {}\n", "at least one value"),
    "values as a list": (GOOD.split("values:")[0] + "values: [1]\n", "must map first days"),
    "no value": (GOOD.replace('    value: "0.70"\n', ""), "'value' is missing"),
    "wrong value": (GOOD.replace("0.70", "70 %"), "is not a decimal number"),
    "rate above one": (GOOD.replace("0.70", "1.70"), "is a rate above 1"),
    "impossible day": (GOOD.replace("2020-01-01", "2020-02-30"), "'from' is not a day"),
    "day badly written": (GOOD.replace("2020-01-01", "20200101"), "is not written YYYY-MM-DD"),
    "unknown status": (GOOD + "    status: soon\n", "unknown status 'soon'"),
    "impossible check": (GOOD + "    checked_on: 2020-13-01\n", "'checked_on' is not a day"),
    "day twice": (GOOD + SECOND.format(day="2020-01-01"), "'2020-01-01' is given twice"),
    "days out of order": (GOOD + SECOND.format(day="2019-01-01"), "the days are not in order"),
    "gap": (
        GOOD.replace('"0.70"', "null") + SECOND.format(day="2021-01-01"),
        "a gap since 2020-01-01",
    ),
    "part missing": (
        GOOD.replace("unit: rate", "unit:\n  low: rate\n  high: rate"),
        "the value must give high, low",
    ),
    "not a mapping": ("- 1\n", "the file must be a mapping"),
    "not YAML": (GOOD + "  : :\n -", "rates/tested.yaml"),
    "hidden first day": (GOOD + "    from: 2019-01-01\n", "unknown key 'from'"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_wrong_file_stops_the_load_and_is_named(legislation, name):
    text, said = REFUSALS[name]
    folder = legislation(text)

    with pytest.raises(LawError) as refusal:
        load_law(folder)

    assert said in str(refusal.value)
    assert "rates/tested.yaml" in str(refusal.value)


def test_a_file_that_is_not_utf8_is_named(legislation):
    folder = legislation("")
    (folder / "rates" / "tested.yaml").write_bytes(b"description: caf\xe9\n")

    with pytest.raises(LawError, match=r"rates/tested\.yaml"):
        load_law(folder)


def test_a_law_without_a_figure_the_engine_needs_is_refused(legislation):
    folder = legislation(GOOD)
    (folder / "ages" / "child.yaml").unlink()

    with pytest.raises(LawError, match=r"ages/child\.yaml: ages\.child: no value in force"):
        load_law(folder)


def test_a_figure_only_announced_is_not_enough(legislation):
    announced = GOOD + "    status: announced\n"

    with pytest.raises(LawError, match=r"rates\.standard_act: no value in force"):
        load_law(legislation(announced, "rates/standard_act.yaml"))


WRONG_PLACES = {
    "misspelt family": ("rate/tested.yaml", "rate.tested: unknown family 'rate'"),
    "another suffix": ("rates/tested.yml", "a parameter file is named FAMILY/NAME.yaml"),
    "too deep": ("rates/old/tested.yaml", "a parameter file is named FAMILY/NAME.yaml"),
    "a dot in the name": ("rates/a.b.yaml", "a parameter file is named FAMILY/NAME.yaml"),
    "at the top": ("tested.yaml", "a parameter file is named FAMILY/NAME.yaml"),
    "units of another family": ("ages/tested.yaml", "ages.tested: the units"),
    "no variant": ("key_letters/X.yaml", "key_letters.X: a key of 'key_letters' has a variant"),
    "delay without its unit": ("delays/tested.yaml", "the name of a delay ends with its unit"),
}


@pytest.mark.parametrize("name", WRONG_PLACES)
def test_a_file_nobody_would_read_stops_the_load_and_is_named(legislation, name):
    place, said = WRONG_PLACES[name]
    folder = legislation(GOOD)
    (folder / place).parent.mkdir(exist_ok=True)

    with pytest.raises(LawError) as refusal:
        load_law(legislation(GOOD, place))

    assert said in str(refusal.value)
    assert place in str(refusal.value)


@pytest.mark.parametrize("part", ["description", "unit"])
def test_a_key_given_twice_is_named(legislation, part):
    line = next(each for each in GOOD.splitlines() if each.startswith(part))

    with pytest.raises(LawError, match=rf"rates/tested\.yaml: line \d: '{part}' is given twice"):
        load_law(legislation(f"{line}\n{GOOD}"))


def test_a_sector_the_law_does_not_know_is_named(legislation):
    text = (LEGISLATION / "key_letters" / "C.yaml").read_text(encoding="utf-8")

    with pytest.raises(
        LawError, match=r"key_letters/C\.yaml: key_letters\.C\.PRIVTE: unknown variant"
    ):
        load_law(legislation(text.replace("PRIVATE", "PRIVTE"), "key_letters/C.yaml"))


def test_the_same_parameter_twice_is_refused():
    content = LAW.parameter("ages.child")

    with pytest.raises(LawError, match=r"ages\.child: the parameter is given twice"):
        Law([*(LAW.parameter(key) for key in LAW.keys()), content])  # noqa: SIM118


def test_an_end_of_what_the_engine_needs_is_a_gap(legislation):
    ended = GOOD + '  2027-01-01:\n    value: null\n    reference: "Abrogé"\n'

    with pytest.raises(LawError) as refusal:
        load_law(legislation(ended, "rates/standard_act.yaml"))

    assert str(refusal.value) == (
        "rates/standard_act.yaml: rates.standard_act: a gap from 2027-01-01 on"
    )


def test_hidden_files_of_editors_are_no_law(legislation):
    assert load_law(legislation("x", "rates/.tested.yaml.swp")).digest == LAW.digest


def test_an_empty_folder_is_no_law(tmp_path):
    with pytest.raises(LawError, match="no parameter file"):
        load_law(tmp_path)


def with_parameter(**changes):
    value = {"from": "2020-01-01", "value": {"value": 1}, "reference": "Un texte"}
    parameter = {"description": "x", "unit": {"value": "months"}, "values": [value]}
    return {"parameters": {"a.b": parameter | changes}}


def with_value(**changes):
    content = with_parameter()
    content["parameters"]["a.b"]["values"][0] |= changes
    return content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "one key, 'parameters'"),
        ({"parameters": {}, "more": 1}, "one key, 'parameters'"),
        ({"parameters": {"a.b": {"description": "x"}}}, "a.b: 'unit' is missing"),
        ({"parameters": {"a.b": []}}, "a.b: a mapping was expected"),
        ({"parameters": []}, "'parameters' must be a mapping"),
        (with_parameter(unit=["months"]), "a.b: 'unit' must be a mapping"),
        (with_parameter(unit={"value": ["months"]}), "a.b: unknown unit"),
        (with_parameter(values={}), "a.b: 'values' must list at least one value"),
        (with_value(value=[3]), "a.b, 2020-01-01: 'value' must be a mapping"),
        (with_value(value={"value": -1}), "is not a whole number of zero or more"),
        (with_value(value={"value": True}), "is not a whole number of zero or more"),
        (with_value(value={"other": 1}), "the value must give value"),
        (with_value(status=["in_force"]), "a.b, 2020-01-01: unknown status"),
    ],
)
def test_a_law_handed_in_as_json_is_checked_too(content, said):
    with pytest.raises(LawError, match=said):
        Law.from_dict(content)
