"""Pysher against any Pusher server.

``python pysher_client.py --host 127.0.0.1 --port 6001 --key KEY --topics a,b``
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from typing import Any

import pysher
from report import Progress, say, with_common_options


def main() -> int:
    """Connect, subscribe, report."""
    parser = with_common_options(argparse.ArgumentParser(description=__doc__))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", required=True)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # it logs what we report

    progress = Progress(options.topics, options.events)
    pusher = pysher.Pusher(
        options.key, custom_host=options.host, port=options.port, secure=False, reconnect_interval=1
    )

    def on_connected(data: str) -> None:
        say("connected", socket_id=json.loads(data)["socket_id"])
        for topic in options.topics:
            pusher.subscribe(topic)

    def on_event(event: str, data: Any, topic: str) -> None:
        if event == "pusher_internal:subscription_succeeded":
            progress.subscribed(topic)
        elif event.startswith("pusher:"):
            say(
                "refused" if event == "pusher:subscription_error" else event, topic=topic, data=data
            )
        else:
            progress.event(topic, event, data)

    connection = pusher.connection
    # A channel calls back by event name only; this one handler sees them all.
    connection.event_handler = on_event
    connection.bind("pusher:connection_established", on_connected)
    connection.bind("pusher:error", lambda data: say("error", data=data))
    connection.bind("pusher:ping", lambda data: say("ping"))
    connection.bind("pusher:pong", lambda data: say("pong"))
    pusher.connect()
    progress.done.wait(options.seconds)
    status = progress.end()
    pusher.disconnect(timeout=2)
    return status


if __name__ == "__main__":
    sys.exit(main())
