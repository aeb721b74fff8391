"""Takes events from a client or a recording and shows them."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import frozen

from kick_live.cli.console import make_console
from kick_live.cli.output import (
    FileWriter,
    JSONWriter,
    TemplateWriter,
    TextWriter,
    Writer,
)
from kick_live.cli.render import render
from kick_live.cli.running import complain
from kick_live.cli.selection import Digest, Selection
from kick_live.cli.template import Template, moment_of
from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.stream import ViewerCount
from kick_live.listening import EventSource

__all__ = ["Reading", "ask_for_viewers", "show", "show_all"]


@frozen(kw_only=True)
class Reading:
    """How events are shown.

    Attributes:
        as_json: As JSON instead of text.
        template: In this shape instead.
        only: Nothing but these kinds; empty for all.
        without: None of these kinds.
        grep: Nothing but lines in which this is found.
        everything: Whether readers get what repeats other events, too.
        quiet: Leave out what happens to the connection.
        max_messages: End after so many; ``None`` for no limit.
        viewers: Whether viewer counts are asked for.
        outputs: Files that get the same.
    """

    as_json: bool = False
    template: Template | None = None
    only: Sequence[type[Event]] = ()
    without: Sequence[type[Event]] = ()
    grep: re.Pattern[str] | None = None
    everything: bool = False
    quiet: bool = False
    max_messages: int | None = None
    viewers: bool = False
    outputs: Sequence[str] = ()

    @property
    def wants_viewers(self) -> bool:
        """Whether viewer counts are asked for, or named."""
        return self.viewers or ViewerCount in self.only

    def filter(self) -> Callable[[Event], bool]:
        """A function that says, event by event, whether it is shown; it remembers what was."""
        lifecycle = not self.quiet and self.grep is None
        selection = Selection(only=self.only, without=self.without, lifecycle=lifecycle)
        digest = None if self.as_json or self.everything else Digest(self.only)
        grep = self.grep

        def keeps(event: Event) -> bool:
            return (
                selection.wants(event)
                and (digest is None or digest.keeps(event))
                and (grep is None or grep.search(render(event).plain) is not None)
            )

        return keeps

    def tells(self, event: Event) -> bool:
        """Whether what was not chosen is told on standard error: that the connection is lost, say."""
        return (
            (bool(self.only) or self.grep is not None)
            and not (self.quiet or self.as_json)
            and isinstance(event, LifecycleEvent)
            and not isinstance(event, tuple(self.without))
        )

    def writer(self, *, tagged: bool, marked: bool) -> Writer:
        """What shows events on standard output.

        Args:
            tagged: Whether lines name their channel.
            marked: Whether lines say that they were read from history.
        """
        if self.as_json:
            return JSONWriter()
        if self.template is not None:
            return TemplateWriter(self.template)
        return TextWriter(make_console(), tagged=tagged, marked=marked)


def show(
    source: EventSource,
    reading: Reading,
    *,
    tagged: bool,
    timeout: float | None = None,
    inactivity_timeout: float | None = None,
    past: Sequence[ChatMessage] = (),
    marked: bool = True,
) -> None:
    """Show a source's events until it ends, time is over, or enough was shown.

    Blocks; a client connects first, if needed.

    Args:
        source: What to read.
        reading: How to show it.
        tagged: Whether lines name their channel.
        timeout: Seconds after the connection stands; ``None`` for no limit.
        inactivity_timeout: Seconds without events after which it ends; ``None`` for no limit.
        past: Messages to begin with; they are left out where the source gives them once more.
        marked: Whether lines say that they were read from history.

    Raises:
        KickLiveError: What ended the connection for good, or prevented it.
        BrokenPipeError: Nobody reads the output any more.
    """
    if reading.wants_viewers:
        source.on(ViewerCount, ask_for_viewers)
    known = {message.id for message in past}

    def events() -> Iterator[Event]:
        yield from past
        for event in _active(source, timeout, inactivity_timeout):
            if not (isinstance(event, ChatMessage) and event.id in known):
                yield event

    show_all(events(), reading, tagged=tagged, marked=marked)


def show_all(events: Iterable[Event], reading: Reading, *, tagged: bool, marked: bool) -> None:
    """Show events until they end, or enough were shown; otherwise as ``show``."""
    keeps = reading.filter()
    shown = 0
    with contextlib.ExitStack() as stack:
        # The files come first: SIGTERM may arrive between two writers, and what was shown must not
        # be missing from them.
        writers: list[Writer] = [
            stack.enter_context(
                FileWriter(path, tagged=tagged, marked=marked, template=reading.template)
            )
            for path in reading.outputs
        ]
        writers.append(reading.writer(tagged=tagged, marked=marked))
        for event in events:
            if not keeps(event):
                if reading.tells(event):
                    complain(f"{moment_of(event):%H:%M:%S} {render(event).plain}")
                continue
            for writer in writers:
                writer.write(event)
            shown += not isinstance(event, LifecycleEvent)
            if shown == reading.max_messages:
                return


def _active(
    source: EventSource, timeout: float | None, inactivity_timeout: float | None
) -> Iterator[Event]:
    if inactivity_timeout is None:
        yield from source.events(timeout)
        return
    end = None if timeout is None else time.monotonic() + timeout
    quiet_until = time.monotonic() + inactivity_timeout
    while True:
        limit = quiet_until if end is None else min(end, quiet_until)
        left = limit - time.monotonic()
        if left <= 0:
            return
        for event in source.events(left):
            yield event
            if not isinstance(event, (LifecycleEvent, ViewerCount)):
                quiet_until = time.monotonic() + inactivity_timeout
                break
        else:
            return


def ask_for_viewers(event: ViewerCount) -> None:
    """A listener, without which viewers are not asked for."""
