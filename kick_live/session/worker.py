"""One background thread for slow REST work: lookups, history, viewers, tokens."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, TypeAlias

from kick_live.latch import is_held

__all__ = ["Worker"]

_logger = logging.getLogger(__name__)

#: Seconds; a longer wait is refused by the system's clock.
_LONGEST_WAIT: Final = 3600.0

Job: TypeAlias = Callable[[], None]


class Worker:
    """Runs jobs one after another, each at or after its time.

    The thread starts with the first job. A job that raises is logged; the others go on.

    Args:
        within: A context in which the jobs run.
        name: The thread's name.
    """

    def __init__(
        self,
        within: AbstractContextManager[object] | None = None,
        name: str = "kick-live-rest",
    ) -> None:
        self._within = within or nullcontext()
        self._name = name
        # A signal's handler may close the client in the middle of what this thread does with it.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._jobs: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def submit(self, job: Job, delay: float = 0.0) -> None:
        """Run a job in the background; ignored after ``stop``. Any thread may call it.

        Args:
            job: What to run.
            delay: Seconds to wait before.
        """
        with self._lock:
            if self._stopped:
                return
            heapq.heappush(self._jobs, (time.monotonic() + delay, next(self._order), job))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self) -> None:
        """Forget all jobs and end the thread after the running one; does not wait."""
        with self._lock:
            self._stopped = True
            self._jobs.clear()
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        """Whether ``stop`` has been called."""
        return self._stopped

    @property
    def thread(self) -> threading.Thread | None:
        """The thread, once there was a job."""
        return self._thread

    @property
    def is_entered(self) -> bool:
        """Whether the calling thread is in here already, interrupted by a signal's handler."""
        return is_held(self._changed)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                with self._within:
                    job()
            except Exception:
                _logger.exception("a background job failed")

    def _next(self) -> Job | None:
        with self._lock:
            while not self._stopped:
                if not self._jobs:
                    self._changed.wait()
                    continue
                wait = self._jobs[0][0] - time.monotonic()
                if wait <= 0:
                    return heapq.heappop(self._jobs)[2]
                self._changed.wait(min(wait, _LONGEST_WAIT))
        return None
