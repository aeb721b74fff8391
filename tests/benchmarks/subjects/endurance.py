"""kick_live over a long load, with a queue that holds the sender back: what memory it has, when."""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time

from kick_live import ChannelRef, ChatMessage, Endpoints, KickClient


def main() -> None:
    """Count the events; read the memory after a tenth of them and at the end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--ca", help="trust these certificates and speak TLS")
    options = parser.parse_args()
    scheme = "wss" if options.ca else "ws"
    client = KickClient(
        ChannelRef(slug="amber-quokka", channel_id=7733190, chatroom_id=7712045),
        transport="pusher",
        endpoints=Endpoints(pusher=f"{scheme}://127.0.0.1:{options.port}/app/key"),
        overflow="block",
        queue_size=10_000,
        backfill=False,
        ca_bundle=options.ca,
        remember_ids=False,
    )
    count = early = 0
    cpu = 0.0

    def note(message: ChatMessage) -> None:
        nonlocal count, early, cpu
        count += 1
        if count == 1:
            cpu = _cpu()
        elif count == options.events // 10:
            early = _rss_kib()
        elif count == options.events + 1:
            stats = client.stats
            account = {
                "ended": time.monotonic(),
                "cpu": _cpu() - cpu,
                "early_kib": early,
                "late_kib": _rss_kib(),
                "lost": stats.dropped + stats.duplicates + stats.undecodable,
            }
            sys.stdout.write(json.dumps(account) + "\n")
            sys.stdout.flush()
            client.close()

    client.on(ChatMessage, note)
    client.run()


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _rss_kib() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    main()
