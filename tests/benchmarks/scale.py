"""One client, many channels, six topics each: what each channel costs, idle and under load.

    python -m tests.benchmarks.scale [--channels 1 10 100 1000] [--events N] [--repeats N]

The channels' ids are known, so that no lookup is made. After everything is subscribed the memory is
read; then come a load without pause and one at a steady rate, both spread evenly over the channels.
The sizes take turns; the table shows medians. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from .measure import SubjectFailed

__all__ = ["Scale", "measure_scale", "scale_table"]

_ROOT = Path(__file__).parents[2]
_SUBJECT = Path(__file__).parent / "subjects" / "many.py"

Scale = dict[str, float]


def measure_scale(
    protocol: str, channels: int, *, events: int, paced_events: int, rate: float
) -> Scale:
    """Connect so many channels in a new process and load them; blocks.

    Returns:
        Seconds, KiB and counts under the names that the table explains.

    Raises:
        SubjectFailed: A process ended early, or took more than five minutes.
    """
    loads = [(events, 0.0), (paced_events, rate)]
    command = [sys.executable, "-m", "tests.benchmarks.scale_source", "--protocol", protocol]
    with _Talk(command) as source:
        subject_command = [sys.executable, str(_SUBJECT), "--port", str(source.read()["port"])]
        subject_command += ["--transport", protocol, "--channels", str(channels), "--loads"]
        with _Talk([*subject_command, *(str(count) for count, _ in loads)]) as subject:
            facts = subject.read()
            found = {**facts, **source.ask("report")}
            for name, (count, pace) in zip(("fast", "paced"), loads, strict=True):
                sent = source.ask(f"load {count} {pace}")
                account = subject.read()
                found[f"{name}_cpu_us"] = account["cpu"] / count * 1e6
                found[f"{name}_events_per_s"] = count / (account["ended"] - sent["started"])
            found["dropped"] = subject.read()["dropped"]
    return found


class _Talk:
    """A process that answers in lines of JSON."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = {**os.environ, "KICK_LIVE_CACHE_DIR": "", "NO_PROXY": "127.0.0.1"}
        self._process = subprocess.Popen(
            command,
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self._alarm = threading.Timer(300.0, self._process.kill)
        self._alarm.start()

    def read(self) -> dict[str, Any]:
        """Its next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SubjectFailed(f"{self._process.args!r} ended early")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, command: str) -> dict[str, Any]:
        """Its answer to a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self.read()

    def __enter__(self) -> _Talk:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._alarm.cancel()
        self._process.kill()
        self._process.communicate()


def scale_table(runs: dict[int, Sequence[Scale]]) -> str:
    """Medians by number of channels, as Markdown; costs also relative to the fewest channels."""
    columns = (
        "channels",
        "sockets",
        "threads",
        "connected s",
        "CPU s for it",
        "most topics asked for in a second",
        "KiB a channel",
        "CPU us/event, no pause",
        "ratio",
        "CPU us/event, steady rate",
        "ratio",
    )
    lines = [columns, ["---:"] * len(columns), *_rows(runs)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _rows(runs: dict[int, Sequence[Scale]]) -> Iterable[Sequence[str]]:
    medians = {
        channels: {key: median(run[key] for run in found) for key in found[0]}
        for channels, found in runs.items()
    }
    fewest = min(medians)
    base = medians[fewest]
    for channels, row in medians.items():
        more = channels - fewest
        memory = (row["rss_kib"] - base["rss_kib"]) / more if more else None
        yield (
            f"{channels:,}",
            f"{row['sockets']:.0f}",
            f"{row['threads']:.0f}",
            f"{row['connect_s']:.2f}",
            f"{row['connect_cpu_s']:.2f}",
            f"{row['most_asked_per_s']:.0f}",
            "-" if memory is None else f"{memory:.0f}",
            f"{row['fast_cpu_us']:.2f}",
            f"{row['fast_cpu_us'] / base['fast_cpu_us']:.2f}",
            f"{row['paced_cpu_us']:.0f}",
            f"{row['paced_cpu_us'] / base['paced_cpu_us']:.2f}",
        )


def main() -> None:
    """Measure and print a table for each protocol."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--channels", type=int, nargs="+", default=[1, 10, 100, 1000])
    parser.add_argument("--protocols", nargs="+", default=["pusher", "centrifugo"])
    parser.add_argument("--events", type=int, default=100_000, help="of the load without pause")
    parser.add_argument("--paced-events", type=int, default=6_000)
    parser.add_argument("--rate", type=float, default=1_000.0, help="events a second")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    for protocol in options.protocols:
        runs: dict[int, list[Scale]] = {count: [] for count in options.channels}
        for _ in range(options.repeats):
            for count, found in runs.items():
                found.append(
                    measure_scale(
                        protocol,
                        count,
                        events=options.events,
                        paced_events=options.paced_events,
                        rate=options.rate,
                    )
                )
        sys.stdout.write(f"{protocol}:\n\n{scale_table(runs)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
