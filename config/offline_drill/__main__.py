"""`python -m config.offline_drill drill-offline --seed S --steps N`; `houses` drills the API, `broken` is
the process that must be caught."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from config.drill import stage
from config.embedded.addresses import CHECKOUT, Place
from config.offline_drill import FOLDER

PARTS = {
    "drill-offline": "config.offline_drill.drilling",
    "houses": "config.offline_drill.api_drill",
}


def main(arguments: list[str]) -> int:
    """Run one part; return an exit status."""
    parser = argparse.ArgumentParser(prog="make drill-offline")
    parser.add_argument("part", choices=[*PARTS, "broken"])
    parser.add_argument("--seed", default="1", help="what every step and every fault is drawn from")
    parser.add_argument("--steps", type=int, default=400, help="steps of the day")
    parser.add_argument("--answers-lost", type=int, default=10_000, help="answers the API loses")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args(arguments)
    if options.part == "broken":
        import django

        django.setup()
        importlib.import_module("config.offline_drill.broken").main(options.seed)
        return 0
    name = "drill-offline" if options.part == "drill-offline" else "drill-sync"
    options.report = options.report or CHECKOUT / "var" / f"{name}.json"
    return stage.guarded(FOLDER, lambda place: _drilled(place, options))


def _drilled(place: Place, options: argparse.Namespace) -> int:
    from config.drill.cast import environment

    os.environ.update(environment(place))
    import django

    django.setup()
    return int(importlib.import_module(PARTS[options.part]).drill(place, options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
