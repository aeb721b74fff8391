"""ViewerPoller: viewer counts, only while somebody listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_api import FakeAPI
from make import CHANNEL

from kick_live.errors import (
    Blocked,
    ClientClosed,
    InvalidChannel,
    InvalidResponse,
    NotFound,
    RateLimited,
    ServerError,
    Unreachable,
)
from kick_live.events import StreamEnd, StreamerIsLive, ViewerCount
from kick_live.events.stream import StartedLivestream
from kick_live.models.channel import Channel
from kick_live.models.livestream import Livestream
from kick_live.session.viewers import ViewerPoller

OTHER = Channel(slug="tidal-tom", channel_id=83, chatroom_id=81)


class FakeWorker:
    """Keeps jobs until the test runs them."""

    def __init__(self) -> None:
        self.jobs: list[tuple[float, Callable[[], None]]] = []

    def submit(self, job: Callable[[], None], delay: float = 0.0) -> None:
        """Keep a job."""
        self.jobs.append((delay, job))

    def run(self) -> float:
        """Run the one job that waits; returns its delay."""
        ((delay, job),) = self.jobs
        self.jobs.clear()
        job()
        return delay


class Table:
    """A poller with everything around it faked."""

    def __init__(self, *channels: Channel, interval: float = 60.0, **answers: Any) -> None:
        self.api = FakeAPI({name: list(values) for name, values in answers.items()})
        self.worker = FakeWorker()
        self.delivered: list[ViewerCount] = []
        self.errors: list[Exception] = []
        self.blamed: list[Channel | None] = []
        self.poller = ViewerPoller(
            self.api,  # type: ignore[arg-type]
            self.worker,  # type: ignore[arg-type]
            lambda: channels,
            self.delivered.extend,  # type: ignore[arg-type]
            self._report,
            interval,
        )

    def _report(self, error: Exception, channel: Channel | None) -> None:
        self.errors.append(error)
        self.blamed.append(channel)

    @property
    def calls(self) -> list[str]:
        """The requests, by name."""
        return [name for name, _ in self.api.calls]


def live(number: int = 9) -> Livestream:
    """A running broadcast."""
    return Livestream(id=number)


def began(channel: Channel | None = CHANNEL, number: int = 9) -> StreamerIsLive:
    """The event of a broadcast that begins."""
    return StreamerIsLive(channel=channel, livestream=StartedLivestream(id=number))


def test_nothing_is_asked_while_nobody_listens() -> None:
    """Making one, and hearing of streams, sends no request."""
    table = Table(CHANNEL)
    table.poller.noticed(began())
    table.poller.want(False)
    assert (table.worker.jobs, table.calls) == ([], [])


def test_a_listener_gets_counts_at_once_and_then_in_intervals() -> None:
    """The broadcast is looked up once; after that one request brings the count."""
    table = Table(CHANNEL, livestream=[live()], current_viewers=[{9: 120}, {9: 130}])
    table.poller.want(True)
    assert table.worker.run() == 0.0
    assert table.worker.run() == 60.0
    assert [(e.viewers, e.livestream_id, e.channel) for e in table.delivered] == [
        (120, 9, CHANNEL),
        (130, 9, CHANNEL),
    ]
    assert table.calls == ["livestream", "current_viewers", "current_viewers"]


def test_all_channels_share_a_request() -> None:
    """The ids go out together; each channel gets its own count."""
    table = Table(CHANNEL, OTHER, livestream=[live(9), live(10)], current_viewers=[{10: 2, 9: 1}])
    table.poller.want(True)
    table.worker.run()
    assert table.api.calls[-1] == ("current_viewers", (9, 10))
    assert [(e.channel, e.viewers) for e in table.delivered] == [(CHANNEL, 1), (OTHER, 2)]


def test_a_stream_that_was_seen_to_begin_is_not_looked_up() -> None:
    """The event names the broadcast."""
    table = Table(CHANNEL, current_viewers=[{77: 5}])
    table.poller.noticed(began(number=77))
    table.poller.want(True)
    table.worker.run()
    assert table.calls == ["current_viewers"]
    assert table.delivered[0].livestream_id == 77


@pytest.mark.parametrize("answer", [None])
def test_an_offline_channel_gives_nothing(answer: Any) -> None:
    """No event, no error, and the next poll looks again."""
    table = Table(CHANNEL, livestream=[answer, live()], current_viewers=[{9: 5}])
    table.poller.want(True)
    table.worker.run()
    assert (table.delivered, table.errors) == ([], [])
    table.worker.run()
    assert [event.viewers for event in table.delivered] == [5]


def test_the_end_of_a_stream_ends_the_counts() -> None:
    """Until the channel is live again."""
    table = Table(CHANNEL, livestream=[None], current_viewers=[{9: 5}])
    table.poller.noticed(began())
    table.poller.noticed(StreamEnd(channel=CHANNEL))
    table.poller.noticed(StreamEnd(channel=None))
    table.poller.want(True)
    table.worker.run()
    assert table.delivered == []
    assert "current_viewers" not in table.calls
    table.poller.noticed(began())
    table.worker.run()
    assert len(table.delivered) == 1


def test_a_broadcast_without_a_count_is_looked_up_anew() -> None:
    """It is over, or another one runs."""
    table = Table(CHANNEL, livestream=[live(9), live(10)], current_viewers=[{}, {10: 7}])
    table.poller.want(True)
    table.worker.run()
    assert table.delivered == []
    table.worker.run()
    assert [(e.livestream_id, e.viewers) for e in table.delivered] == [(10, 7)]


def test_the_last_listener_ends_the_polling() -> None:
    """A poll that is due already sends no request; a new listener starts again, once."""
    table = Table(CHANNEL, livestream=[live()], current_viewers=[{9: 1}])
    table.poller.want(True)
    table.poller.want(True)
    assert len(table.worker.jobs) == 1
    table.poller.want(False)
    table.worker.run()
    assert (table.calls, table.worker.jobs) == ([], [])
    table.poller.want(True)
    table.worker.run()
    assert len(table.delivered) == 1


def test_an_interval_of_zero_switches_it_off() -> None:
    """Nothing is ever asked."""
    table = Table(CHANNEL, interval=0)
    table.poller.want(True)
    assert table.worker.jobs == []


@pytest.mark.parametrize(
    ("error", "delay"),
    [
        (ServerError("down"), 60.0),
        (Blocked("no"), 300.0),
        (RateLimited("slow", retry_after=90.0), 90.0),
        (RateLimited("slow", retry_after=5.0), 60.0),
        (RateLimited("slow"), 60.0),
    ],
)
def test_a_failure_is_reported_once_and_waited_out(error: Exception, delay: float) -> None:
    """After a success the next failure is news again."""
    table = Table(CHANNEL, livestream=[live()], current_viewers=[error, error, {9: 1}, error])
    table.poller.want(True)
    table.worker.run()
    assert table.worker.run() == delay
    assert table.errors == [error]
    assert table.worker.run() == delay
    table.worker.run()
    assert table.errors == [error, error]
    assert len(table.delivered) == 1


@pytest.mark.parametrize(
    "error",
    [
        NotFound("no such channel"),
        InvalidChannel("a stranger's", value=None),
        InvalidResponse("no JSON"),
        ServerError("down"),
        Blocked("no"),
        RateLimited("slow"),
        Unreachable("away"),
    ],
)
def test_a_channel_that_cannot_be_asked_for_costs_its_own_counts(error: Exception) -> None:
    """It is named in the report, once; the others are counted, at the latest in the next poll."""
    table = Table(CHANNEL, OTHER, livestream=[error, live(10), error], current_viewers=[{10: 2}])
    table.poller.want(True)
    for _ in range(3):
        table.worker.run()
    assert (table.errors, table.blamed) == ([error], [CHANNEL])
    assert {event.channel for event in table.delivered} == {OTHER}
    assert len(table.delivered) >= 2


def test_a_channel_that_fails_anew_is_news() -> None:
    """Each run of failures of each channel is told, whatever the others do."""
    one, two = NotFound("one"), NotFound("two")
    answers = [one, two, None, two, one, two]
    table = Table(CHANNEL, OTHER, livestream=answers)
    table.poller.want(True)
    for _ in range(3):
        table.worker.run()
    assert list(zip(table.errors, table.blamed, strict=True)) == [
        (one, CHANNEL),
        (two, OTHER),
        (one, CHANNEL),
    ]


@pytest.mark.parametrize(
    ("error", "delay"),
    [(Blocked("no"), 300.0), (RateLimited("slow", retry_after=90.0), 90.0), (Unreachable("x"), 60)],
)
def test_a_refusal_ends_the_questions_until_the_next_poll(error: Exception, delay: float) -> None:
    """What Kick refuses to one channel it refuses to all; whose stream is known is counted."""
    table = Table(OTHER, CHANNEL, OTHER, livestream=[error], current_viewers=[{9: 1}])
    table.poller.noticed(began())
    table.poller.want(True)
    table.worker.run()
    assert table.worker.run() == delay
    assert table.calls == ["livestream", "current_viewers"] * 2
    assert [event.viewers for event in table.delivered] == [1, 1]
    assert table.errors == [error]


def test_nobody_waits_for_ever_behind_a_refused_channel() -> None:
    """The next poll begins with those who were not asked for."""
    third = Channel(slug="copper-heron", channel_id=93, chatroom_id=91)
    table = Table(CHANNEL, OTHER, third, livestream=[Blocked("no")])
    table.poller.want(True)
    for _ in range(4):
        table.worker.run()
    assert [channel for _, channel in table.api.calls] == [CHANNEL, OTHER, third, CHANNEL]


def test_a_closed_client_ends_it_silently() -> None:
    """No report, and nothing more to do."""
    table = Table(CHANNEL, livestream=[ClientClosed("closed")])
    table.poller.want(True)
    table.worker.run()
    assert (table.errors, table.worker.jobs) == ([], [])
