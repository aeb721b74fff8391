"""What a frame costs if messages have all sizes, and if other kinds come as well:

    python -m tests.benchmarks.mixtures [--events N] [--repeats N] [--peers DIRECTORY]

The frames are made of the golden ones: "chat" are messages and replies, "busy" has 95 % of these and
all other kinds alike in the rest, in "even" all kinds are equally frequent. Every subject gets all of
them, whatever it subscribes to. With ``--listen any`` the listener takes all that a library delivers.
The subjects take turns; figures are medians.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from . import catalogue
from .kinds import MIXTURES
from .measure import Load, Result, Subject, SubjectFailed, measure

__all__ = ["measure_mixtures", "mixtures_table"]


def measure_mixtures(
    subjects: Iterable[Subject],
    events: int,
    repeats: int,
    listen: str = "chat",
    mixtures: Iterable[str] = tuple(MIXTURES),
) -> dict[str, dict[str, list[Result]]]:
    """The rounds of each subject, for each mixture.

    Subjects that fail are left out, with a word on standard error.
    """
    found: dict[str, dict[str, list[Result]]] = {name: {} for name in mixtures}
    present = list(subjects)
    for _ in range(repeats):
        for name, runs in found.items():
            load = Load(events, mixture=name, listen=listen)
            for subject in list(present):
                try:
                    runs.setdefault(subject.name, []).append(measure(subject, load, timeout=60))
                except SubjectFailed as error:
                    sys.stderr.write(f"{subject.name} is left out: {error}\n")
                    present.remove(subject)
    names = [subject.name for subject in present]
    return {name: {own: runs[own] for own in names} for name, runs in found.items()}


def mixtures_table(found: dict[str, dict[str, list[Result]]]) -> str:
    """As Markdown; ratios are to a mixture's first row."""
    lines = [
        "| mixture | library | CPU us/frame | ratio | delivered | frames/s | peak MiB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for mixture, runs in found.items():
        first: float | None = None
        for name, results in runs.items():
            cost = median(run.cpu / run.events * 1e6 for run in results)
            first = cost if first is None else first
            delivered = median(run.delivered / run.events for run in results)
            rate = median(run.events / run.wall for run in results)
            peak = median(run.peak_kib for run in results) / 1024
            lines.append(
                f"| {mixture} | {name} | {cost:.1f} | {cost / first:.2f} | {delivered:.1%} "
                f"| {rate:,.0f} | {peak:.0f} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", type=Path, help="where libraries by others are installed")
    parser.add_argument("--listen", choices=("chat", "any"), default="chat")
    parser.add_argument("--only", nargs="+", help="subjects whose names begin with one of these")
    options = parser.parse_args()
    subjects = [*catalogue.OURS, *(catalogue.peers(options.peers) if options.peers else ())]
    if options.only:
        subjects = [s for s in subjects if s.name.startswith(tuple(options.only))]
    found = measure_mixtures(subjects, options.events, options.repeats, options.listen)
    sys.stdout.write(mixtures_table(found))


if __name__ == "__main__":
    main()
