"""``python -m claims.adjudication [PACK] CASES``: judge a file of cases without Django.

With a pack (``manage.py export_pack``) nothing but Python is needed; without one the law is read from
its YAML files, which takes PyYAML.
"""

import argparse
import sys
from pathlib import Path

from claims.adjudication.batch import judge_lines
from claims.adjudication.law import Law
from claims.adjudication.pack import PackError, read_pack


def main(arguments: list[str]) -> int:
    """Print one answer a line. Exit status 1 when a line was malformed, 2 when nothing could be judged."""
    parser = argparse.ArgumentParser(prog="python -m claims.adjudication")
    parser.add_argument("files", nargs="+", type=Path, metavar="[PACK] CASES")
    parser.add_argument("--key", metavar="THUMBPRINT", help="the only key a pack may be sealed by")
    asked = parser.parse_args(arguments)
    if len(asked.files) > 2:
        parser.error("one pack at most, and one file of cases")
    *pack, cases = asked.files
    try:
        law = _law_of(pack[0], asked.key) if pack else _law_as_written()
        return _judge(cases, law)
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be read: {error.strerror}\n")
    except PackError as error:
        sys.stderr.write(f"{pack[0]} is refused, nothing was judged: {error}\n")
    return 2


def _judge(file: Path, law: Law) -> int:
    all_well_formed = True
    with file.open("rb") as cases:
        for answer, well_formed in judge_lines(cases, law):
            sys.stdout.write(answer + "\n")
            all_well_formed &= well_formed
    return 0 if all_well_formed else 1


def _law_of(file: Path, key: str | None) -> Law:
    pack = read_pack(file.read_bytes(), kid=key)
    compared = "" if key else "; compare it with the server's, or give --key"
    sys.stderr.write(f"law {pack.law.digest[:12]}, sealed by {pack.kid}{compared}\n")
    return pack.law


def _law_as_written() -> Law:
    from claims.adjudication.legislation.loader import load_law

    return load_law()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
