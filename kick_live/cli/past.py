"""What has to happen before a channel is watched: it goes live, and its last messages are read."""

from __future__ import annotations

from collections.abc import Iterable

from kick_live.cli.running import complain
from kick_live.client import KickClient
from kick_live.errors import APIError, InvalidChannel
from kick_live.events.chat import ChatMessage
from kick_live.events.lifecycle import Reconnected
from kick_live.events.stream import StreamerIsLive
from kick_live.models.channel import Channel
from kick_live.net.api import KickAPI

__all__ = ["recent_messages", "wait_until_live"]


def wait_until_live(client: KickClient, api: KickAPI, *, quiet: bool) -> None:
    """Wait until a broadcast of one of a client's channels runs; what happens before is dropped.

    Blocks. Asks once, then listens; asks again after a gap, in which the start may have been missed.

    Args:
        client: A connected client.
        api: Asks.
        quiet: Say nothing.

    Raises:
        KickLiveError: What ended the connection for good.
    """
    if _is_live(client, api):
        return
    if not quiet:
        names = ", ".join(channel.slug for channel in client.channels)
        complain(f"waiting until {names} goes live ...")
    for event in client.events():
        if isinstance(event, StreamerIsLive):
            return
        if isinstance(event, Reconnected) and _is_live(client, api):
            return


def _is_live(client: KickClient, api: KickAPI) -> bool:
    for channel in client.channels:
        try:
            if api.livestream(channel) is not None:
                return True
        except (APIError, InvalidChannel) as error:
            complain(f"kick-live: Whether {channel.slug} is live could not be asked: {error}")
    return False


def recent_messages(
    api: KickAPI, channels: Iterable[Channel], count: int
) -> tuple[ChatMessage, ...]:
    """The last messages of some channels, oldest first; a failure is told on standard error.

    Args:
        api: Reads the history.
        channels: Whose.
        count: How many of each.
    """
    found: list[ChatMessage] = []
    for channel in channels:
        messages: list[ChatMessage] = []
        try:
            for page in api.iter_history(channel.channel_id, channel=channel):
                messages = [*page.messages, *messages]
                if len(messages) >= count or not page.messages:
                    break
        except APIError as error:
            complain(f"kick-live: The history of {channel.slug} could not be read: {error}")
        found += messages[-count:]
    return tuple(sorted(found, key=lambda message: message.created_at or message.received_at))
