"""`make drill-offline`: a browser, then the drill."""

import os
import sys

from bootstrap import chromium
from bootstrap.steps import CHECKOUT, StepError


def main(arguments: list[str]) -> int:
    """Have a browser, then become the drill; return 1 when there is none to be had."""
    try:
        os.environ["CHROMIUM"] = chromium.ensure()
    except StepError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "config.offline_drill", *arguments])
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
