"""What a rule is: its name, its family, what it may do, and what it saw. Pure values."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Correlated rules share a family: only the strongest of a family counts in a score."""

    DUPLICATE = "DUPLICATE"
    TIME = "TIME"
    DRUG = "DRUG"
    PEER = "PEER"
    NETWORK = "NETWORK"
    IDENTITY = "IDENTITY"
    RIGHTS = "RIGHTS"
    SERIES = "SERIES"


class Kind(StrEnum):
    """A fact can be proved from the rows; a statistic only says that something is unusual."""

    FACT = "FACT"
    STATISTIC = "STATISTIC"


class Action(StrEnum):
    """The most a rule may ask for. Only a fact may ask for a refusal."""

    REFUSE = "REFUSE"
    HOLD = "HOLD"
    FLAG = "FLAG"


class Level(StrEnum):
    """Whom an alarm is about."""

    CLAIM = "CLAIM"
    PROVIDER = "PROVIDER"
    MEMBER = "MEMBER"
    COUPLE = "COUPLE"
    RING = "RING"


# The columns every SQL of a rule returns, in this order.
COLUMNS = (
    "provider",
    "member",
    "other",
    "claim",
    "line",
    "day",
    "strength",
    "observed",
    "threshold",
    "peers",
    "evidence",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `inputs` are the canonical tables and columns it reads, `vital` those besides without
    which it sees nothing.

    Raises ValueError for a statistic that would refuse: no statistic ever does.
    """

    name: str
    family: Family
    kind: Kind
    action: Action
    level: Level
    inputs: tuple[str, ...]
    vital: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind == Kind.STATISTIC and self.action == Action.REFUSE:
            raise ValueError(f"{self.name}: a statistic never refuses")


@dataclass(frozen=True, slots=True)
class NotCoded:
    """A rule of the catalogue whose inputs the product does not hold, and why it is not coded."""

    name: str
    why: str
