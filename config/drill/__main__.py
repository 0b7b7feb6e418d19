"""`python -m config.drill drill --kills N --seed S`, and the processes it starts: `desk`, `broken`."""

import argparse
import fcntl
import importlib
import os
import signal
import sys
from pathlib import Path

from config.drill import stage
from config.embedded.processes import die_with_parent


def main(arguments: list[str]) -> int:
    """Run one part; return an exit status."""
    parser = argparse.ArgumentParser(prog="make drill")
    parser.add_argument("part", choices=["drill", "desk", "broken"])
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs of any kind")
    parser.add_argument("--seed", default="1", help="what every fault is drawn from")
    parser.add_argument("--report", type=Path, default=stage.FOLDER.parent / "drill.json")
    options = parser.parse_args(arguments)
    if options.part == "drill":
        return _guarded(options)
    import django

    django.setup()
    importlib.import_module(f"config.drill.{options.part}").main(options.seed)
    return 0


def _guarded(options: argparse.Namespace) -> int:
    """Drill in a child; whatever becomes of it, take away what it leaves."""
    place = stage.drill_place()
    # Held by the guardian and its child: a second drill would take the first one's servers away.
    lock = (stage.FOLDER / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("A drill of this checkout is under way: wait for its end, or stop it (Ctrl-C).")
        return 1
    guardian = os.getpid()
    child = os.fork()
    if child == 0:
        die_with_parent()
        if os.getppid() != guardian:
            os._exit(1)
        from config.drill.cast import environment

        os.environ.update(environment(place))
        import django

        django.setup()
        from config.drill.drilling import drill

        sys.exit(drill(place, options))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGTERM))
    _pid, status = os.waitpid(child, 0)
    stage.clear(place)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
