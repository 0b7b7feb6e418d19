"""Facts and steps come back from their short text exactly; a bad text is refused by name."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.adjudication import Reason, Rule, Step, adjudicate
from claims.adjudication.exchange import facts_from_case
from claims.adjudication.facts import (
    ClaimFacts,
    IllnessFacts,
    LineFacts,
    LineKind,
    PaidBefore,
    PatientFacts,
    PriorApprovalFacts,
    ProviderFacts,
    Relation,
    Scheme,
    Sector,
    UsedBefore,
)
from claims.adjudication.packing import (
    PackingError,
    pack_facts,
    pack_steps,
    unpack_facts,
    unpack_steps,
)
from claims.adjudication.step_packing import SHAPES
from claims.adjudication.wording import SENTENCES
from core.periods import Period
from tests.claims.adjudication.builders import LAW
from tests.claims.adjudication.random_cases import random_cases

TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ['"', "\\", "|,;[]{}", "داء السكري", "\0\n\u2028", "\ud800", "null", "1[", "{}"]
    ),
)
WHOLES = st.integers(min_value=0, max_value=10**12)
FLAGS = st.booleans()
DAYS = st.dates()
PERIODS = st.builds(Period, DAYS, st.none() | DAYS)
EXAMPLES = settings(max_examples=300, deadline=None)


def few(strategy, least=0):
    return st.lists(strategy, min_size=least, max_size=4).map(tuple)


@st.composite
def lines(draw, providers):
    """Any line the engine would judge: of either kind, fields of the other kind filled or not."""
    kind = draw(st.sampled_from(LineKind))
    required = ("base_price", "list_rate") if kind is LineKind.MEDICINE else ("flat_tariff",)
    maybe = {
        name: draw(WHOLES if name in required else st.none() | WHOLES)
        for name in ("flat_tariff", "coefficient", "public_price", "base_price", "list_rate")
    }
    return LineFacts(
        id=draw(st.sampled_from(["1", "2"]) | TEXTS),
        kind=kind,
        quantity=draw(st.integers(1, 10**6)),
        charged=draw(st.integers(1, 10**12)),
        care_date=draw(DAYS),
        provider=draw(st.sampled_from(providers)),
        covered=draw(FLAGS),
        needs_prior_approval=draw(FLAGS),
        **{
            name: draw(st.none() | TEXTS)
            for name in ("illness", "ceiling", "frequency", "act", "letter", "ean")
        },
        **maybe,
    )


@st.composite
def facts(draw):
    providers = draw(
        st.lists(
            st.builds(ProviderFacts, TEXTS, st.sampled_from(Sector), few(PERIODS)),
            min_size=1,
            max_size=3,
            unique_by=lambda provider: provider.id,
        )
    )
    return ClaimFacts(
        received_date=draw(DAYS),
        patient=draw(st.builds(PatientFacts, DAYS, st.sampled_from(Relation), FLAGS, FLAGS, FLAGS)),
        scheme=draw(st.sampled_from(Scheme)),
        providers=tuple(providers),
        lines=draw(few(lines([provider.id for provider in providers]), least=1)),
        rights=draw(few(PERIODS)),
        treatment_end_date=draw(st.none() | DAYS),
        excused=draw(FLAGS),
        illnesses=draw(
            few(st.builds(IllnessFacts, TEXTS, st.none() | WHOLES, PERIODS, st.none() | TEXTS))
        ),
        prior_approvals=draw(
            few(st.builds(PriorApprovalFacts, TEXTS, WHOLES, PERIODS, st.none() | TEXTS))
        ),
        paid_before=draw(few(st.builds(PaidBefore, TEXTS, DAYS, WHOLES))),
        used_before=draw(few(st.builds(UsedBefore, TEXTS, DAYS))),
    )


DETAILS = few(st.tuples(TEXTS, TEXTS | st.integers(-(10**12), 10**12)))


def step_of(*said):
    """A step whose last part is its details, by pairs."""
    *said, details = said
    return Step(*said, tuple(name for name, _ in details), tuple(figure for _, figure in details))


STEPS = st.builds(
    step_of,
    st.sampled_from(Rule),
    TEXTS | st.sampled_from([shape.sentence for shape in SHAPES]),
    TEXTS | st.sampled_from([shape.reference or "ages.child" for shape in SHAPES]),
    st.integers(-(10**12), 10**12),
    st.integers(-(10**12), 10**12),
    st.none() | st.sampled_from(Reason),
    DETAILS,
)


@st.composite
def shaped_steps(draw):
    """A step of a shape of the table, some of it changed at times."""
    shape = draw(st.sampled_from(SHAPES))
    details = tuple((name, draw(TEXTS | WHOLES)) for name in shape.names)
    filled = str(details[0][1]) if details else ""
    reference = draw(TEXTS) if shape.reference is None else shape.reference.replace("{}", filled)
    return step_of(
        draw(st.sampled_from([shape.rule] * 4 + [Rule.SHARES])),
        shape.sentence,
        draw(st.sampled_from([reference] * 4 + [shape.reference or ""])),
        draw(st.just(0) if shape.from_nothing and draw(FLAGS) else WHOLES),
        draw(WHOLES),
        draw(st.sampled_from([shape.reason] * 4 + [None])),
        draw(st.sampled_from([details] * 4 + [details[1:]])),
    )


@EXAMPLES
@given(facts())
def test_any_facts_come_back(told):
    text = pack_facts(told)

    assert text.isascii()
    assert unpack_facts(text) == told
    assert pack_facts(unpack_facts(text)) == text


@EXAMPLES
@given(few(STEPS | shaped_steps()))
def test_any_steps_come_back(steps):
    text = pack_steps(steps)

    assert text.isascii()
    assert unpack_steps(text) == steps
    assert [type(step.reason) for step in unpack_steps(text)] == [type(s.reason) for s in steps]


def test_what_the_engine_says_comes_back_in_the_shapes_of_the_table():
    sentences = set()
    for case in random_cases("packing", 600):
        told = facts_from_case(case, LAW)
        assert unpack_facts(pack_facts(told)) == told
        for line in adjudicate(told, LAW).lines:
            text = pack_steps(line.steps)
            assert unpack_steps(text) == line.steps
            assert "[0," not in text
            assert ",0,[" not in text
            sentences |= {step.sentence for step in line.steps}

    assert sentences == {shape.sentence for shape in SHAPES}


def test_every_sentence_has_a_code_and_no_code_is_given_twice():
    assert {shape.sentence for shape in SHAPES} == set(SENTENCES) | {r.lower() for r in Reason}
    assert [shape.code for shape in SHAPES] == list(range(1, len(SHAPES) + 1))
    said = [(shape.sentence, shape.reference) for shape in SHAPES]
    assert len(set(said)) == len(said)


def test_stored_codes_keep_their_meaning():
    """What is stored is read for years: a change here needs a new version mark."""
    assert [(s.code, s.sentence, s.reference, s.from_nothing, len(s.names)) for s in SHAPES] == [
        (1, "insured_share", "", False, 1),
        (2, "medicine_tariff", "principles.medicine_base", True, 2),
        (3, "letter_tariff", "key_letters.{}.PRIVATE", True, 4),
        (4, "letter_tariff", "key_letters.{}.PUBLIC", True, 4),
        (5, "base_is_charge", "principles.amount", False, 0),
        (6, "price_capped", "principles.amount", False, 0),
        (7, "generic_base", "principles.medicine_base", False, 0),
        (8, "standard_rate", "rates.standard_act", True, 2),
        (9, "list_rate", "principles.medicine_rate", True, 2),
        (10, "illness_rate", "rates.long_illness", True, 3),
        (11, "public_illness_rate", "rates.long_illness_public", True, 3),
        (12, "tadamon_rate", "rates.tadamon_public", True, 2),
        (13, "flat_tariff", "principles.flat_tariff", True, 2),
        (14, "ceiling_left", None, False, 3),
        (15, "ceiling_reached", None, False, 3),
        (16, "prior_approval_used", "principles.prior_approval", False, 1),
        (17, "second_act_halved", "accumulation.factors", False, 2),
        (18, "further_act_not_billed", "accumulation.factors", False, 1),
        (19, "filed_late", "delays.filing_months", False, 2),
        (20, "filed_late", "delays.continuous_treatment_days", False, 2),
        (21, "rights_closed", "principles.rights", False, 1),
        (22, "dependant_too_old", None, False, 2),
        (23, "provider_not_agreed", "principles.provider_agreement", False, 1),
        (24, "not_covered", "principles.cover", False, 0),
        (25, "no_tariff", "key_letters.{}.PRIVATE", False, 2),
        (26, "no_tariff", "key_letters.{}.PUBLIC", False, 2),
        (27, "prior_approval_missing", "principles.prior_approval", False, 2),
        (28, "frequency_exceeded", None, False, 4),
    ]


DAY = date(2026, 3, 10)
OPEN = (Period(date(2020, 1, 1)),)
TYPICAL = ClaimFacts(
    received_date=date(2026, 3, 20),
    patient=PatientFacts(date(1980, 1, 1), Relation.SELF),
    scheme=Scheme.SALARIED,
    rights=OPEN,
    illnesses=(IllnessFacts("E11", 9000, Period(date(2025, 6, 1), date(2028, 6, 1)), "ALD"),),
    providers=(
        ProviderFacts("123456789", Sector.PRIVATE, OPEN),
        ProviderFacts("987654321", Sector.PRIVATE, OPEN),
    ),
    paid_before=(PaidBefore("dental_prosthesis", date(2025, 5, 2), 120_000),),
    lines=(
        LineFacts("1", LineKind.ACT, 1, 20_000, DAY, "123456789", act="C", letter="C", coefficient=100),
        LineFacts(
            "2", LineKind.ACT, 1, 80_000, DAY, "123456789", ceiling="dental_prosthesis",
            act="D750", letter="DP", coefficient=6000,
        ),
        *(
            LineFacts(
                place, LineKind.MEDICINE, 2, 15_000, DAY, "987654321", illness,
                ean="6118000010050", public_price=7500, base_price=6000, list_rate=7000,
            )
            for place, illness in (("3", "E11"), ("4", None))
        ),
    ),
)  # fmt: skip


def test_a_claim_with_an_illness_and_a_ceiling_is_this_text():
    assert pack_facts(TYPICAL) == (
        "1[739695,16880,0,0,[2270],"
        '[["123456789",0,2270],["987654321",0,2270]],'
        '[[0,1,20000,10,0,"C","C",100],'
        '[0,1,80000,10,0,"D750","DP",6000,{"c":"dental_prosthesis"}],'
        '[1,2,15000,10,1,"6118000010050",7500,6000,7000,{"i":"E11"}],'
        '[1,2,15000,10,1,"6118000010050",7500,6000,7000]],'
        '{"i":[["E11",9000,"ALD",292,-804]],"b":[["dental_prosthesis",322,120000]]}]'
    )
    assert len(pack_facts(TYPICAL)) == 344


def test_an_ordinary_claim_is_shorter():
    ordinary = replace(TYPICAL, illnesses=(), paid_before=())

    assert len(pack_facts(ordinary)) == 269


def test_steps_of_a_typical_claim_are_these_texts():
    texts = [pack_steps(line.steps) for line in adjudicate(TYPICAL, LAW).lines]

    assert texts[0] == ('1[3,8000,"C",8000,100,1,6,20000,8000,8,7000,8000,5600,1,20000,14400,5600]')
    assert texts[1] == (
        '1[3,75000,"DP",1250,6000,1,6,80000,75000,8,7000,75000,52500,'
        '14,"ceilings.dental_prosthesis",52500,52500,300000,24,180000,1,80000,27500,52500]'
    )
    assert texts[2] == (
        '1[2,12000,6000,2,7,15000,12000,10,9000,12000,10800,"E11",1,15000,4200,10800]'
    )
    assert texts[3] == "1[2,12000,6000,2,7,15000,12000,9,7000,12000,8400,1,15000,6600,8400]"
    assert [len(text) for text in texts] == [73, 141, 76, 67]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("", "facts: version 1 was expected, not ''"),
        ("2[1]", "facts: version 1 was expected, not '2[1]'"),
        (None, "facts: version 1 was expected, not None"),
        ("1[", "facts: not a packed text"),
        ("1[NaN]", "NaN is not a packed value"),
        ("1" + "[" * 100_000, "facts: not a packed text"),
        ("1[" + "9" * 5000 + "]", "facts: not a packed text"),
        ("1[]", "facts: day of receipt is missing"),
        ('1["x"]', "facts, day of receipt: a whole number was expected, not 'x'"),
        ("1[true]", "facts, day of receipt: a whole number was expected, not True"),
        ("1[0]", "facts, day of receipt: 0 leaves the calendar"),
        ("1[%s]" % ("9" * 30), "facts, day of receipt: 0 leaves the calendar"),
    ],
)
def test_a_text_that_is_not_packed_facts_is_refused(broken, message):
    with pytest.raises(PackingError, match=message.replace("[", r"\[").replace("]", r"\]")):
        unpack_facts(broken)


# Where in the typical claim, what is put there, and what is said of it.
WRONG = [
    ([1], -10_000_000, "facts, birth date: -10000000 leaves the calendar"),
    ([2], 9, "facts, relation: unknown code 9"),
    ([3], "x", "facts, scheme: a whole number was expected, not 'x'"),
    ([4], 7, "rights: a list was expected, not 7"),
    ([4], ["x"], "rights, period, first day: a whole number was expected, not 'x'"),
    ([5, 0, 0], 5, "provider 1, id: a text was expected, not 5"),
    ([5, 1, 0], "123456789", "facts: a provider is given twice"),
    ([5, 1, 1], 7, "provider 2, sector: unknown code 7"),
    ([6], [], "facts: a claim has at least one line"),
    ([6, 0], 3, "line 1: a list was expected, not 3"),
    ([6, 0, 0], 2, "line 1, kind: unknown code 2"),
    ([6, 0, 1], 0, "facts: line 1: quantity and charge must be above zero"),
    ([6, 0, 4], 2, "line 1, provider: there is no provider 2"),
    ([6, 0, 4], -1, "line 1, provider: there is no provider -1"),
    ([6, 0, 5], 3, "line 1, act: a text was expected, not 3"),
    ([6, 0, 6], None, "facts: line 1: nothing to price a ACT with"),
    ([6, 1, 8], {"?": 1}, "line 2: unknown name '?'"),
    ([6, 1, 8], {"l": "K"}, "line 2: unknown name 'l'"),
    ([6, 1, 8], {"c": 1}, "line 2, ceiling: a text was expected, not 1"),
    ([6, 1, 8], [], "line 2, rest: names was expected, not []"),
    ([7], [], "facts, rest: names was expected, not []"),
    ([7], {"z": 1, "y": 2}, "facts: unknown names y, z"),
    ([7], {"p": 8}, "facts, patient: unknown code 8"),
    ([7], {"x": 1}, "facts, excused: true or false was expected, not 1"),
    ([7], {"e": [1, 2]}, "facts, end of treatment: 2 is too much"),
    ([7], {"l": ["1"]}, "facts: 1 ids for 4 lines"),
    ([7], {"l": ["1", "2", "3", 4]}, "line 4, id: a text was expected, not 4"),
    ([7, "i", 0, 1], "x", "illness 1, rate: a whole number was expected, not 'x'"),
    ([7, "i", 0], ["E11", None, None], "illness 1, validity: one period was expected, not 0"),
    ([7, "b", 0], ["x", 1, 2, 3], "payment 1: 3 is too much"),
    ([7, "b", 0], ["x", 1], "payment 1: amount is missing"),
    ([7], {"u": [["x", 1, 2]]}, "use 1: 2 is too much"),
    ([7], {"a": [["x", 1.5, None, 1]]}, "approval 1, quantity: a whole number was expected, not 1.5"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "message"), WRONG, ids=[each[2] for each in WRONG])
def test_packed_facts_that_were_changed_are_refused_by_name(place, value, message):
    content = json.loads(pack_facts(TYPICAL)[1:])
    inside = content
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value

    with pytest.raises(PackingError) as refused:
        unpack_facts("1" + json.dumps(content))

    assert str(refused.value) == message


@pytest.mark.parametrize("length", range(1, 7))
def test_packed_facts_cut_short_are_refused(length):
    content = json.loads(pack_facts(TYPICAL)[1:])

    with pytest.raises(PackingError, match=r"^facts: .* is missing$"):
        unpack_facts("1" + json.dumps(content[:length]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "steps: version 1 was expected, not 'x'"),
        ("1[99]", "step 1: unknown code 99"),
        ('1["1"]', "steps, code: a whole number was expected, not '1'"),
        ("1[1,5,5]", "step 1: amount_centimes is missing"),
        ("1[1,5,5,[]]", "step 1, amount_centimes: a whole number was expected, not []"),
        ("1[5,5,5,5,null]", "step 2, before: a whole number was expected, not None"),
        ("1[14,5]", "step 1, reference: a text was expected, not 5"),
        ("1[0,5]", "step 1: a list was expected, not 5"),
        ('1[0,["rite"]]', "step 1: 'rite' is not a valid Rule"),
        ('1[0,["rate","s","r",0,0,"LATE"]]', "step 1: 'LATE' is not a valid Reason"),
        ('1[0,["rate","s","r",0,0,null,"n"]]', "step 1: n is missing"),
        ('1[0,["rate","s","r",0,0,null,"n",0.5]]', "step 1, n: a whole number was expected, not 0.5"),
    ],
)  # fmt: skip
def test_a_text_that_is_not_packed_steps_is_refused(text, message):
    with pytest.raises(PackingError) as refused:
        unpack_steps(text)

    assert str(refused.value) == message


@EXAMPLES
@given(
    st.text(max_size=40) | st.text('1[]{}",0x-.', max_size=40).map(lambda text: "1[" + text + "]")
)
def test_no_text_breaks_the_reader_in_another_way(text):
    for unpack, pack in ((unpack_facts, pack_facts), (unpack_steps, pack_steps)):
        with suppress(PackingError):
            assert unpack(pack(unpack(text))) == unpack(text)
