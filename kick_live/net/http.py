"""Paced and repeated HTTP requests, which follow redirects on the site."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from kick_live.errors import (
    InvalidResponse,
    RateLimited,
    ServerError,
    Unreachable,
)
from kick_live.net.answers import Answer, failure
from kick_live.net.callers import Caller
from kick_live.net.hosts import is_address
from kick_live.net.http_pace import Pace, full_jitter
from kick_live.net.http_session import HTTPSession
from kick_live.words import public_address, public_host

__all__ = ["HTTPClient"]

logger = logging.getLogger(__name__)

#: The longest Retry-After that is waited for, in seconds.
_LONGEST_WAIT: Final = 60.0
_MAX_REDIRECTS: Final = 5
_ADDRESS: Final = re.compile(r"[\x21-\x7e]{1,4096}")
#: A wait without a time-out, or a long one, cannot be interrupted by Ctrl-C on Windows.
_SLICE: Final = 0.5


class HTTPClient:
    """Sends requests; the arguments are those of ``KickAPI``, which documents them.

    All methods may be called from any thread and block until the answer is there. ``close`` ends
    whatever blocks; afterwards everything raises ``ClientClosed``.
    """

    def __init__(
        self,
        *,
        session: Any = None,
        proxy: str | None = None,
        impersonate: bool = False,
        user_agent: str = "Mozilla/5.0",
        timeout: float = 10.0,
        ca_bundle: str | None = None,
        min_interval: float = 1.0,
        retries: int = 2,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float],
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._session = HTTPSession(
            session=session,
            proxy=proxy,
            impersonate=impersonate,
            user_agent=user_agent,
            timeout=timeout,
            ca_bundle=ca_bundle,
        )
        self._retries = retries
        self._random = random
        self._sleep = sleep
        self._pace = Pace(min_interval, clock)

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called."""
        return self._session.closed

    def close(self) -> None:
        """End waiting requests at once and refuse later ones. Repeatable, from any thread."""
        self._session.close()

    def caller(self) -> Caller:
        """One more who shares this client, and can end its own requests alone."""
        return self._session.callers.new()

    def get(self, url: str, params: Iterable[tuple[str, object]] = ()) -> Answer:
        """Fetch a resource, at its host's pace, with retries.

        Raises:
            ClientClosed: ``close`` was called, before or meanwhile.
            APIError: One of its kinds, as the answer says.
        """
        caller = self._session.callers.current()
        try:
            return self._get(url, urlencode(list(params)), caller)
        finally:
            caller.retrying = None

    def _get(self, url: str, query: str, caller: Caller) -> Answer:
        host = urlsplit(url).netloc
        for attempt in range(self._retries + 1):
            is_last = attempt == self._retries
            self._wait_for_turn(host, url)
            try:
                answer = self._follow(url, query)
            except Unreachable as error:
                if is_last or error.lasting:
                    raise
                caller.retrying = error
                logger.debug("retrying after: %s", error)
                self._wait(full_jitter(attempt, self._random))
                continue
            problem = failure(answer)
            if problem is None:
                return answer
            if isinstance(problem, RateLimited):
                self._note_limit(host, problem, attempt)
                if is_last or (problem.retry_after or 0.0) > _LONGEST_WAIT:
                    raise problem
                caller.retrying = problem
            elif isinstance(problem, ServerError) and not is_last:
                caller.retrying = problem
                self._wait(full_jitter(attempt, self._random))
            else:
                raise problem
            logger.debug("retrying after: %s", problem)
        raise AssertionError("unreachable")  # pragma: no cover

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body once: unpaced, without retries and without following redirects.

        Raises:
            ClientClosed: ``close`` was called, before or meanwhile.
            APIError: One of its kinds, as the answer says.
        """
        answer = self._session.exchange("POST", url, body=body, headers=headers)
        problem = failure(answer)
        if problem is None:
            return answer
        if isinstance(problem, RateLimited):
            self._note_limit(urlsplit(url).netloc, problem, 0)
        raise problem

    def _note_limit(self, host: str, problem: RateLimited, attempt: int) -> None:
        seconds = problem.retry_after
        if seconds is None:
            seconds = 1.0 + full_jitter(attempt + 1, self._random)
        self._pace.pause(host, seconds)

    def _wait_for_turn(self, host: str, url: str) -> None:
        reserved = False
        while True:
            paused = self._pace.paused_for(host)
            if paused > 0:
                held = _held_back(url, paused)
                if paused > _LONGEST_WAIT:
                    raise held
                caller = self._session.callers.current()
                caller.retrying = caller.retrying or held
            if reserved and paused <= 0:
                return
            self._wait(paused if reserved else self._pace.reserve(host))
            reserved = True

    def _wait(self, seconds: float) -> None:
        caller = self._session.callers.current()
        if self._sleep is not None:
            if seconds > 0:
                self._sleep(seconds)
        else:
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                if caller.wait(min(left, _SLICE)):
                    break
        self._session.check_open(caller)

    def _follow(self, url: str, query: str) -> Answer:
        """GET, following redirects as long as they stay on the site."""
        target = f"{url}?{query}" if query else url
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._session.exchange("GET", target)
            location = answer.headers.get("location")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                return answer
            target = _redirected(answer, target, location)
            if not _same_site(url, target):
                raise InvalidResponse(
                    f"{answer.url} redirects to another host ({urlsplit(target).hostname}), "
                    "which is not followed. A captive portal or a proxy may be in between.",
                    url=answer.url,
                    status=answer.status,
                )
        raise InvalidResponse(
            f"{public_address(url)} redirects more than {_MAX_REDIRECTS} times. Try again later.",
            url=public_address(url),
        )


def _held_back(url: str, paused: float) -> RateLimited:
    return RateLimited(
        f"{public_host(url)} asked for no requests for another {paused:.0f} s (429 with "
        "Retry-After), so none was sent. Wait that long.",
        retry_after=paused,
        url=public_address(url),
        status=429,
    )


def _redirected(answer: Answer, target: str, location: str) -> str:
    try:
        if not _ADDRESS.fullmatch(location):
            raise ValueError("controls or foreign letters")
        new = urljoin(target, location)
        parts = urlsplit(new)
        parts.port  # noqa: B018 - raises where the port is not a number
        if "@" in parts.netloc and parts.netloc != urlsplit(target).netloc:
            raise ValueError("a name or password")
    except ValueError as error:
        raise InvalidResponse(
            f"{answer.url} redirects to an address that makes no sense. A captive portal or a "
            "proxy may be in between.",
            url=answer.url,
            status=answer.status,
        ) from error
    return new


def _same_site(url: str, target: str) -> bool:
    old, new = urlsplit(url), urlsplit(target)
    if new.scheme not in ("https", old.scheme):
        return False
    hosts = (old.hostname or "", new.hostname or "")
    if hosts[0] == hosts[1]:
        return True
    if any(is_address(host) for host in hosts):
        return False
    sites = [host.split(".")[-2:] for host in hosts]
    return len(sites[0]) == 2 and sites[0] == sites[1]
