"""kick_live with many channels: connects, says what that took, then counts a load."""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import threading
import time
from typing import Any

from kick_live import ChannelRef, ChatMessage, Endpoints, KickAPI, KickClient


def main() -> None:
    """Connect, report, wait for the loads that the command line announces."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--transport", required=True)
    parser.add_argument("--channels", type=int, required=True)
    parser.add_argument("--loads", type=int, nargs="*", default=[], help="events of each load")
    options = parser.parse_args()
    refs = [
        ChannelRef(slug=f"channel-{n}", channel_id=10_000_000 + n, chatroom_id=20_000_000 + n)
        for n in range(options.channels)
    ]
    begun, cpu = time.monotonic(), _cpu()
    api = KickAPI(Endpoints.at(f"http://127.0.0.1:{options.port}"), min_interval=0)
    client = KickClient(
        *refs, api=api, transport=options.transport, queue_size=1_000_000, remember_ids=False
    )
    client.connect(timeout=120)
    connected = time.monotonic()
    topics = client.stats.topics
    while not all(state == "subscribed" for state in topics.values()):
        time.sleep(0.05)
        topics = client.stats.topics
    _say(
        connect_s=connected - begun,
        complete_s=time.monotonic() - begun,
        connect_cpu_s=_cpu() - cpu,
        threads=threading.active_count(),
        sockets=client.stats.connections,
        topics=len(topics),
        rss_kib=_rss_kib(),
    )
    for events in options.loads:
        _count(client, events)
    _say(dropped=client.stats.dropped, duplicates=client.stats.duplicates, rss_kib=_rss_kib())
    client.close()
    api.close()


def _count(client: KickClient, events: int) -> None:
    """Count a load; it begins with the first message."""
    left = events
    begun = 0.0

    class Done(Exception):
        pass

    def count(message: ChatMessage) -> None:
        nonlocal left, begun
        if left == events:
            begun = _cpu()
        left -= 1
        if not left:
            raise Done

    client.on(ChatMessage, count)
    try:
        client.run()
    except Done:
        _say(ended=time.monotonic(), cpu=_cpu() - begun)
    finally:
        client.off(ChatMessage, count)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _rss_kib() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def _say(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
