"""Finds the ids of channels in the background, for as long as it takes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from kick_live.errors import (
    APIError,
    ClientClosed,
    InvalidChannel,
    KickLiveError,
    NotFound,
    RateLimited,
    ServerError,
    Unreachable,
)
from kick_live.models.channel import Channel
from kick_live.net.resolver import Resolver
from kick_live.session.followed import Followed
from kick_live.session.worker import Worker

__all__ = ["Lookup"]

_RETRY_AFTER: Final = (1.0, 2.0, 4.0, 8.0, 15.0)


class Lookup:
    """Resolves channels; passing failures are repeated after growing waits.

    Args:
        resolver: Finds channels' ids.
        worker: Where requests are made.
        found: Told a channel's ids.
        rejected: Told why there are none to be had.

    Attributes:
        last_error: The last failure that is being retried.
    """

    def __init__(
        self,
        resolver: Resolver,
        worker: Worker,
        found: Callable[[Followed, Channel], object],
        rejected: Callable[[Followed, KickLiveError], object],
    ) -> None:
        self._resolver = resolver
        self._worker = worker
        self._found = found
        self._rejected = rejected
        self.last_error: KickLiveError | None = None

    def begin(self, followed: Followed) -> None:
        """Look a channel up; one whose ids are given is found at once, on the calling thread."""
        if followed.ref.is_complete:
            self._resolve(followed, 0)
        else:
            self._worker.submit(lambda: self._resolve(followed, 0))

    def _resolve(self, followed: Followed, attempt: int) -> None:
        try:
            channel = self._resolver.resolve(followed.ref).channel
        except ClientClosed:
            return
        except (Unreachable, ServerError, RateLimited) as error:
            if isinstance(error, Unreachable) and error.lasting:
                self._rejected(followed, error)
                return
            self.last_error = error
            wait = _RETRY_AFTER[min(attempt, len(_RETRY_AFTER) - 1)] * (0.5 + random.random())  # nosec B311  # spreads waits
            if isinstance(error, RateLimited):
                wait = max(wait, error.retry_after or 0.0)
            self._worker.submit(lambda: self._resolve(followed, attempt + 1), wait)
        except (InvalidChannel, NotFound, APIError) as error:
            self._rejected(followed, error)
        else:
            self._found(followed, channel)
