"""Classes are met by several threads at once, and the process survives it."""

from __future__ import annotations

import subprocess
import sys

import pytest

NEW_CLASSES = """
import attrs
from kick_live.events.tolerant import convert

def make(number):
    fields = {f"f{n}": attrs.field(type=int, default=0) for n in range(8)}
    inner = attrs.make_class(f"Inner{number}", fields, frozen=True)
    fields = {"inner": attrs.field(type=inner), **fields}
    outer = attrs.make_class(f"Outer{number}", fields, frozen=True)
    return [(convert, {"inner": {"f1": 3}}, outer), (convert, {"f1": 3}, inner)]

rounds = [make(number) for number in range(150)]
"""

EVENTS = """
from kick_live.events import decode
from kick_live.events.registry import BY_WIRE_NAME

def one(name, cls):
    return [(decode, name, text) for text in ("{}", '{"id": "1", "sender": {"username": "maple"}}')]

rounds = [one(name, cls) for name, cls in BY_WIRE_NAME.items()]
"""

RUN = """
import sys, threading
sys.setswitchinterval(1e-6)
for calls in rounds:
    barrier = threading.Barrier(4)

    def run(number):
        barrier.wait(10)
        function, *arguments = calls[number % len(calls)]
        function(*arguments)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("alive")
"""


@pytest.mark.parametrize("calls", [NEW_CLASSES, EVENTS], ids=["new classes", "events"])
def test_threads_that_meet_a_class_at_the_same_time(calls: str) -> None:
    """The first use of a class by several threads at once does not end the process."""
    result = subprocess.run(
        [sys.executable, "-c", calls + RUN],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.stdout == "alive\n", (result.returncode, result.stderr)
