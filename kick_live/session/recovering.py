"""Opens gaps when messages may be missed, and closes them from history."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from kick_live.errors import RealtimeError, Unreachable
from kick_live.events.base import Event, now
from kick_live.events.chat import ChatMessage
from kick_live.events.lifecycle import ErrorOccurred, Reconnected
from kick_live.session.backfill import Gap, Recovery, recover
from kick_live.session.feed import Feed
from kick_live.session.followed import Followed
from kick_live.session.outlet import Outlet
from kick_live.session.recent import Recent, merge, read_recent
from kick_live.session.taps import Arrival, Taps
from kick_live.session.worker import Worker

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Recovering"]

_logger = logging.getLogger(__name__)

_OFF = Recovery(reason="backfill is switched off")
_WHOLE = Recovery(complete=True)
_TOO_MUCH = "more live events came while history was read than can be kept waiting"


class Recovering:
    """The channels' gaps, and the history that is read to begin with.

    A channel's live events wait while its history is read. Whatever interrupts that makes what is
    being read void: the next acknowledgement of the topic begins anew, over the whole of the gap.

    Args:
        api: Reads history.
        worker: Where.
        backfill: Whether gaps are filled at all.
        lock: Guards the channels.
        outlet: Where events go.
        taps: Shown what history gives.
        wanted: Whether a channel is still to be received.
    """

    def __init__(
        self,
        api: KickAPI,
        worker: Worker,
        *,
        backfill: bool,
        lock: threading.RLock,
        outlet: Outlet,
        taps: Taps,
        wanted: Callable[[Followed], bool],
    ) -> None:
        self._api = api
        self._worker = worker
        self._backfill = backfill
        self._lock = lock
        self._outlet = outlet
        self._taps = taps
        self._wanted = wanted
        self.reconnects = 0
        self.recovered = 0
        self.given_up = 0
        self._away: tuple[float, Unreachable | None] = (0.0, None)

    def await_history(self, followed: Followed, feed: Feed) -> None:
        """Live events wait from now on, if history is going to be read."""
        if followed.recent or (self._backfill and followed.gap is not None):
            feed.recovering = True

    def open_gap(self, followed: Followed, feed: Feed, alive_at: float) -> None:
        """Messages may be missed from now on; a gap that is open already grows."""
        feed.interrupt()
        if not followed.ready:
            return
        followed.ready = False
        followed.epoch += 1
        if followed.gap is None:
            followed.lost_at = alive_at
            since = feed.last_message_at
            if since is None:
                since = now() - timedelta(seconds=time.monotonic() - alive_at)
            followed.gap = Gap(
                last_message_id=feed.last_message_id,
                since=since,
                alive_at=alive_at,
            )

    def begin(self, followed: Followed, feed: Feed) -> None:
        """The chat is acknowledged: read what is missing, if anything is. The lock is held."""
        if followed.gap is None and not followed.recent:
            return
        self.reconnects += followed.socket_lost
        followed.socket_lost = False
        length = None
        if followed.lost_at is not None:
            length = timedelta(seconds=time.monotonic() - followed.lost_at)
        epoch = followed.epoch
        if followed.recent or self._backfill:
            feed.recovering = True
            asked_at = time.monotonic()
            self._worker.submit(lambda: self._read(followed, feed, epoch, length, asked_at))
        else:
            self._finish(followed, feed, epoch, length, Recent(), _OFF)

    def _read(
        self,
        followed: Followed,
        feed: Feed,
        epoch: int,
        length: timedelta | None,
        asked_at: float,
    ) -> None:
        def stopped() -> bool:
            return self._worker.stopped or followed.epoch != epoch

        with self._lock:
            gap, count = followed.gap, followed.recent
        if stopped():
            return
        recent, recovery = self._ask(feed, gap, count, asked_at, stopped)
        self._show(feed, [*recent.messages, *recovery.events])
        self._finish(followed, feed, epoch, length, recent, recovery)

    def _ask(
        self,
        feed: Feed,
        gap: Gap | None,
        count: int,
        asked_at: float,
        stopped: Callable[[], bool],
    ) -> tuple[Recent, Recovery]:
        recent = Recent()
        recovery = _OFF if gap is not None else _WHOLE
        if not self._backfill:
            gap = None
        away_at, away = self._away
        if away is not None and away_at >= asked_at:
            # Found out for another channel while this one waited. Each such request takes half a
            # minute, through which live messages are held back.
            recent = Recent(error=away) if count else recent
            return recent, Recovery.failed(away) if gap is not None else recovery
        try:
            if count:
                recent = read_recent(
                    self._api,
                    feed.channel,
                    count,
                    is_known=feed.duplicates.is_known,
                    stopped=stopped,
                )
            if gap is not None:
                recovery = recover(self._api, feed, gap, stopped=stopped)
        except Exception as unexpected:
            # The live messages wait for this.
            _logger.exception("history could not be read")
            recovery = Recovery(reason=f"history could not be read: {unexpected!r}")
        for error in (recent.error, recovery.error):
            if isinstance(error, Unreachable):
                self._away = time.monotonic(), error
        return recent, recovery

    def _show(self, feed: Feed, events: Sequence[Event]) -> None:
        self._taps.show(
            Arrival(
                received_at=event.received_at,
                channel=feed.channel,
                topic=None,
                name=event.wire_names[0],
                raw=event.raw,
                historical=True,
            )
            for event in events
            if event.raw
        )

    def _finish(
        self,
        followed: Followed,
        feed: Feed,
        epoch: int,
        length: timedelta | None,
        recent: Recent,
        recovery: Recovery,
    ) -> None:
        with self._lock:
            if not self._wanted(followed):
                return
            if followed.epoch != epoch or not followed.ready:
                # Given up. Or lost again meanwhile, and perhaps back already: the next recovery
                # covers both gaps. This one may have read history before the second began.
                return
            events = merge(recent.messages, recovery.events)
            missed, held = feed.release(
                [attrs.evolve(event, channel=feed.channel) for event in events],
                time.monotonic(),
            )
            followed.recent = 0
            announced: list[Event] = []
            if recent.error is not None:
                announced.append(ErrorOccurred(error=recent.error, channel=feed.channel))
            if not recovery.complete:
                feed.forgo([*missed, *held])
            if length is not None:
                recovered = _count(missed, recovery)
                announced.append(self._close_gap(followed, feed, length, recovered, recovery))
            if followed.connection is not None:
                self._outlet.hand_over(followed.connection, [*missed, *announced, *held])

    def _close_gap(
        self, followed: Followed, feed: Feed, length: timedelta, recovered: int, recovery: Recovery
    ) -> Reconnected:
        followed.gap = followed.lost_at = None
        self.recovered += recovered
        return Reconnected(
            channel=feed.channel,
            gap=length,
            recovered=recovered,
            complete=recovery.complete,
            reason=recovery.reason,
        )

    def give_up(self, followed: Followed, feed: Feed, now: float) -> list[Event]:
        """Too much waits: what came is worth more than what may be in history. The lock is held.

        Args:
            followed: The channel.
            feed: Its stream.
            now: Seconds on the monotonic clock.

        Returns:
            What waited, and an announcement.
        """
        self.given_up += 1
        followed.epoch += 1
        missed, held = feed.release((), now)
        announced: list[Event] = []
        if followed.recent:
            followed.recent = 0
            announced.append(ErrorOccurred(error=_recent_given_up(feed), channel=feed.channel))
        if followed.lost_at is not None:
            followed.ready = True  # it is received, whether the server acknowledged it or not
            self.reconnects += followed.socket_lost
            followed.socket_lost = False
            length = timedelta(seconds=now - followed.lost_at)
            nothing = Recovery(reason=_TOO_MUCH)
            announced.append(self._close_gap(followed, feed, length, 0, nothing))
            feed.forgo([*missed, *held])
        return [*missed, *announced, *held]


def _recent_given_up(feed: Feed) -> RealtimeError:
    name = feed.channel.slug or feed.channel.channel_id
    return RealtimeError(
        f"The recent history of {name} is left out: {_TOO_MUCH}. Kick may answer slowly, or many "
        "channels may wait their turn; ask for fewer messages, or for fewer channels at once."
    )


def _count(missed: Sequence[Event], recovery: Recovery) -> int:
    """How many of the missed events the gap's recovery gave; the rest waited, or are older."""
    ids = {event.id for event in recovery.events if isinstance(event, ChatMessage)}
    return sum(
        event.historical and (not isinstance(event, ChatMessage) or event.id in ids)
        for event in missed
    )
