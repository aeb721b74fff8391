"""Polls viewer counts, only while somebody listens, and survives errors and offline times."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from kick_live.errors import (
    APIError,
    Blocked,
    ClientClosed,
    InvalidChannel,
    KickLiveError,
    RateLimited,
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


class ViewerPoller:
    """Asks for the viewers of all channels in as few requests as possible.

    Args:
        api: Sends the requests.
        worker: Runs them.
        channels: Returns the channels as they are now.
        deliver: Takes the events.
        report: Takes an error, once for each run of failures.
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
        self._failing = False
        self._live: dict[int, int] = {}
        self._offline: set[int] = set()

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
                self._offline.discard(channel.channel_id)
            else:
                self._live.pop(channel.channel_id, None)
                self._offline.add(channel.channel_id)

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
        delay = self._interval
        try:
            channels = list(self._channels())
            self._find_livestreams(channels)
            self._deliver(list(self._count(channels)))
            self._failing = False
        except ClientClosed:
            return
        except (APIError, InvalidChannel) as error:
            delay = self._after(error)
            if not self._failing:
                self._failing = True
                self._report(error, None)
        self._schedule(delay)

    def _after(self, error: KickLiveError) -> float:
        if isinstance(error, Blocked):
            return self._interval * _BLOCKED_FACTOR
        if isinstance(error, RateLimited):
            return max(self._interval, error.retry_after or 0.0)
        return self._interval

    def _find_livestreams(self, channels: Iterable[Channel]) -> None:
        """Learn the livestream ids of channels whose stream we did not see begin."""
        for channel in channels:
            number = channel.channel_id
            with self._lock:
                known = number in self._live
            if known:
                continue
            livestream = self._api.livestream(channel)
            with self._lock:
                if livestream is None:
                    self._offline.add(number)
                else:
                    self._offline.discard(number)
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
