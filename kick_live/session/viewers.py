"""Polls viewer counts, only while somebody listens, and survives errors and offline times."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from kick_live.errors import (
    APIError,
    Blocked,
    ClientClosed,
    InvalidChannel,
    KickLiveError,
    RateLimited,
    Unreachable,
)
from kick_live.events.base import Event
from kick_live.events.stream import StreamEnd, StreamerIsLive, ViewerCount
from kick_live.models.channel import Channel
from kick_live.session.worker import Worker

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["ViewerPoller"]

_logger = logging.getLogger(__name__)

#: After Kick refused, wait minutes, not seconds.
_BLOCKED_FACTOR: Final = 5.0
#: What befalls one channel because it befalls all.
_REFUSALS: Final = (Blocked, RateLimited, Unreachable)

_Failures: TypeAlias = list[tuple[KickLiveError, Channel | None]]


class ViewerPoller:
    """Asks for the viewers of all channels in as few requests as possible.

    Args:
        api: Sends the requests.
        worker: Runs them.
        channels: Returns the channels as they are now.
        deliver: Takes the events.
        report: Takes an error and whose it is, once for each run of failures of a channel.
        interval: Seconds between two polls.
    """

    def __init__(
        self,
        api: KickAPI,
        worker: Worker,
        channels: Callable[[], Sequence[Channel]],
        deliver: Callable[[list[Event]], object],
        report: Callable[[KickLiveError, Channel | None], object],
        interval: float,
    ) -> None:
        self._api = api
        self._worker = worker
        self._channels = channels
        self._deliver = deliver
        self._report = report
        self._interval = interval
        self._lock = threading.Lock()
        self._wanted = False
        self._scheduled = False
        self._failing: set[int | None] = set()
        self._first = 0
        self._live: dict[int, int] = {}

    def want(self, wanted: bool) -> None:
        """Somebody listens, or nobody does any more. Any thread may call it."""
        with self._lock:
            self._wanted = wanted
        if wanted:
            self._schedule(0.0)

    def noticed(self, event: StreamerIsLive | StreamEnd) -> None:
        """A stream began or ended. Called on a connection's thread."""
        channel = event.channel
        if channel is None:
            return
        with self._lock:
            if isinstance(event, StreamerIsLive):
                self._live[channel.channel_id] = event.livestream.id
            else:
                self._live.pop(channel.channel_id, None)

    def _schedule(self, delay: float) -> None:
        with self._lock:
            if self._scheduled or not self._wanted or self._interval <= 0:
                return
            self._scheduled = True
        self._worker.submit(self._poll, delay)

    def _poll(self) -> None:
        with self._lock:
            self._scheduled = False
            if not self._wanted:
                return
        channels = list(self._channels())
        failures: _Failures = []
        try:
            self._find_livestreams(channels, failures)
            self._deliver(list(self._count(channels)))
        except ClientClosed:
            return
        except APIError as error:
            failures.append((error, None))
        self._tell(failures)
        self._schedule(max([self._interval, *(self._pause(error) for error, _ in failures)]))

    def _tell(self, failures: _Failures) -> None:
        """Report what did not fail in the poll before."""
        failing: set[int | None] = set()
        for error, channel in failures:
            refused = isinstance(error, _REFUSALS)
            whose = None if channel is None or refused else channel.channel_id
            if whose not in self._failing | failing:
                self._report(error, channel)
            failing.add(whose)
        self._failing = failing

    def _pause(self, error: KickLiveError) -> float:
        if isinstance(error, Blocked):
            return self._interval * _BLOCKED_FACTOR
        return (error.retry_after or 0.0) if isinstance(error, RateLimited) else 0.0

    def _find_livestreams(self, channels: Sequence[Channel], failures: _Failures) -> None:
        """Learn the livestream ids of channels whose stream we did not see begin."""
        first, self._first = self._first, 0
        for channel in (*channels[first:], *channels[:first]):
            number = channel.channel_id
            with self._lock:
                known = number in self._live
            if known:
                continue
            try:
                livestream = self._api.livestream(channel)
            except (APIError, InvalidChannel) as error:
                failures.append((error, channel))
                if isinstance(error, _REFUSALS):
                    # Those behind it are asked for first in the next poll: it may be this channel
                    # alone that is refused, every time.
                    self._first = channels.index(channel) + 1
                    return
                continue
            if livestream is not None:
                with self._lock:
                    self._live[number] = livestream.id

    def _count(self, channels: Iterable[Channel]) -> Iterable[ViewerCount]:
        with self._lock:
            live = {
                self._live[channel.channel_id]: channel
                for channel in channels
                if channel.channel_id in self._live
            }
        if not live:
            return
        counts = self._api.current_viewers(*live)
        for livestream_id, channel in live.items():
            viewers = counts.get(livestream_id)
            if viewers is None:
                # The broadcast is over, or another one runs: look again next time.
                with self._lock:
                    self._live.pop(channel.channel_id, None)
            else:
                yield ViewerCount(channel=channel, viewers=viewers, livestream_id=livestream_id)
