"""Counts the interpreter's instructions that an event costs, stage by stage:

    python -m tests.benchmarks.opcodes

The same on every run, however busy the machine is, so that a test can hold the hot path to it. What
happens inside C, as msgspec's work, is not counted: `stages` measures that, by the clock.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from kick_live import Channel

from . import stages
from .events import CHANNEL_ID, CHATROOM_ID, SLUG, chat
from .frames import frames

__all__ = ["count_opcodes", "opcodes_an_event"]


def count_opcodes(work: Callable[[], Any]) -> tuple[int, Any]:
    """Run something and count the instructions that Python executes for it, on this thread.

    Returns:
        The count, and what ``work`` returned.
    """
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if event == "call":
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
        elif event == "opcode":
            count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = work()
    finally:
        sys.settrace(before)
    return count, result


def _run(protocol: str, count: int) -> dict[str, int]:
    """Instructions of each stage, for a number of messages."""
    counts: dict[str, int] = {}

    def counted(name: str, work: Callable[[], Any]) -> Any:
        counts[name], result = count_opcodes(work)
        return result

    channel = Channel(slug=SLUG, channel_id=CHANNEL_ID, chatroom_id=CHATROOM_ID)
    data = b"".join(frames(chat(count), protocol))
    texts = counted("cut frames out of reads", lambda: stages.cut(data))
    published = counted("read envelopes", lambda: stages.read_envelopes(protocol, texts))
    events = counted("decode payloads", lambda: stages.decode(published, channel))
    counted("remove doubles", lambda: stages.accept(events, channel))
    batches = counted("hand over", lambda: stages.hand_over(events))
    counted("fire the listener", lambda: stages.fire(batches))
    return counts


def opcodes_an_event(protocol: str) -> dict[str, float]:
    """What one more chat message costs in each stage; what a run costs by itself is not in it."""
    _run(protocol, 100)  # what is prepared on first use
    few, many = _run(protocol, 200), _run(protocol, 600)
    return {stage: (many[stage] - few[stage]) / 400 for stage in few}


def main() -> None:
    """Print a table for both protocols."""
    columns = {protocol: opcodes_an_event(protocol) for protocol in ("pusher", "centrifugo")}
    lines = ["| stage | Pusher | Centrifugo |", "| --- | ---: | ---: |"]
    for stage, count in columns["pusher"].items():
        lines.append(f"| {stage} | {count:.0f} | {columns['centrifugo'][stage]:.0f} |")
    totals = " | ".join(f"{sum(column.values()):.0f}" for column in columns.values())
    sys.stdout.write("\n".join([*lines, f"| all | {totals} |"]) + "\n")


if __name__ == "__main__":
    main()
