"""The only door to requests: paced, retried, bounded and interruptible HTTP."""

from __future__ import annotations

import importlib.util
import ipaddress
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from kick_live.errors import (
    ClientClosed,
    InvalidResponse,
    KickLiveError,
    MissingExtra,
    RateLimited,
    ServerError,
    Unreachable,
)
from kick_live.net.answers import Answer, failure
from kick_live.net.http_pace import Pace, full_jitter
from kick_live.net.http_sockets import LiveSockets, interruptible_adapter

__all__ = ["MAX_BODY", "HTTPClient"]

logger = logging.getLogger(__name__)

#: The largest answer that is read, in bytes.
MAX_BODY: Final = 8 * 1024 * 1024
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
        min_interval: float = 1.0,
        retries: int = 2,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float],
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        if impersonate:
            _require_impersonation()
        self._session = session
        self._session_is_ours = session is None
        self._proxy = proxy
        self._impersonate = impersonate
        self._user_agent = user_agent
        self._timeout = timeout
        self._retries = retries
        self._random = random
        self._sleep = sleep
        self._pace = Pace(min_interval, clock)
        self._sockets = LiveSockets()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called."""
        return self._closed.is_set()

    def close(self) -> None:
        """End waiting requests at once and refuse later ones. Repeatable, from any thread."""
        self._closed.set()
        self._sockets.end()
        with self._lock:
            session, ours = self._session, self._session_is_ours
        if ours and session is not None:
            session.close()

    def get(self, url: str, params: Iterable[tuple[str, object]] = ()) -> Answer:
        """Fetch a resource, at its host's pace, with retries.

        Raises:
            ClientClosed: ``close`` was called, before or meanwhile.
            APIError: One of its kinds, as the answer says.
        """
        host = urlsplit(url).netloc
        query = urlencode(list(params))
        for attempt in range(self._retries + 1):
            is_last = attempt == self._retries
            self._wait_for_turn(host, url)
            try:
                answer = self._follow(url, query)
            except Unreachable as error:
                if is_last:
                    raise
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
            elif isinstance(problem, ServerError) and not is_last:
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
        answer = self._exchange("POST", url, body=body, headers=headers)
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
            if paused > _LONGEST_WAIT:
                raise RateLimited(
                    f"{urlsplit(url).hostname} asked for no requests for another {paused:.0f} s "
                    "(429 with Retry-After), so none was sent. Wait that long.",
                    retry_after=paused,
                    url=url,
                    status=429,
                )
            if reserved and paused <= 0:
                return
            self._wait(paused if reserved else self._pace.reserve(host))
            reserved = True

    def _wait(self, seconds: float) -> None:
        if self._sleep is not None:
            if seconds > 0:
                self._sleep(seconds)
        else:
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                if self._closed.wait(min(left, _SLICE)):
                    break
        self._check_open()

    def _check_open(self) -> None:
        if self.closed:
            raise ClientClosed("This KickAPI was closed; make a new one.")

    def _follow(self, url: str, query: str) -> Answer:
        """GET, following redirects as long as they stay on the site."""
        target = f"{url}?{query}" if query else url
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._exchange("GET", target)
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
            f"{url} redirects more than {_MAX_REDIRECTS} times. Try again later.", url=url
        )

    def _exchange(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, one answer, whatever its status."""
        self._check_open()
        session = self._ready_session()
        plain_url = url.partition("?")[0]
        options: dict[str, Any] = {"headers": {**self._headers(session), **(headers or {})}}
        if body is not None:
            options["data"] = body
        if self._proxy is not None:
            # Per request, because requests lets the environment win over session.proxies. An
            # empty address means: none.
            options["proxies"] = {"http": self._proxy, "https": self._proxy}
        with self._sockets.exchange():
            try:
                response = session.request(
                    method,
                    url,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                    **options,
                )
                answer = self._read(plain_url, response)
            except KickLiveError:
                raise
            # All of them: a user's own session may raise what it likes.
            except Exception as error:
                if self.closed:
                    raise ClientClosed("The KickAPI was closed during the request.") from error
                raise _unreachable(plain_url, error, self._timeout) from error
        # A socket that close() shuts down looks like the regular end of some answers.
        self._check_open()
        return answer

    def _read(self, url: str, response: Any) -> Answer:
        try:
            deadline = time.monotonic() + max(30.0, 3 * self._timeout)
            body = bytearray()
            chunks = getattr(response, "iter_content", None)
            for chunk in chunks(16384) if chunks is not None else (response.content,):
                body += chunk
                if len(body) > MAX_BODY:
                    raise InvalidResponse(
                        f"{url} answered with more than {MAX_BODY} bytes, which cannot be right.",
                        url=url,
                        status=int(response.status_code),
                    )
                if time.monotonic() > deadline:
                    raise TimeoutError("the answer took too long")
            return Answer(
                url=url,
                status=int(response.status_code),
                headers={str(name).lower(): str(text) for name, text in response.headers.items()},
                body=bytes(body),
            )
        finally:
            close = getattr(response, "close", None)
            if close is not None:
                close()

    def _headers(self, session: Any) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        current = getattr(session, "headers", None)
        own = current.get("User-Agent") if current is not None else None
        # A browser's imitation has its own; requests' default is refused by Kick.
        if self._session_is_ours or str(own or "").startswith("python-requests"):
            headers["User-Agent"] = self._user_agent
        return headers

    def _ready_session(self) -> Any:
        with self._lock:
            self._check_open()
            if self._session is None:
                self._session = self._make_session()
            return self._session

    def _make_session(self) -> Any:
        import requests

        class Session(requests.Session):
            def get_redirect_target(self, resp: requests.Response) -> str | None:
                # Even where redirects are not allowed, requests works out the next request: it
                # reads the whole body, however long, and leaks the socket if the address is odd.
                return None

        session = Session()
        if self._impersonate:
            session.mount("https://", _imitating_adapter())
        else:
            session.mount("https://", interruptible_adapter(self._sockets))
        session.mount("http://", interruptible_adapter(self._sockets))
        return session


