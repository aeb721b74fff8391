"""Measures kick_live beside other libraries:

    python -m tests.benchmarks.run [--quick] [--events N] [--peers DIRECTORY]

The subjects take turns, round after round, so that a change in the machine's mood hits all of them;
the tables show medians. With ``--peers`` the libraries by others are installed below that directory
if they are not there yet. Tables, picture and single figures are written to ``--output``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from . import catalogue, figures
from .imports import import_times
from .measure import Load, Result, Subject, SubjectFailed, measure, source_rate

__all__ = ["benchmark", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 1 if a subject failed."""
    options = _options(arguments)
    subjects = list(catalogue.OURS)
    if options.peers is not None:
        if not (options.peers / "peers").exists():
            catalogue.install(options.peers)
        subjects += catalogue.peers(options.peers)
    results = benchmark(
        subjects,
        events=options.events or (2_000 if options.quick else 100_000),
        paced_events=300 if options.quick else 3_000,
        rate=1_000.0,
        repeats=options.repeats or (1 if options.quick else 5),
    )
    tables = figures.markdown(results)
    sys.stdout.write(tables)
    if options.output is not None:
        _write(results, tables, options.output)
    return 1 if results["failed"] else 0


def _options(arguments: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few events, one round")
    parser.add_argument("--events", type=int, help="events a run without pause")
    parser.add_argument("--repeats", type=int, help="rounds")
    parser.add_argument("--peers", type=Path, help="where libraries by others are, or will be")
    parser.add_argument("--output", type=Path, help="a directory for tables, JSON and picture")
    return parser.parse_args(arguments)


def benchmark(
    subjects: Iterable[Subject], *, events: int, paced_events: int, rate: float, repeats: int
) -> dict[str, Any]:
    """Measure every subject; a subject that fails is left out and named under ``failed``."""
    facts = figures.machine()
    loads = {
        "throughput": Load(events),
        "mixed": Load(events, mixture="usual", listen="any"),
        "latency": Load(paced_events, rate),
    }
    runs: dict[str, dict[Subject, list[Result]]] = {kind: defaultdict(list) for kind in loads}
    failed: dict[str, str] = {}
    for _ in range(repeats):
        for subject in subjects:
            for kind, load in loads.items():
                if kind == "mixed" and subject not in catalogue.OURS:
                    continue
                if subject.name in failed:
                    continue
                try:
                    runs[kind][subject].append(measure(subject, load))
                except SubjectFailed as error:
                    failed[subject.name] = str(error)
                    sys.stderr.write(f"{subject.name} is left out: {error}\n")
    whole = {
        kind: {s: r for s, r in found.items() if s.name not in failed}
        for kind, found in runs.items()
    }
    return {
        "machine": facts,
        "source_events_per_s": source_rate(catalogue.SINK, events),
        "throughput": {
            s.name: {"delivers": s.delivers, **figures.throughput(r)}
            for s, r in whole["throughput"].items()
        },
        "mixed": {
            s.name: {"delivers": s.delivers, **figures.throughput(r)}
            for s, r in whole["mixed"].items()
        },
        "latency": {s.name: figures.latency(r) for s, r in whole["latency"].items()},
        "imports": import_times(repeats * 2),
        "failed": failed,
    }


def _write(results: dict[str, Any], tables: str, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (directory / "results.md").write_text(tables, encoding="utf-8")
    try:
        from .plot import draw

        draw(results, directory / "results.svg")
    except ImportError:
        sys.stderr.write("no picture: matplotlib is not installed\n")


if __name__ == "__main__":
    sys.exit(main())
