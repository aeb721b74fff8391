"""Fetches pictures from Kick's servers, one at a time, within limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from kick_live.errors import InvalidResponse
from kick_live.net.answers import failure
from kick_live.net.endpoints import Endpoints
from kick_live.net.hosts import is_loopback
from kick_live.net.http_pace import Pace
from kick_live.net.http_session import HTTPSession

__all__ = ["PictureClient"]

_HEADERS: Final = {"Accept": "image/webp,image/png,image/gif,image/jpeg,image/avif"}
_MAX_REDIRECTS: Final = 3


class PictureClient:
    """Asks the two servers of pictures, and no other, for what Kick has there.

    Used by one thread. Requests to one server follow each other at its pace, those to this machine
    without a pause. A picture is asked for once; nothing is repeated.

    Args:
        endpoints: Where the pictures are served; plain http is spoken with this machine only.
        proxy: As for ``KickAPI``.
        ca_bundle: As for ``KickAPI``.
        timeout: Seconds for one wait; a whole picture may take three times as long.
        max_bytes: The largest picture that is read.
        min_interval: Seconds between two requests to one server.
        session: Asked instead of a session of its own; it is not closed.
        clock: A monotonic clock.
        sleep: Waits between two requests.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        proxy: str | None = None,
        ca_bundle: str | None = None,
        timeout: float = 5.0,
        max_bytes: int = 500_000,
        min_interval: float = 0.1,
        session: Any = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._max_bytes = max_bytes
        self._pace = Pace(min_interval, clock)
        self._sleep = threading.Event().wait if sleep is None else sleep
        self._session = HTTPSession(
            session=session,
            proxy=proxy,
            impersonate=False,
            user_agent="Mozilla/5.0",
            timeout=timeout,
            ca_bundle=ca_bundle,
        )

    def close(self) -> None:
        """Close the connections; later requests are refused."""
        self._session.close()

    def get(self, url: str) -> bytes:
        """Fetch a picture; blocks until it is there.

        Args:
            url: The picture's address at Kick.

        Returns:
            What was served; whether it is a picture is not looked at.

        Raises:
            ValueError: The address is none of Kick's pictures.
            APIError: One of its kinds, as the answer says; ``InvalidResponse`` also for what is too
                large, for a redirect to elsewhere, and for an address without TLS that is not this
                machine's.
        """
        target = self._endpoints.picture(url)
        for _ in range(_MAX_REDIRECTS + 1):
            self._check(url, target)
            self._wait(target)
            answer = self._session.exchange(
                "GET", target, headers=_HEADERS, max_body=self._max_bytes
            )
            location = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                problem = failure(answer)
                if problem is not None:
                    raise problem
                return answer.body
            target = _joined(target, location)
        raise InvalidResponse(f"{url} redirects more than {_MAX_REDIRECTS} times.", url=url)

    def _check(self, url: str, target: str) -> None:
        """Let nothing but the servers of pictures be asked, and them through TLS."""
        where = _server(target)
        allowed = (_server(self._endpoints.emotes), _server(self._endpoints.badges))
        safe = where is not None and (where[0] == "https" or is_loopback(where[1]))
        if not safe or where not in allowed:
            # The target's own words may be a server's.
            raise InvalidResponse(
                f"{url} was not fetched: the server for it, or one that it redirects to, is none of "
                "the two for pictures, or neither https nor this machine.",
                url=url,
            )

    def _wait(self, target: str) -> None:
        parts = urlsplit(target)
        if is_loopback(parts.hostname or ""):
            return  # a simulator on this machine need not be spared
        self._sleep(self._pace.reserve(parts.netloc))


def _joined(target: str, location: str) -> str:
    try:
        return urljoin(target, location)
    except ValueError:
        return ""


def _server(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port of an address; ``None`` for one that makes no sense."""
    try:
        parts = urlsplit(url)
        default = {"https": 443, "http": 80}.get(parts.scheme)
        return parts.scheme, parts.hostname or "", parts.port or default
    except ValueError:
        return None
