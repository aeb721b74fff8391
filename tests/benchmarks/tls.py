"""What TLS adds to an event, here and in the libraries by others that can be told whom to trust:

    python -m tests.benchmarks.tls [--events N] [--repeats N] [--peers DIRECTORY]

Certificates are made for each run by trustme, which the tests need as well. The subjects take turns,
each without and with TLS; figures are medians.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from . import catalogue
from .measure import Load, Subject, SubjectFailed, make_certificates, measure

__all__ = ["measure_tls", "tls_table"]

#: kicksdk-py asks a web address of its own first; the others speak Pusher.
_WITHOUT = ("kicksdk-py", "kick_live, Centrifugo")


def measure_tls(
    subjects: Iterable[Subject], events: int, repeats: int
) -> dict[str, list[tuple[float, float]]]:
    """Microseconds of CPU time an event, without and with TLS, of each round.

    Subjects that fail are left out, with a word on standard error.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    present = [subject for subject in subjects if not subject.name.startswith(_WITHOUT)]
    with tempfile.TemporaryDirectory() as directory:
        certificates = make_certificates(Path(directory))
        for _ in range(repeats):
            for subject in list(present):
                try:
                    plain, tls = (
                        measure(subject, Load(events), tls=used).cpu / events * 1e6
                        for used in (None, certificates)
                    )
                except SubjectFailed as error:
                    sys.stderr.write(f"{subject.name} is left out: {error}\n")
                    present.remove(subject)
                    found.pop(subject.name, None)
                else:
                    found.setdefault(subject.name, []).append((plain, tls))
    return found


def tls_table(found: dict[str, list[tuple[float, float]]]) -> str:
    """As Markdown; ratios are to the first row."""
    lines = [
        "| library | CPU us/event | with TLS | ratio with TLS |",
        "| --- | ---: | ---: | ---: |",
    ]
    first: float | None = None
    for name, runs in found.items():
        plain, tls = (median(run[place] for run in runs) for place in (0, 1))
        first = tls if first is None else first
        lines.append(f"| {name} | {plain:.1f} | {tls:.1f} | {tls / first:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", type=Path, help="where libraries by others are installed")
    options = parser.parse_args()
    subjects = [*catalogue.OURS, *(catalogue.peers(options.peers) if options.peers else ())]
    found = measure_tls(subjects, options.events, options.repeats)
    sys.stdout.write(tls_table(found))


if __name__ == "__main__":
    main()
