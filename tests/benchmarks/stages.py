"""Where the time of an event goes, stage by stage, in one thread and without a socket:

    python -m tests.benchmarks.stages [--events N] [--repeats N]

The sum is less than what a client uses: the system calls, the two threads and the garbage collector's
work on what waits come on top.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from kick_live import Channel, ChatMessage
from kick_live.dispatcher import Dispatcher
from kick_live.events.base import now
from kick_live.events.decoder import Decoder
from kick_live.net.frames import FrameReader
from kick_live.protocols.base import Publication
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol
from kick_live.session.feed import Feed
from kick_live.session.inbox import Inbox

from .events import CHANNEL_ID, CHATROOM_ID, SLUG, chat
from .frames import frames

__all__ = [
    "UNHEARD",
    "accept",
    "cut",
    "decode",
    "fire",
    "hand_over",
    "measure_stages",
    "read_envelopes",
    "skim",
]

#: Takes the place of decoding.
UNHEARD = "if nobody listens to messages"
_READ = 1 << 16
#: Events that a read of the socket yields, about.
_BATCH = 100


def measure_stages(protocol: str, count: int) -> dict[str, float]:
    """Microseconds an event for each stage, in the order in which an event passes them."""
    times: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        gc.collect()
        begun = time.process_time()
        result = work()
        times[name] = (time.process_time() - begun) / count * 1e6
        return result

    data = b"".join(frames(chat(count), protocol))
    texts = timed("cut frames out of reads", lambda: cut(data))
    published = timed("read envelopes", lambda: read_envelopes(protocol, texts))
    channel = Channel(slug=SLUG, channel_id=CHANNEL_ID, chatroom_id=CHATROOM_ID)
    events = timed("decode payloads", lambda: decode(published, channel))
    timed(UNHEARD, lambda: skim(published, channel))
    timed("remove doubles", lambda: accept(events, channel))
    batches = timed("hand over", lambda: hand_over(events))
    timed("fire the listener", lambda: fire(batches))
    return times


def cut(data: bytes) -> list[str]:
    """Cut texts out of reads of the usual size."""
    reader, texts = FrameReader(), []
    for start in range(0, len(data), _READ):
        texts += reader.feed(data[start : start + _READ])
    return texts


def read_envelopes(name: str, texts: Sequence[str]) -> list[Publication]:
    """Read a protocol's envelopes, in batches of the usual size."""
    protocol = PusherProtocol() if name == "pusher" else CentrifugoProtocol()
    protocol.start(0.0)
    for start in range(0, len(texts), _BATCH):
        protocol.receive(texts[start : start + _BATCH], 0.0)
    return [item for item in protocol.happenings() if isinstance(item, Publication)]


def decode(published: Sequence[Publication], channel: Channel) -> list[Any]:
    """Decode payloads into events."""
    decoder, arrived = Decoder(), now()
    return [
        decoder.decode(item.name, item.data, item.topic, channel, arrived) for item in published
    ]


def skim(published: Sequence[Publication], channel: Channel) -> list[Any]:
    """Decode payloads as far as a program needs that listens to no messages."""
    decoder, arrived = Decoder(), now()
    return [decoder.skim(item.name, item.data, item.topic, channel, arrived) for item in published]


def accept(events: Sequence[Any], channel: Channel) -> list[Any]:
    """Remove doubles."""
    feed = Feed(channel)
    batch: list[Any] = []
    for event in events:
        if feed.accept_message(event):
            batch.append(event)
    return batch


def hand_over(events: Sequence[Any]) -> list[list[Any]]:
    """Hand events over in batches of the usual size, and take them."""
    inbox = Inbox(len(events))
    batches = []
    for start in range(0, len(events), _BATCH):
        inbox.put(events[start : start + _BATCH])
        batches.append(inbox.get(0.0))
    inbox.end()
    return batches


def fire(batches: Sequence[Sequence[Any]]) -> None:
    """Call one listener for each event."""
    dispatcher = Dispatcher()
    dispatcher.on(ChatMessage, lambda message: None)
    for batch in batches:
        for event in batch:
            dispatcher.fire(event)


def main() -> None:
    """Print a table for both protocols."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    columns = {}
    for protocol in ("pusher", "centrifugo"):
        runs = [measure_stages(protocol, options.events) for _ in range(options.repeats)]
        columns[protocol] = {stage: median(run[stage] for run in runs) for stage in runs[0]}
    lines = ["| stage | Pusher us/event | Centrifugo us/event |", "| --- | ---: | ---: |"]
    pairs = zip(columns["pusher"].items(), columns["centrifugo"].values(), strict=True)
    lines += [f"| {stage} | {one:.2f} | {other:.2f} |" for (stage, one), other in pairs]
    sums = [sum(column.values()) - column[UNHEARD] for column in columns.values()]
    totals = " | ".join(f"{total:.2f}" for total in sums)
    sys.stdout.write("\n".join([*lines, f"| all | {totals} |"]) + "\n")


if __name__ == "__main__":
    main()
