"""The delay from the sender to the listener at several rates, beside other libraries:

    python -m tests.benchmarks.latency [--rates 1 100 1000 10000] [--seconds N] [--peers DIRECTORY]

The subjects take turns; each figure is the median of the rounds. A percentile is given where the
samples of a round suffice for it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from . import catalogue
from .figures import percentile
from .measure import Load, Result, Subject, SubjectFailed, measure

__all__ = ["latency_table", "measure_latency"]

_SHARES = (50, 99, 99.9)


def measure_latency(
    subjects: Iterable[Subject], rate: float, seconds: float, repeats: int
) -> dict[str, list[Result]]:
    """Run each subject at a rate; those that fail are left out, with a word on standard error."""
    load = Load(max(5, int(rate * seconds)), rate)
    runs: dict[str, list[Result]] = {}
    present = list(subjects)
    for _ in range(repeats):
        for subject in list(present):
            try:
                result = measure(subject, load)
            except SubjectFailed as error:
                sys.stderr.write(f"{subject.name} is left out: {error}\n")
                present.remove(subject)
                runs.pop(subject.name, None)
            else:
                runs.setdefault(subject.name, []).append(result)
    return runs


def latency_table(runs: dict[str, list[Result]]) -> str:
    """Microseconds, as Markdown."""
    columns = ("library", *(f"p{share:g} us" for share in _SHARES), "CPU us/event")
    lines: list[Sequence[str]] = [columns, ["---", *["---:"] * (len(columns) - 1)]]
    for name, found in runs.items():
        delays = [_figure(found, share) for share in _SHARES]
        cost = median(run.cpu / run.events * 1e6 for run in found)
        lines.append((name, *delays, f"{cost:,.1f}"))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _figure(runs: Sequence[Result], share: float) -> str:
    if min(len(run.delays_ns) for run in runs) * (1 - share / 100) < 1:
        return "-"
    return f"{median(percentile(run.delays_ns, share) / 1e3 for run in runs):,.0f}"


def main() -> None:
    """Measure and print a table for each rate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", type=float, nargs="+", default=[1, 100, 1_000, 10_000])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each run")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", type=Path, help="where libraries by others are installed")
    parser.add_argument("--only", nargs="+", help="subjects whose names begin with one of these")
    options = parser.parse_args()
    subjects = [*catalogue.OURS, *(catalogue.peers(options.peers) if options.peers else ())]
    if options.only:
        subjects = [s for s in subjects if s.name.startswith(tuple(options.only))]
    for rate in options.rates:
        runs = measure_latency(subjects, rate, options.seconds, options.repeats)
        sys.stdout.write(f"{rate:,.0f} a second:\n\n{latency_table(runs)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
