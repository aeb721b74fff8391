"""How the stream and the connection read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from kick_live.cli.lines import Part, name, says
from kick_live.cli.words import amount, clipped, span
from kick_live.events.lifecycle import (
    Connected,
    Disconnected,
    ErrorOccurred,
    EventsDropped,
    Reconnected,
    Reconnecting,
)
from kick_live.events.stream import (
    ChatMoveToSupportedChannel,
    FollowersUpdated,
    StreamEnd,
    StreamerIsLive,
    StreamHost,
    StreamHosted,
    ViewerCount,
)
from kick_live.events.unknown import UndecodableEvent, UnknownEvent
from kick_live.recording.wording import host_message
from kick_live.safe import neutralise

__all__: list[str] = []


@says(StreamerIsLive, "🔴", "bold red")
def _live(event: StreamerIsLive) -> Iterator[Part]:
    yield "live now"
    if event.title:
        yield ": "
        yield event.title


@says(StreamEnd, "⚫", "bold")
def _end(event: StreamEnd) -> Iterable[Part]:
    return ("the stream ended", " (the channel is banned)" if event.is_banned else "")


@says(StreamHost, "🚀", "bold cyan")
@says(StreamHosted, "🚀", "cyan")
def _host(event: StreamHost | StreamHosted) -> Iterator[Part]:
    yield name(event.username)
    yield " hosts this stream"
    if event.viewers is not None:
        yield f" with {amount(event.viewers, 'viewer')}"
    message = host_message(event)
    if message:
        yield Text(": ", "dim")
        yield message


@says(ChatMoveToSupportedChannel, "🚀", "bold cyan")
def _move(event: ChatMoveToSupportedChannel) -> Iterator[Part]:
    yield "the stream moves on to "
    yield name(event.hosted.username or event.slug)


@says(ViewerCount, "👀", "dim")
def _viewers(event: ViewerCount) -> Iterable[Part]:
    return (amount(event.viewers, "viewer"),)


@says(FollowersUpdated, "👥", "dim")
def _followers(event: FollowersUpdated) -> Iterator[Part]:
    if event.username is not None and event.followed is not None:
        yield name(event.username)
        yield " follows" if event.followed else " no longer follows"
    if event.followers_count is not None:
        yield f" ({amount(event.followers_count, 'follower')})"


@says(Connected, "●", "green")
def _connected(event: Connected) -> Iterable[Part]:
    names = ", ".join(channel.slug for channel in event.channels)
    return ("connected to ", Text(neutralise(names), "bold"), f" over {event.transport}")


@says(Disconnected, "○", "yellow")
def _disconnected(event: Disconnected) -> Iterable[Part]:
    reason = event.reason.rstrip(".")
    known = event.code is None or str(event.code) in reason
    return ("disconnected: ", reason, "" if known else f" (code {event.code})")


@says(Reconnecting, "○", "yellow")
def _reconnecting(event: Reconnecting) -> Iterable[Part]:
    return (f"reconnecting in {span(event.delay)}, attempt {event.attempt}",)


@says(Reconnected, "●", "green")
def _reconnected(event: Reconnected) -> Iterator[Part]:
    yield f"back after {span(event.gap)}"
    if event.recovered:
        yield f", {amount(event.recovered, 'event')} recovered"
    if event.complete:
        yield ", nothing is missing"
    else:
        yield ", messages may be missing"
        yield f" ({event.reason})" if event.reason else ""


@says(EventsDropped, "▲", "bold yellow")
def _dropped(event: EventsDropped) -> Iterable[Part]:
    return (f"{amount(event.count, 'event')} dropped: this program is slower than the stream",)


@says(ErrorOccurred, "✖", "red")
def _error(event: ErrorOccurred) -> Iterable[Part]:
    return (str(event.error) or type(event.error).__name__,)


@says(UnknownEvent, "?", "dim")
def _unknown(event: UnknownEvent) -> Iterable[Part]:
    return (event.name, " ", clipped(event.raw, 80))


@says(UndecodableEvent, "✖", "dim red")
def _undecodable(event: UndecodableEvent) -> Iterable[Part]:
    return ("unreadable ", event.name, ": ", event.error)
