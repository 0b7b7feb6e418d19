"""`rank_providers FILE`: whether the ranking aid beats the plain sort on a labelled set of providers."""

import json
from argparse import ArgumentParser
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fraud.reference import ranking


class Command(BaseCommand):
    help = (
        "Measures the ranking aid beside « sort by amount », cross-validated by provider over repeated "
        "folds; it is kept only if it beats the sort, and never decides."
    )
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--repeats", type=int, default=ranking.REPEATS)
        parser.add_argument(
            "--held-out", type=Path, help="other providers, ranked by what FILE teaches"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        known = _read(options["file"])
        held_out = _read(options["held_out"]) if options["held_out"] else None
        try:
            opinion = ranking.judge(known, repeats=options["repeats"])
            others = ranking.on_others(known, held_out) if held_out else None
        except (KeyError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from None
        told = figures(known, opinion, others)
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2))
        else:
            self.stdout.write(in_words(told))


def _read(file: Path) -> ranking.Labelled:
    try:
        return ranking.read(file)
    except (OSError, KeyError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from None


def figures(
    known: ranking.Labelled, opinion: ranking.Opinion, others: tuple[float, float] | None
) -> dict[str, Any]:
    """Means and standard deviations over the repeats; the gain is paired, fold by fold."""
    told: dict[str, Any] = {
        "providers": len(known.truth),
        "frauds": int(known.truth.sum()),
        "repeats": len(opinion.gains),
        "average_precision_sort": round(opinion.sort, 4),
        "average_precision_aid": round(opinion.aid, 4),
        "spread_sort": round(stdev(opinion.sorts), 4),
        "spread_aid": round(stdev(opinion.aids), 4),
        "gain": round(fmean(opinion.gains), 4),
        "spread_gain": round(stdev(opinion.gains), 4),
        "repeats_won": sum(gain > 0 for gain in opinion.gains),
        "kept": opinion.is_kept,
    }
    if others is not None:
        told |= {"held_out_sort": round(others[0], 4), "held_out_aid": round(others[1], 4)}
    return told


def in_words(told: dict[str, Any]) -> str:
    """The two figures one under the other, the gain, and what becomes of the aid."""
    lines = [
        f"sort by amount  {told['average_precision_sort']:.3f} ± {told['spread_sort']:.3f}",
        f"aid             {told['average_precision_aid']:.3f} ± {told['spread_aid']:.3f}",
        f"gain           {told['gain']:+.3f} ± {told['spread_gain']:.3f}",
        f"above zero in {told['repeats_won']} of {told['repeats']} repeats",
    ]
    if "held_out_aid" in told:
        lines.append(f"held out: sort {told['held_out_sort']:.3f}, aid {told['held_out_aid']:.3f}")
    lines.append("kept" if told["kept"] else "not kept: the list shows the sort alone")
    return "\n".join(lines)
