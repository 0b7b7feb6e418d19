"""`python -m config.drill drill --kills N --seed S`, and the processes it starts: `desk`, `broken`."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from config.drill import stage
from config.embedded.addresses import Place


def main(arguments: list[str]) -> int:
    """Run one part; return an exit status."""
    parser = argparse.ArgumentParser(prog="make drill")
    parser.add_argument("part", choices=["drill", "desk", "broken"])
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs of any kind")
    parser.add_argument("--seed", default="1", help="what every fault is drawn from")
    parser.add_argument("--report", type=Path, default=stage.FOLDER.parent / "drill.json")
    options = parser.parse_args(arguments)
    if options.part == "drill":
        return stage.guarded(stage.FOLDER, lambda place: _drilled(place, options))
    import django

    django.setup()
    importlib.import_module(f"config.drill.{options.part}").main(options.seed)
    return 0


def _drilled(place: Place, options: argparse.Namespace) -> int:
    from config.drill.cast import environment

    os.environ.update(environment(place))
    import django

    django.setup()
    from config.drill.drilling import drill

    return drill(place, options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
