"""kick_live as a subject: one listener that counts."""

from __future__ import annotations

import time

from meter import Meter, Task, read_task

from kick_live import ChannelRef, ChatMessage, Endpoints, Event, KickAPI, KickClient
from kick_live.events.lifecycle import LifecycleEvent


def main() -> None:
    """Run ``kick_live-pusher`` or ``kick_live-centrifugo``."""
    task = read_task()
    begun = time.monotonic()
    if task.ca:
        endpoints = Endpoints(pusher=f"wss://127.0.0.1:{task.port}/app/key")
    else:
        endpoints = Endpoints.at(f"http://127.0.0.1:{task.port}")
    # The polite pause of a second between two requests is no cost of the library's.
    api = KickAPI(endpoints, min_interval=0)
    client = KickClient(
        ChannelRef(slug="amber-quokka", channel_id=7733190, chatroom_id=7712045),
        transport="centrifugo" if task.subject.endswith("centrifugo") else "pusher",
        api=api,
        queue_size=max(100_000, task.events + 1),
        remember_ids=False,
        backfill=not task.ca,
        ca_bundle=task.ca,
    )
    client.connect()
    connected = time.monotonic()
    meter = Meter(task)
    _listen(client, meter, task)
    meter.facts.update(connect_s=connected - begun)
    client.run()
    api.close()


def _listen(client: KickClient, meter: Meter, task: Task) -> None:
    count, count_to_marker = meter.count, meter.count_to_marker

    def finish() -> None:
        stats = client.stats
        meter.report(dropped=stats.dropped, odd=stats.unknown + stats.undecodable)
        client.close()

    def count_message(message: ChatMessage) -> None:
        if count():
            finish()

    def time_message(message: ChatMessage) -> None:
        if count(message.content):
            finish()

    def await_message(message: ChatMessage) -> None:
        if count_to_marker(message.content):
            finish()

    def count_any(event: Event) -> None:
        if not isinstance(event, LifecycleEvent) and count():
            finish()

    def await_any(event: Event) -> None:
        if isinstance(event, ChatMessage):
            await_message(event)
        elif not isinstance(event, LifecycleEvent):
            count_to_marker("")

    if task.listen == "any":
        client.on(Event, await_any if task.marker else count_any)
    elif task.marker:
        client.on(ChatMessage, await_message)
    else:
        client.on(ChatMessage, time_message if task.timed else count_message)


if __name__ == "__main__":
    main()
