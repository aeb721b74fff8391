"""Counts events inside a measured process and reports what they cost it.

Needs nothing but the standard library, because it also runs where other libraries live.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from typing import Any

__all__ = ["Meter", "Task", "read_task"]


class Task(argparse.Namespace):
    """What a subject is told.

    Attributes:
        subject: Its name.
        port: Where the load source listens.
        events: How many events follow the first one.
        timed: Whether messages begin with the time at which they were sent.
        listen: ``chat`` for messages, ``any`` for whatever the library delivers.
        marker: The text of the message that comes last, if events are not to be counted for that.
        ca: A file of certificates to trust; then the load source speaks TLS.
    """

    subject: str
    port: int
    events: int
    timed: bool
    listen: str
    marker: str | None
    ca: str | None


def read_task() -> Task:
    """The command line of every subject."""
    parser = argparse.ArgumentParser()
    parser.add_argument("subject")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--timed", action="store_true")
    parser.add_argument("--listen", choices=("chat", "any"), default="chat")
    parser.add_argument("--marker")
    parser.add_argument("--ca")
    return parser.parse_args(namespace=Task())


class Meter:
    """The account of one run.

    The first event is a warm-up: with it the account begins. The clock's beginning is the source's.

    Attributes:
        facts: What else is to be reported.
    """

    def __init__(self, task: Task) -> None:
        self._last = task.events + 1
        self._marker = task.marker
        self._count = 0
        self._cpu = 0.0
        self._delays: list[int] = []
        self.facts: dict[str, Any] = {}

    def count(self, content: str = "") -> bool:
        """One event arrived; true for the last.

        Args:
            content: The message's text, if delays are measured.
        """
        self._count += 1
        if content and self._count > 1:
            self._delays.append(time.monotonic_ns() - int(content[:19]))
        if self._count == 1:
            self._cpu = _cpu()
        return self._count == self._last

    def count_to_marker(self, content: str) -> bool:
        """One event arrived; true for the message that comes last.

        Args:
            content: The message's text, or nothing for another event.
        """
        self._count += 1
        if self._count == 1:
            self._cpu = _cpu()
        return content == self._marker

    def report(self, **facts: Any) -> None:
        """Print the account as a line of JSON."""
        account = {
            "ended": time.monotonic(),
            "cpu": _cpu() - self._cpu,
            "delivered": self._count - 1,
            "peak_kib": _peak_kib(),
            "delays_ns": self._delays,
            **self.facts,
            **facts,
        }
        sys.stdout.write("\n" + json.dumps(account) + "\n")
        sys.stdout.flush()

    def report_and_exit(self) -> None:
        """Print the account and leave at once, without asking a library to stop."""
        self.report()
        os._exit(0)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _peak_kib() -> int:
    # On Linux ru_maxrss of a new process begins with its parent's; the status file does not.
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak
