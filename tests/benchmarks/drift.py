"""What a message costs whose payload is not quite as expected, beside one that is:

    python -m tests.benchmarks.drift

"In all" adds what every event costs outside decoding, as `stages` measures it.
"""

from __future__ import annotations

import json
import sys
import time
from statistics import median
from typing import Any

from kick_live.events.base import now
from kick_live.events.decoder import Decoder

from .events import chat
from .stages import UNHEARD, measure_stages

__all__ = ["DRIFTS", "measure_drifts"]

_NAME = "App\\Events\\ChatMessageEvent"

_GONE = object()
_SENDER = {"id": 7, "username": "Maple_Harbor", "slug": "maple-harbor"}

#: What stands in place of a good value, by what it would be called in a report of a fault. A message
#: without an id or a sender becomes an ``UndecodableEvent``.
DRIFTS: dict[str, dict[str, Any]] = {
    "none": {},
    "a field is missing": {"chatroom_id": _GONE},
    "a field has another name": {"created_at": _GONE, "sent_at": "2026-10-05T18:00:01+00:00"},
    "a field that nobody knows": {"spotlight": {"until": [1, 2]}},
    "a time without its zone": {"created_at": "2026-10-05T18:00:01"},
    "a time that is none": {"created_at": "yesterday"},
    "a number for an id": {"id": 17},
    "null for the text": {"content": None},
    "JSON in a text": {"metadata": '{"message_ref":"1791223201022"}'},
    "an empty list for an object": {"metadata": []},
    "two unusable values": {"created_at": "yesterday", "metadata": 7},
    "an unusable value inside": {"sender": {**_SENDER, "identity": {"color": 7, "badges": 7}}},
    "a badge without a type": {"sender": {**_SENDER, "identity": {"badges": [{"text": "VIP"}]}}},
    "no id": {"id": _GONE},
    "null for the id": {"id": None},
    "a text for the sender": {"sender": "Maple_Harbor"},
    "null for the sender's name": {"sender": {**_SENDER, "username": None}},
}


def measure_drifts(count: int = 2000, repeats: int = 9) -> dict[str, float]:
    """Microseconds of CPU time that decoding takes for each of ``DRIFTS``; medians."""
    message = json.loads(next(chat(1)).data)
    texts = {what: _text({**message, **change}) for what, change in DRIFTS.items()}
    times: dict[str, list[float]] = {what: [] for what in texts}
    # One for each, as a channel has one drift at a time, and what is known of one helps with the next.
    decoders, arrived = {what: Decoder() for what in texts}, now()
    for _ in range(repeats):
        for what, text in texts.items():
            decode = decoders[what].decode
            begun = time.process_time()
            # Kept, as events are that wait, so that the garbage collector's part is in it.
            _ = [decode(_NAME, text, "chatrooms.1.v2", None, arrived) for _ in range(count)]
            times[what].append((time.process_time() - begun) / count * 1e6)
    return {what: median(found) for what, found in times.items()}


def _text(payload: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in payload.items() if value is not _GONE})


def main() -> None:
    """Print a table."""
    runs = [measure_stages("pusher", 20_000) for _ in range(5)]
    others = median(sum(run.values()) - run["decode payloads"] - run[UNHEARD] for run in runs)
    found = measure_drifts()
    clean = found["none"] + others
    lines = ["| drift | decoding us | in all us | ratio |", "| --- | ---: | ---: | ---: |"]
    for what, cost in found.items():
        total = cost + others
        lines.append(f"| {what} | {cost:.1f} | {total:.1f} | {total / clean:.1f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
