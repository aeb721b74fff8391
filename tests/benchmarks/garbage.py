"""What the garbage collector has to do with events, and for how long:

    python -m tests.benchmarks.garbage [--events N] [--repeats N]

In one thread and without a socket: texts become events, which are handed over and either reach one
listener in batches, or wait in the queue. The collector is left as it is, or set as a program may set
it; each case runs in a process of its own, and takes turns with the others.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from kick_live import Channel, ChatMessage
from kick_live.dispatcher import Dispatcher
from kick_live.session.inbox import Inbox

from . import stages
from .events import CHANNEL_ID, CHATROOM_ID, SLUG, chat
from .frames import frames

__all__ = ["CASES", "SETTINGS", "measure_garbage"]

_ROOT = Path(__file__).parents[2]
_BATCH = 100

#: Whether events wait in the queue until all are there.
CASES = {"one listener": False, "a queue that nobody empties": True}

SETTINGS: dict[str, Callable[[], object]] = {
    "as Python sets it": lambda: None,
    "gc.freeze() after the imports": gc.freeze,
    "gc.set_threshold(50_000, 20, 100)": lambda: gc.set_threshold(50_000, 20, 100),
    "gc.disable()": gc.disable,
}


def measure_garbage(count: int, case: str, setting: str) -> dict[str, float]:
    """Run so many messages through this process.

    Returns:
        Collections of the three generations under ``first``, ``second`` and ``third``; what was
        ``collected``; seconds of CPU time in the collector and in all under ``collector`` and
        ``cpu``; under ``tracked``, objects an event that the collector knows.
    """
    texts = stages.cut(b"".join(frames(chat(count), "pusher")))
    channel = Channel(slug=SLUG, channel_id=CHANNEL_ID, chatroom_id=CHATROOM_ID)
    inbox, dispatcher = Inbox(count), Dispatcher()
    dispatcher.on(ChatMessage, lambda message: None)
    waits = CASES[case]
    gc.collect()
    SETTINGS[setting]()
    before = len(gc.get_objects())
    account = _Account()
    gc.callbacks.append(account.note)
    begun = time.process_time()
    try:
        for start in range(0, count, _BATCH):
            published = stages.read_envelopes("pusher", texts[start : start + _BATCH])
            inbox.put(stages.decode(published, channel))
            if not waits:
                for event in inbox.get(0.0):
                    dispatcher.fire(event)
        cpu = time.process_time() - begun
    finally:
        gc.callbacks.remove(account.note)
        inbox.end()
    tracked = (len(gc.get_objects()) - before) / count if waits else 0.0
    first, second, third = account.collections
    return {
        "first": first,
        "second": second,
        "third": third,
        "collected": account.collected,
        "collector": account.seconds,
        "cpu": cpu,
        "tracked": tracked,
    }


class _Account:
    """What the collector does, and how long it takes."""

    def __init__(self) -> None:
        self.collections = [0, 0, 0]
        self.collected = 0
        self.seconds = 0.0
        self._begun = 0.0

    def note(self, phase: str, info: dict[str, int]) -> None:
        """To be called by the collector."""
        if phase == "start":
            self._begun = time.process_time()
            return
        self.seconds += time.process_time() - self._begun
        self.collections[info["generation"]] += 1
        self.collected += info["collected"]


def _in_new_process(*arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.garbage", "--one", *arguments]
    output = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(output)
    return found


def _row(setting: str, runs: list[dict[str, float]], plain: float, count: int) -> str:
    middle = {key: median(run[key] for run in runs) for key in runs[0]}
    cost = middle["cpu"] / count * 1e6
    collections = " / ".join(
        f"{middle[key] / count * 1e6:,.0f}" for key in ("first", "second", "third")
    )
    share = middle["collector"] / middle["cpu"]
    return (
        f"| {setting} | {collections} | {middle['collected']:.0f} | {share:.1%} "
        f"| {cost:.2f} | {cost / plain:.2f} |"
    )


def main() -> None:
    """Print a table for each case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        found = measure_garbage(options.events, *options.one)
        sys.stdout.write(json.dumps(found) + "\n")
        return
    for case in CASES:
        runs: dict[str, list[Any]] = {setting: [] for setting in SETTINGS}
        for _ in range(options.repeats):
            for setting, found_so_far in runs.items():
                found_so_far.append(_in_new_process(case, setting, "--events", str(options.events)))
        first = next(iter(runs.values()))
        plain = median(run["cpu"] for run in first) / options.events * 1e6
        lines = [
            f"{case[0].upper()}{case[1:]}:\n",
            "| collector | collections a million events | found | its share of CPU time "
            "| CPU us/event | ratio |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
            *(_row(setting, rows, plain, options.events) for setting, rows in runs.items()),
        ]
        if CASES[case]:
            tracked = median(run["tracked"] for run in first)
            lines.append(f"\nObjects that the collector knows, an event that waits: {tracked:.2f}")
        sys.stdout.write("\n".join(lines) + "\n\n")


if __name__ == "__main__":
    main()
