"""``python -m claims.adjudication FILE``: judge a file of cases without Django."""

import sys
from pathlib import Path

from claims.adjudication.batch import judge_lines
from claims.adjudication.legislation.loader import load_law


def main(arguments: list[str]) -> int:
    """Print one answer a line. Exit status 1 when a line was malformed, 2 for a wrong call."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m claims.adjudication FILE\n")
        return 2
    try:
        cases = Path(arguments[0]).open("rb")  # noqa: SIM115  closed below, once it could be opened
    except OSError as error:
        sys.stderr.write(f"{arguments[0]} cannot be read: {error.strerror}\n")
        return 2
    all_well_formed = True
    with cases:
        for answer, well_formed in judge_lines(cases, load_law()):
            sys.stdout.write(answer + "\n")
            all_well_formed &= well_formed
    return 0 if all_well_formed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
