"""Every reason and every step is said in French and in Arabic, with its figures."""

import re

import pytest

from claims.adjudication import Reason, Rule, Step, adjudicate
from claims.adjudication.exchange import facts_from_case
from claims.adjudication.reasons import EXPLANATIONS
from claims.adjudication.wording import SENTENCES, Language, render_step, render_title
from tests.claims.adjudication.builders import LAW, a_case
from tests.claims.adjudication.random_cases import random_cases

ARABIC = re.compile(r"[\u0600-\u06ff]")


def rendered(language):
    """One sentence for each wording met in many cases."""
    sentences = {}
    for case in random_cases("words", 1500):
        for line in adjudicate(facts_from_case(case, LAW), LAW).lines:
            for step in line.steps:
                sentences.setdefault(step.sentence, render_step(step, language))
    return sentences


@pytest.mark.parametrize("language", list(Language))
def test_every_wording_is_met_and_filled(language):
    sentences = rendered(language)

    assert set(sentences) == set(SENTENCES) | {reason.lower() for reason in Reason}
    for sentence in sentences.values():
        assert not re.search(r"[{}]|None|_", sentence)
        assert bool(ARABIC.search(sentence)) is (language is Language.ARABIC)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_explained(reason):
    explanation = EXPLANATIONS[reason]
    family = explanation.reference_key

    assert render_title(reason, Language.FRENCH) == explanation.title_fr
    assert ARABIC.search(render_title(reason, Language.ARABIC))
    assert any(f"{key}.".startswith(f"{family}.") for key in sorted(LAW.keys()))
    names = [set(re.findall(r"{(\w+)}", text)) for text in (explanation.french, explanation.arabic)]
    assert names[0] == names[1]


@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_both_languages_give_the_same_figures(name):
    french, arabic = SENTENCES[name]

    assert set(re.findall(r"{(\w+)}", french)) == set(re.findall(r"{(\w+)}", arabic))


def test_amounts_and_rates_are_written_for_people():
    step = Step(
        Rule.RATE,
        "standard_rate",
        "rates.standard_act",
        0,
        7000,
        None,
        ("base_centimes", "amount_centimes"),
        (180_000, 126_000),
    )

    assert render_step(step, Language.FRENCH) == (
        "Taux ordinaire de 70\u202f%\u00a0: 1\u202f800,00\u00a0DH × 70\u202f% ="
        " 1\u202f260,00\u00a0DH."
    )


def test_dates_are_written_day_first_and_isolated_in_arabic():
    case = a_case(coverage={"scheme": "SALARIED"})
    [line] = adjudicate(facts_from_case(case, LAW), LAW).lines

    sentence = render_step(line.steps[0], Language.ARABIC)

    assert "\u206810/03/2026\u2069" in sentence
