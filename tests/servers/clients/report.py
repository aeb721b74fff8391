"""What the Python clients share: arguments, one JSON line for each happening, and the end.

The scripts are run by themselves (``python tests/servers/clients/pysher_client.py``), so they
import this file as a neighbour, not as part of a package.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from typing import Any

__all__ = ["Progress", "say", "with_common_options"]

_printing = threading.Lock()


def say(kind: str, **details: Any) -> None:
    """Print one happening as a line of JSON."""
    with _printing:
        sys.stdout.write(json.dumps({"kind": kind, **details}) + "\n")
        sys.stdout.flush()


def with_common_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add ``--topics``, ``--seconds`` and ``--events``."""
    parser.add_argument("--topics", type=lambda text: [t for t in text.split(",") if t], default=[])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--events", type=int, default=0)
    return parser


class Progress:
    """What has come so far, and whether it is what was asked for; may be used from any thread."""

    def __init__(self, topics: list[str], events: int) -> None:
        self._missing = set(topics)
        self._wanted = events
        self._seen = 0
        self._lock = threading.Lock()
        self.done = threading.Event()

    def subscribed(self, topic: str) -> None:
        """Note that a topic is acknowledged."""
        with self._lock:
            self._missing.discard(topic)
        say("subscribed", topic=topic)

    def event(self, topic: str, event: Any, data: Any) -> None:
        """Note an event; sets ``done`` with the last one asked for."""
        say("event", topic=topic, event=event, data=data)
        with self._lock:
            self._seen += 1
            if self._seen == self._wanted:
                self.done.set()

    def end(self) -> int:
        """Say how it went and give the exit status."""
        with self._lock:
            good = self._seen >= self._wanted if self._wanted else not self._missing
            say("end", good=good, events=self._seen)
        return 0 if good else 1
