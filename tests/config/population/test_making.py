"""A country of a seed: the same every time, of the shape its sources describe, and honest but for labels.

The rows are judged from the files alone, by other code than that which made them.
"""

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from config.population.columns import FACTS, HISTORY, LABELS, SCHEMES
from config.population.making import Population, make_population
from config.population.reading import read_labels, read_population
from config.population.writing import write_population
from fraud.gateways.tables import TABLES

Files = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def care(files: Files) -> pd.DataFrame:
    """Every line with its claim, its person and its day."""
    joined = files["claim_lines"].merge(files["claims"], on="claim")
    joined = joined.merge(
        files["members"][["member", "sex", "death_date", "rights_from", "rights_until"]],
        on="member",
    )
    marked = files["labels"].loc[files["labels"]["claim"] != "", ["claim", "line", "scheme"]]
    return joined.merge(marked, on=["claim", "line"], how="left").fillna({"scheme": ""})


def test_the_same_seed_writes_the_same_files(made: Population, tmp_path: Path) -> None:
    first, second, other = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    figures = {"members": 600, "providers": 150, "claims": 2_000}
    write_population(make_population(seed=9_002, **figures), first)
    write_population(make_population(seed=9_002, **figures), second)
    write_population(make_population(seed=9_003, **figures), other)

    names = sorted(path.name for path in first.iterdir())
    assert names == sorted([*(f.name for f in HISTORY), "labels.csv", "oddities.csv"])
    assert all((first / n).read_bytes() == (second / n).read_bytes() for n in names)
    assert all((first / n).read_bytes() != (other / n).read_bytes() for n in names)


def test_its_files_are_read_without_a_broken_row(written: Path) -> None:
    with duckdb.connect() as db:
        db.execute(TABLES)
        reading = read_population(written, db)
    assert reading.broken == []
    assert reading.rows["claims"] == 9_000
    assert (reading.rows["members"], reading.rows["providers"]) == (3_000, 300)
    labels = read_labels(written)
    assert labels is not None
    assert labels[1] == []


def test_fourteen_schemes_are_there_and_name_rows_that_exist(files: Files) -> None:
    labels = files["labels"]
    assert set(labels["scheme"]) == set(SCHEMES)
    assert [c.name for c in LABELS.columns] == list(labels.columns)
    lines = labels[labels["claim"] != ""]
    known = set(zip(files["claim_lines"]["claim"], files["claim_lines"]["line"], strict=True))
    assert set(zip(lines["claim"], lines["line"], strict=True)) <= known
    assert set(labels["provider"]) - {""} <= set(files["providers"]["inpe"])
    assert set(labels["member"]) - {""} <= set(files["members"]["member"])
    assert not lines.duplicated(["claim", "line"]).any()


def test_winter_is_busier_than_summer_and_sundays_are_quiet(care: pd.DataFrame) -> None:
    visits = care[(care["code"] == "C") & (care["scheme"] == "")]
    days = pd.to_datetime(visits["care_date"])
    by_month = days.dt.month.value_counts()
    assert by_month[1] + by_month[2] > 1.3 * (by_month[7] + by_month[8])
    by_weekday = days.dt.day_of_week.value_counts()
    assert by_weekday[0] > 5 * by_weekday[6]


def test_chronic_treatments_are_renewed_about_every_month(care: pd.DataFrame) -> None:
    boxes = care[(care["kind"] == "MEDICINE") & (care["scheme"] == "")]
    boxes = boxes.assign(day=pd.to_datetime(boxes["care_date"])).sort_values("day")
    gaps = boxes.groupby(["member", "code"])["day"].diff().dt.days.dropna()
    monthly = gaps[gaps.between(1, 60)]
    assert 27 <= monthly.median() <= 31
    assert (monthly.between(24, 36)).mean() > 0.7


def test_people_are_treated_near_where_they_live(files: Files, care: pd.DataFrame) -> None:
    honest = care[care["scheme"] == ""]
    region = dict(zip(files["members"]["member"], files["members"]["region"], strict=True))
    offer = dict(zip(files["providers"]["inpe"], files["providers"]["region"], strict=True))
    sold = honest[honest["kind"] == "MEDICINE"]
    same = sold["member"].map(region) == sold["provider"].map(offer)
    assert same.mean() > 0.85


