"""Whether memory grows over a million events, without and with TLS:

    python -m tests.benchmarks.endurance [--events N]

The queue is short and holds the sender back, so that what waits does not count. Needs Linux, and
trustme, which the tests need as well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from .measure import Load, SourceProcess, make_certificates, run_subject

__all__ = ["measure_endurance"]

_SUBJECT = Path(__file__).parent / "subjects" / "endurance.py"


def measure_endurance(events: int, *, tls: bool, timeout: float = 300.0) -> dict[str, Any]:
    """Run so many events through a new process; blocks.

    Returns:
        Seconds of CPU time under ``cpu``, memory in KiB after a tenth of the events and at the end
        under ``early_kib`` and ``late_kib``, and how many events were ``lost``.
    """
    with tempfile.TemporaryDirectory() as directory:
        certificates = make_certificates(Path(directory)) if tls else None
        own = certificates.own if certificates else None
        with SourceProcess("pusher", Load(events), own) as source:
            command = [sys.executable, str(_SUBJECT), "--port", str(source.port)]
            command += ["--events", str(events)]
            command += ["--ca", str(certificates.trusted)] if certificates else []
            return run_subject(command, timeout)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    events = parser.parse_args().events
    lines = [
        f"| {events:,} events | CPU us/event | MiB after a tenth | MiB at the end | lost |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, tls in (("plain", False), ("TLS", True)):
        found = measure_endurance(events, tls=tls)
        early, late = found["early_kib"] / 1024, found["late_kib"] / 1024
        cost = found["cpu"] / events * 1e6
        lines.append(f"| {name} | {cost:.1f} | {early:.1f} | {late:.1f} | {found['lost']} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