def _require_impersonation() -> None:
    if not all(importlib.util.find_spec(name) for name in ("curl_adapter", "curl_cffi")):
        raise _no_impersonation()


def _imitating_adapter() -> Any:
    try:
        from curl_adapter import CurlCffiAdapter  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise _no_impersonation() from error
    return CurlCffiAdapter()


def _no_impersonation() -> MissingExtra:
    return MissingExtra(
        "impersonate=True needs curl_cffi and curl-adapter, which are not installed, or not "
        'completely. Run: pip install "kick-live[impersonate]"',
        extra="impersonate",
    )


def _redirected(answer: Answer, target: str, location: str) -> str:
    try:
        if not _ADDRESS.fullmatch(location):
            raise ValueError("controls or foreign letters")
        new = urljoin(target, location)
        parts = urlsplit(new)
        parts.port  # noqa: B018 - raises where the port is not a number
        if "@" in parts.netloc:
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
    if any(_is_address(host) for host in hosts):
        return False
    sites = [host.split(".")[-2:] for host in hosts]
    return len(sites[0]) == 2 and sites[0] == sites[1]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _unreachable(url: str, error: Exception, timeout: float) -> Unreachable:
    """Says in our words why no answer came; the foreign exception is chained, not quoted."""
    host = urlsplit(url).hostname or url
    kind = type(error).__name__.lower()
    if "timeout" in kind:
        what = f"did not answer within {timeout:g} s"
    elif "schema" in kind:
        what = (
            "could not be reached: the proxy's address has a scheme that cannot be used; for "
            'socks5:// run: pip install "requests[socks]"'
        )
    elif "proxy" in kind:
        what = "could not be reached through the proxy; check its address"
    elif "ssl" in kind or "certificate" in kind:
        what = "could not be reached securely (TLS); check the clock, proxies and certificates"
    else:
        what = "could not be reached; check the network, name resolution and proxy settings"
    return Unreachable(f"{host} {what}.", url=url)
