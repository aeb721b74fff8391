"""Worker: slow jobs on one background thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from kick_live.session.worker import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker that is stopped at the end."""
    worker = Worker()
    yield worker
    worker.stop()
    if worker.thread is not None:
        worker.thread.join(5)
        assert not worker.thread.is_alive()


def test_no_job_means_no_thread() -> None:
    """Making one starts nothing, and stopping it needs nothing."""
    before = threading.active_count()
    worker = Worker()
    assert worker.thread is None
    worker.stop()
    assert threading.active_count() == before


def test_jobs_run_in_order_on_one_named_daemon(worker: Worker) -> None:
    """One after another, off the caller's thread."""
    seen: list[tuple[int, threading.Thread]] = []
    done = threading.Event()
    for number in range(5):
        worker.submit(lambda number=number: seen.append((number, threading.current_thread())))
    worker.submit(done.set)
    assert done.wait(5)
    assert [number for number, _ in seen] == [0, 1, 2, 3, 4]
    assert {thread for _, thread in seen} == {worker.thread}
    assert worker.thread is not None
    assert worker.thread.daemon
    assert worker.thread.name.startswith("kick-live-")


def test_a_delayed_job_lets_others_pass(worker: Worker) -> None:
    """It runs at its time and not before, even if submitted first."""
    order: list[str] = []
    done = threading.Event()
    began = time.monotonic()
    worker.submit(lambda: (order.append("late"), done.set()), delay=0.1)  # type: ignore[arg-type,func-returns-value]
    worker.submit(lambda: order.append("now"))
    assert done.wait(5)
    assert order == ["now", "late"]
    assert time.monotonic() - began >= 0.1


def test_a_sooner_job_cuts_the_wait_for_a_later_one(worker: Worker) -> None:
    """The thread does not sleep through what comes in between."""
    done = threading.Event()
    worker.submit(lambda: None, delay=60)
    worker.submit(done.set, delay=0.01)
    assert done.wait(5)


def test_a_job_that_raises_does_not_stop_the_others(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with its traceback."""
    done = threading.Event()

    def fail() -> None:
        raise ValueError("spilt")

    worker.submit(fail)
    worker.submit(done.set)
    assert done.wait(5)
    assert "spilt" in caplog.text


def test_stop_forgets_what_waits_and_ends_after_the_running_job(worker: Worker) -> None:
    """What was submitted later, or after, never runs."""
    running, go, ran = threading.Event(), threading.Event(), []

    def job() -> None:
        running.set()
        go.wait(5)

    worker.submit(job)
    worker.submit(lambda: ran.append("queued"))
    assert running.wait(5)
    worker.stop()
    worker.submit(lambda: ran.append("too late"))
    go.set()
    assert worker.thread is not None
    worker.thread.join(5)
    assert not worker.thread.is_alive()
    assert ran == []


def test_stop_from_a_job_is_allowed(worker: Worker) -> None:
    """The thread does not wait for itself."""
    worker.submit(worker.stop)
    assert worker.thread is not None
    worker.thread.join(5)
    assert not worker.thread.is_alive()


def test_a_job_in_a_far_future_holds_up_no_other(worker: Worker) -> None:
    """A wait of centuries overflows the system's clock."""
    done = threading.Event()
    worker.submit(lambda: None, delay=1e11)
    worker.submit(done.set, delay=0.01)
    assert done.wait(5)
