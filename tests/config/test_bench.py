"""The bench's own arithmetic: who gets which town, which rounds count, what is called alike."""

from uuid import UUID

import pytest

from claims.models import LineDecision
from config.bench import agreement, rows
from config.bench.measuring import Effort, percentile
from config.bench.product import Done
from config.bench.rounds import FLOOR, MORE, NAIVE, PRODUCT, SQL, TWO_WORKERS, Round, Slots, figures
from config.bench.stock import TOWNS
from tests import world

VARIANTS = (PRODUCT, TWO_WORKERS, FLOOR, SQL)


@pytest.mark.parametrize("rounds", [1, 5])
def test_no_variant_meets_the_decisions_of_another(rounds: int) -> None:
    slots = Slots(rounds)
    towns = [slots.of(variant, number) for variant in VARIANTS for number in range(rounds)]
    towns += [slots.of(NAIVE, 0), slots.single, *slots.warm, slots.memory]

    assert len(set(towns)) == len(towns)
    assert max(towns) < TOWNS


def done(seconds: float, foreign: float = 0.0) -> Done:
    return Done(Effort(seconds, cpu=seconds, foreign=foreign), 0.0, seconds, batches=1)


def a_round(product_seconds: float, foreign: float = 0.0) -> Round:
    told = Round()
    told.take(PRODUCT, 100, done(product_seconds, foreign))
    for variant in (FLOOR, SQL, NAIVE, MORE):
        told.take(variant, 100, done(1.0))
    told.take(TWO_WORKERS, 100, done(1.0), done(2.0))
    return told


def test_figures_are_medians_of_the_quiet_rounds() -> None:
    told = figures([a_round(2.0), a_round(4.0), a_round(2.5), a_round(100.0, foreign=0.5)])

    assert told["ratio_floor"] == 0.4
    assert told["ratio_two_workers"] == 1.25
    assert told["quiet_rounds"] == 3
    assert len(told["rounds"]) == 4


def test_figures_are_given_when_no_round_was_quiet() -> None:
    told = figures([a_round(2.0, foreign=0.5)])

    assert told["ratio_floor"] == 0.5
    assert told["quiet_rounds"] == 0


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.95) == 4.0
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0


def decide(town: int, reimbursed: int, reasons: list[str]) -> None:
    low, _high = rows.keys_of(rows.QUEUE_KEYS, town)
    LineDecision.objects.create(
        decision_id=UUID(low),
        position=1,
        at=world.NOW,
        line_id=UUID(low),
        insured_id=UUID(int=1),
        tariff_centimes=8000,
        base_centimes=8000,
        rate_bp=7000,
        reimbursed_centimes=reimbursed,
        insured_share_centimes=8000 - reimbursed,
        reasons=reasons,
        is_denied=False,
        steps="",
    )


@pytest.mark.django_db
def test_towns_are_alike_when_amounts_and_first_reasons_are() -> None:
    decide(1, 5600, ["PRICE_CAPPED", "CEILING_REACHED"])
    decide(2, 5600, ["PRICE_CAPPED"])
    decide(3, 5599, ["PRICE_CAPPED"])
    decide(4, 5600, [])

    assert agreement.lines_alike([1, 2]) == (1, 1)
    assert agreement.lines_alike([1, 3]) == (1, 0)
    assert agreement.lines_alike([1, 4]) == (1, 0)
    assert agreement.lines_alike([1, 5]) == (1, 0)
    assert agreement.share_at_a_ceiling(1) == 1