def test_the_honest_part_breaks_no_fact(files: Files, care: pd.DataFrame) -> None:
    honest = care[care["scheme"] == ""]
    dead = honest["death_date"] != ""
    assert not (dead & (honest["care_date"] > honest["death_date"])).any()
    closed = honest["rights_until"] != ""
    assert not (closed & (honest["care_date"] > honest["rights_until"])).any()
    assert (honest["care_date"] >= honest["rights_from"]).all()
    offer = files["providers"].set_index("inpe")
    until = honest["provider"].map(offer["agreed_until"])
    assert not ((until != "") & (honest["care_date"] > until)).any()
    assert (honest["care_date"] >= honest["provider"].map(offer["agreed_from"])).all()
    key = ["member", "provider", "code", "care_date"]
    twice = honest[honest["kind"] == "ACT"].groupby(key)["claim"].nunique()
    assert (twice == 1).all()
    assert (honest["submitted_at"].str[:10] >= honest["care_date"]).all()


def _sold(files: Files, care: pd.DataFrame) -> pd.DataFrame:
    papers = files["prescriptions"].drop(columns="member")
    sold = care[care["kind"] == "MEDICINE"].merge(papers, on="prescription", how="left")
    orders = files["prescription_lines"].rename(columns={"line": "prescription_line"})
    return sold.merge(
        orders[["prescription", "prescription_line", "code", "quantity", "repeats"]],
        on=["prescription", "prescription_line"],
        how="left",
        suffixes=("", "_ordered"),
    )


def test_honest_boxes_are_on_a_valid_prescription_never_above_it(
    files: Files, care: pd.DataFrame
) -> None:
    sold = _sold(files, care)
    honest = sold[sold["scheme"] != "NO_PRESCRIPTION"]
    assert (honest["code"] == honest["code_ordered"]).all()
    assert (honest["care_date"] >= honest["signed_at"].str[:10]).all()
    assert (honest["care_date"] <= honest["valid_until"]).all()
    taken = honest.groupby(["prescription", "prescription_line"]).agg(
        taken=("quantity", lambda column: column.astype(int).sum()),
        ordered=("quantity_ordered", "first"),
        repeats=("repeats", "first"),
    )
    allowed = taken["ordered"].astype(int) * (taken["repeats"].astype(int) + 1)
    assert (taken["taken"] <= allowed).all()


def test_each_dispensing_without_a_prescription_breaks_one(
    files: Files, care: pd.DataFrame
) -> None:
    sold = _sold(files, care)
    sold = sold[sold["scheme"] == "NO_PRESCRIPTION"]
    none = sold["prescription"] == ""
    early = sold["care_date"] < sold["signed_at"].fillna("").str[:10]
    late = sold["care_date"] > sold["valid_until"].fillna("9999")
    other = sold["code"] != sold["code_ordered"]
    above = sold["quantity"].astype(int) > pd.to_numeric(sold["quantity_ordered"]).fillna(0)
    assert len(sold) > 0
    assert (none | early | late | other | above).all()


def test_labelled_facts_are_facts(files: Files, care: pd.DataFrame) -> None:
    dead = care[care["scheme"] == "AFTER_DEATH"]
    assert len(dead) > 0
    assert (dead["death_date"] < dead["care_date"]).all()
    assert (dead["death_date"] != "").all()
    again = care[care["scheme"] == "REPLAY"]
    key = ["member", "provider", "code", "care_date"]
    pairs = again.merge(care[care["scheme"] == ""], on=key, suffixes=("", "_first"))
    assert len(again) > 0
    assert set(again["claim"]) == set(pairs["claim"])
    assert (pairs["fse_number"] != pairs["fse_number_first"]).all()
    assert (pairs["submitted_at"] > pairs["submitted_at_first"]).all()
    assert set(FACTS) <= set(care["scheme"])


def test_an_impossible_day_is_longer_than_a_day(care: pd.DataFrame) -> None:
    long = care[care["scheme"] == "IMPOSSIBLE_DAY"]
    assert long.groupby(["provider", "care_date"]).size().min() >= 70


def test_a_ring_shares_its_members(care: pd.DataFrame) -> None:
    shared = care[care["scheme"] == "RING"]
    assert shared["provider"].nunique() >= 8
    crew = shared.groupby("member")["provider"].nunique()
    assert crew.mean() >= 2


def test_oddities_are_honest_and_known(files: Files) -> None:
    odd, labels = files["oddities"], files["labels"]
    assert odd["oddity"].nunique() >= 14
    claims = set(odd["claim"]) - {""}
    assert claims <= set(files["claims"]["claim"])
    assert not claims & set(labels["claim"])


def test_nothing_of_the_files_tells_what_was_labelled(files: Files) -> None:
    """Numbers run with time, over honest and labelled claims alike."""
    claims = files["claims"].sort_values("claim")
    assert claims["submitted_at"].is_monotonic_increasing
    assert claims["fse_number"].str.fullmatch(r"FSE\d{8}").all()


def test_a_country_too_small_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--providers 50: at least 120"):
        call_command("seed_population", providers=50, directory=tmp_path / "none")
    assert not (tmp_path / "none").exists()
