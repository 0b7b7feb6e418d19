"""How much a device may do with no network before it must hear from the server again. Pure; centimes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Limit(StrEnum):
    """What was passed."""

    TIME = "TIME"
    SHEETS = "SHEETS"
    AMOUNT = "AMOUNT"
    INSURED_DAY = "INSURED_DAY"
    PRODUCT = "PRODUCT"


@dataclass(frozen=True, slots=True)
class Limits:
    """The law's figures: time and sheets since the last anchor, amount of the device since then, amount
    of one insured person and day, price of one box."""

    time: timedelta
    sheets: int
    amount: int
    insured_day: int
    box: int


@dataclass(frozen=True, slots=True)
class Load:
    """What a device did since its anchor, this envelope included; `box` is its dearest box."""

    anchored_at: datetime | None
    signed_at: datetime
    sheets: int
    amount: int
    insured_day: int
    box: int
    has_narcotic: bool


def passed(load: Load, limits: Limits) -> Limit | None:
    """Return the first limit passed, or None. Without an anchor there is no allowance at all."""
    if load.anchored_at is None or load.signed_at - load.anchored_at > limits.time:
        return Limit.TIME
    if load.sheets > limits.sheets:
        return Limit.SHEETS
    if load.amount > limits.amount:
        return Limit.AMOUNT
    if load.insured_day > limits.insured_day:
        return Limit.INSURED_DAY
    if load.has_narcotic or load.box > limits.box:
        return Limit.PRODUCT
    return None
