"""Finds the ids of channels in the background, for as long as it takes."""

from __future__ import annotations

import logging
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

_logger = logging.getLogger(__name__)

_RETRY_AFTER: Final = (1.0, 2.0, 4.0, 8.0, 15.0)


class Lookup:
    """Resolves channels; passing failures are repeated after growing waits.

    Args:
        resolver: Finds channels' ids.
        worker: Where requests are made.
        found: Told a channel's ids.
        rejected: Told why there are none to be had.
        wanted: Whether a channel is still asked for.
    """

    def __init__(
        self,
        resolver: Resolver,
        worker: Worker,
        found: Callable[[Followed, Channel], object],
        rejected: Callable[[Followed, KickLiveError], object],
        wanted: Callable[[Followed], bool],
    ) -> None:
        self._resolver = resolver
        self._worker = worker
        self._found = found
        self._rejected = rejected
        self._wanted = wanted
        self._retrying: dict[Followed, KickLiveError] = {}

    @property
    def last_error(self) -> KickLiveError | None:
        """A failure that is being retried, or ``None``."""
        return next(reversed(list(self._retrying.values())), None)

    def begin(self, followed: Followed) -> None:
        """Look a channel up; one whose ids are given is found at once, on the calling thread."""
        if followed.ref.is_complete:
            self._resolve(followed, 0)
        else:
            self._worker.submit(lambda: self._resolve(followed, 0))

    def _resolve(self, followed: Followed, attempt: int) -> None:
        if not self._wanted(followed):
            self._retrying.pop(followed, None)
            return
        try:
            channel = self._resolver.resolve(followed.ref).channel
        except ClientClosed:
            return
        except (Unreachable, ServerError, RateLimited) as error:
            if not (isinstance(error, Unreachable) and error.lasting):
                self._retrying[followed] = error
                self._try_again(followed, attempt, error)
                return
            reason: KickLiveError = error
        except (InvalidChannel, NotFound, APIError) as error:
            reason = error
        except Exception as unexpected:
            _logger.exception("the lookup failed")
            reason = APIError(
                f"The lookup of the channel failed for an unexpected reason ({unexpected!r}). This is a "
                "bug in kick-live; please report it."
            )
            reason.__cause__ = unexpected
        else:
            self._retrying.pop(followed, None)
            self._found(followed, channel)
            return
        self._retrying.pop(followed, None)
        self._rejected(followed, reason)

    def _try_again(self, followed: Followed, attempt: int, error: APIError) -> None:
        wait = _RETRY_AFTER[min(attempt, len(_RETRY_AFTER) - 1)] * (0.5 + random.random())  # nosec B311  # spreads waits
        if isinstance(error, RateLimited):
            wait = max(wait, error.retry_after or 0.0)
        self._worker.submit(lambda: self._resolve(followed, attempt + 1), wait)
