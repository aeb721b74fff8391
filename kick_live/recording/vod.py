"""Reads the chat of past broadcasts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Final, NamedTuple, TypeAlias

import attrs
from attrs import frozen

from kick_live.errors import APIError
from kick_live.events.base import now
from kick_live.events.chat import ChatMessage
from kick_live.models.channel import Channel
from kick_live.models.video import Video
from kick_live.net.api import KickAPI

__all__ = ["VodChat", "VodMessage", "VodPosition", "VodProgress"]

_logger = logging.getLogger(__name__)

#: How far a page reaches beyond its moment at the least; learned from the pages where it is more.
_LEAST_REACH: Final = timedelta(seconds=5)
_MOST_REACH: Final = timedelta(minutes=10)
#: Ask a little before the last known message: if it is on the page, nothing lies between.
_OVERLAP: Final = timedelta(milliseconds=1)
_MOST_PAGES_BACK: Final = 200
_MOST_EMPTY_PAGES: Final = 5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


class VodMessage(NamedTuple):
    """A message, and where in the video it was said.

    Attributes:
        offset: Time since the broadcast began.
        message: The message, marked ``historical``; its ``received_at`` is the time of writing.
    """

    offset: timedelta
    message: ChatMessage


@frozen(kw_only=True)
class VodPosition:
    """How far a chat was read; hand it to another ``VodChat`` to go on.

    Attributes:
        offset: That of the last message, or up to where nothing was found.
        ids: The ids of the messages at exactly this offset.
    """

    offset: timedelta
    ids: tuple[str, ...] = ()


@frozen(kw_only=True)
class VodProgress:
    """How far a chat has been read.

    Attributes:
        offset: The position in the video.
        end: The position at which reading ends.
        messages: How many were read.
        skipped: Rows of history that could not be read.
        incomplete: How often history did not reach back over a gap between two pages.
    """

    offset: timedelta
    end: timedelta
    messages: int = 0
    skipped: int = 0
    incomplete: int = 0


#: Called after each page.
OnProgress: TypeAlias = Callable[[VodProgress], object]


class VodChat:
    """Iterates over the chat of a past broadcast, in order, each message once.

    Iterating blocks for the requests, which the API spreads over time; a page holds about 25
    messages, so an hour of busy chat takes minutes. Only the pages in hand are kept in memory. After
    an error, or after leaving the loop, iterating again goes on behind the last message given out.

    How Kick answers to a moment is known only roughly: with messages around or after it (July 2026).
    So nothing is taken for granted: each page must overlap what was read before, or history is read
    back until it does.

    Args:
        api: Sends the requests.
        video: From ``KickAPI.video`` or ``KickAPI.videos``.
        start: Leave out what was said before this offset.
        end: Leave out what was said from this offset on; by default the end of the video, or now
            while the broadcast runs.
        resume: Where an earlier reading stopped.
        on_progress: Called after each page with a ``VodProgress``.

    Raises:
        ValueError: ``end`` is not after ``start``, or one of them is negative.

    Example:
        >>> from kick_live import KickAPI
        >>> made = simulator.channel("amber-quokka").add_video(
        ...     "evening walk", duration=60, messages=[(2.5, "Maple", "hello"), (59, "Fern", "bye")])
        >>> with KickAPI(simulator.endpoints, min_interval=0) as api:
        ...     for offset, message in VodChat(api, api.video(made["uuid"])):
        ...         print(offset.total_seconds(), message.sender.username, message.readable_text)
        2.5 Maple hello
        59.0 Fern bye
    """

    def __init__(
        self,
        api: KickAPI,
        video: Video,
        *,
        start: timedelta | None = None,
        end: timedelta | None = None,
        resume: VodPosition | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.video = video
        start = timedelta(0) if start is None else start
        if end is None:
            end = video.duration or now() - video.start_time
            if start >= end:
                raise ValueError(f"The video ends at {end}; there is nothing from {start} on.")
        if start < timedelta(0) or end <= start:
            raise ValueError(
                f"The end ({end}) must be after the start ({start}), and both positive."
            )
        self._api = api
        self._begin = video.start_time + start
        self._end = video.start_time + end
        self._on_progress = on_progress
        self._at = self._begin
        self._asked = self._begin  # for the progress alone
        self._ids: set[str] = set()
        if resume is not None and video.start_time + resume.offset >= self._begin:
            self._at = video.start_time + resume.offset
            self._ids = set(resume.ids)
        self._reach = _LEAST_REACH
        self._channel: Channel | None = video.channel
        self._asked_for_channel = self._channel is not None
        self._messages = self._skipped = self._incomplete = 0

    def __repr__(self) -> str:
        return f"<VodChat({self.video.uuid}) at {self.position.offset}>"

    @property
    def position(self) -> VodPosition:
        """How far it was read."""
        return VodPosition(offset=self._at - self.video.start_time, ids=tuple(sorted(self._ids)))

    @property
    def progress(self) -> VodProgress:
        """How far it was read, in figures."""
        return VodProgress(
            offset=min(max(self._at, self._asked), self._end) - self.video.start_time,
            end=self._end - self.video.start_time,
            messages=self._messages,
            skipped=self._skipped,
            incomplete=self._incomplete,
        )

    def __iter__(self) -> Iterator[VodMessage]:
        """Give the messages out; see the class.

        Raises:
            APIError: A request failed in spite of repetitions.
            ClientClosed: The API was closed.
        """
        self._find_channel()
        at_end = False
        walk = _Walk(self._at)
        while not at_end and self._at < self._end:
            fresh, met = self._read(walk.moment)
            for message in fresh:
                when = _when(message)
                if when >= self._end:
                    at_end = True
                    break
                if when > self._at:
                    self._at, self._ids = when, set()
                self._ids.add(message.id)
                self._messages += 1
                yield VodMessage(when - self.video.start_time, message)
            if fresh:
                walk = _Walk(self._at)
            else:
                at_end = walk.go_on(met, self._reach, self._end + 2 * _OVERLAP)
            if at_end:
                self._at, self._ids = self._end, set()
            self._asked = max(self._asked, self._at, walk.moment)
            if self._on_progress is not None:
                self._on_progress(self.progress)

    def _find_channel(self) -> None:
        """Ask for the chatroom's id, which videos lack; messages can do without."""
        if self._asked_for_channel or self.video.channel_slug is None:
            return
        try:
            self._channel = self._api.channel(self.video.channel_slug).channel
        except APIError as error:
            _logger.info("messages have no channel, since its ids could not be asked: %s", error)
        self._asked_for_channel = True

    def _read(self, moment: datetime) -> tuple[list[ChatMessage], bool]:
        """The messages on the page of a moment, and on those before it, that were not read yet.

        Also whether there were any at all, so that nothing can be missing before the moment.
        """
        found: dict[str, ChatMessage] = {}
        messages, cursor = self._page(start_time=moment - _OVERLAP)
        met = bool(messages)
        if messages:
            reach = max(map(_when, messages)) - moment
            self._reach = min(max(self._reach, reach), _MOST_REACH)
        empty = 0
        for _ in range(_MOST_PAGES_BACK):
            found.update({m.id: m for m in messages if self._is_fresh(m)})
            empty = 0 if messages else empty + 1
            if any(not self._is_fresh(m) for m in messages) or self._leads_nowhere(cursor):
                break
            if empty == _MOST_EMPTY_PAGES:
                break
            before = cursor
            messages, cursor = self._page(cursor=before)
            if cursor == before:
                break
        else:
            self._incomplete += 1
            _logger.warning("%d pages of history do not reach %s", _MOST_PAGES_BACK, self._at)
        fresh = sorted(found.values(), key=_when)
        return [attrs.evolve(message, received_at=_when(message)) for message in fresh], met

    def _page(
        self, cursor: str | None = None, start_time: datetime | None = None
    ) -> tuple[list[ChatMessage], str | None]:
        """The messages of a page, and where the page before it is."""
        page = self._api.history(self.video.channel_id, cursor, start_time, channel=self._channel)
        dated = [message for message in page.messages if message.created_at is not None]
        self._skipped += page.skipped + len(page.messages) - len(dated)
        return dated, page.cursor

    def _is_fresh(self, message: ChatMessage) -> bool:
        return _when(message) >= self._at and message.id not in self._ids

    def _leads_nowhere(self, cursor: str | None) -> bool:
        """Whether nothing new is behind a cursor, which is a time in microseconds (July 2026)."""
        if cursor is None:
            return True
        try:
            return _EPOCH + timedelta(microseconds=int(cursor)) < self._at
        except (ValueError, OverflowError):
            return False


class _Walk:
    """The moments to ask for behind a known message, after which nothing seems to come.

    Steps grow, so that long silence takes few requests. A page with messages shows that nothing was
    stepped over; if the end is reached without one, the way is gone once more in small steps.

    Attributes:
        moment: What to ask for.
    """

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self._sure = moment
        self._step = timedelta(0)
        self._leapt = False
        self._careful = False

    def go_on(self, met: bool, reach: timedelta, end: datetime) -> bool:
        """Choose the next moment; true if there is none.

        Args:
            met: Whether the last page had messages, all of them known.
            reach: How far a page without messages shows that there are none.
            end: Where to stop.
        """
        if met:
            self._sure, self._leapt = self.moment, False
        if self.moment >= end:
            if not self._leapt or self._careful:
                return True
            self.moment, self._careful = self._sure, True
        self._step = reach if self._careful else min(max(self._step * 2, reach), _MOST_REACH)
        self._leapt = self._leapt or self._step > reach
        self.moment = min(self.moment + self._step, end)
        return False


def _when(message: ChatMessage) -> datetime:
    assert message.created_at is not None
    return message.created_at
