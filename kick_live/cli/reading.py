"""Reads a client and shows what comes."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from kick_live.cli.output import JSONWriter, TextWriter, Writer, make_console
from kick_live.cli.selection import Digest, Selection
from kick_live.client import KickClient
from kick_live.events.base import Event
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.stream import ViewerCount

__all__ = ["Reading", "show"]


@frozen(kw_only=True)
class Reading:
    """How events are shown.

    Attributes:
        as_json: As JSON instead of text.
        only: Nothing but these kinds; empty for all.
        without: None of these kinds.
        everything: Whether readers get what repeats other events, too.
        quiet: Leave out what happens to the connection.
        max_messages: End after so many; ``None`` for no limit.
        viewers: Whether viewer counts are asked for.
    """

    as_json: bool = False
    only: Sequence[type[Event]] = ()
    without: Sequence[type[Event]] = ()
    everything: bool = False
    quiet: bool = False
    max_messages: int | None = None
    viewers: bool = False

    @property
    def wants_viewers(self) -> bool:
        """Whether viewer counts are asked for, or named."""
        return self.viewers or ViewerCount in self.only


def show(client: KickClient, reading: Reading, *, tagged: bool, timeout: float | None) -> None:
    """Show a client's events until it is closed, time is over, or enough was shown.

    Blocks; connects first, if needed.

    Args:
        client: What to read.
        reading: How to show it.
        tagged: Whether lines name their channel.
        timeout: Seconds after the connection stands; ``None`` for no limit.

    Raises:
        KickLiveError: What ended the connection for good, or prevented it.
        BrokenPipeError: Nobody reads the output any more.
    """
    writer: Writer
    writer = JSONWriter() if reading.as_json else TextWriter(make_console(), tagged=tagged)
    selection = Selection(only=reading.only, without=reading.without, lifecycle=not reading.quiet)
    digest = None if reading.as_json or reading.everything else Digest(reading.only)
    if reading.wants_viewers:
        client.on(ViewerCount, _ask)
    shown = 0
    for event in client.events(timeout):
        if not selection.wants(event) or (digest is not None and not digest.keeps(event)):
            continue
        writer.write(event)
        shown += not isinstance(event, LifecycleEvent)
        if shown == reading.max_messages:
            return


def _ask(event: ViewerCount) -> None:
    """A listener, without which viewers are not asked for."""
