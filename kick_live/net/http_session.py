"""The only door to requests: one request, one answer, bounded and interruptible."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from kick_live.errors import (
    ClientClosed,
    InvalidResponse,
    KickLiveError,
    MissingExtra,
    TransportError,
    Unreachable,
)
from kick_live.net.answers import Answer
from kick_live.net.callers import Caller, Callers
from kick_live.net.certificates import unreadable
from kick_live.net.http_sockets import LiveSockets, interruptible_adapter
from kick_live.net.proxies import (
    LOCKED,
    NEEDS_SOCKS,
    Proxy,
    find_proxy,
    refusal,
    socks_refusal,
)
from kick_live.net.reasons import reason
from kick_live.net.watch import Watch
from kick_live.words import holds_password, how_to_install, public_address, public_host

__all__ = ["MAX_BODY", "NEEDS_IMPERSONATION", "PASS_CERTIFICATES", "HTTPSession"]

#: What to do, for those who write programs.
NEEDS_IMPERSONATION: Final = "impersonate=True needs"
PASS_CERTIFICATES: Final = "pass ca_bundle= with its certificates"

#: The largest answer that is read, in bytes.
MAX_BODY: Final = 8 * 1024 * 1024
#: A whole request may take so many times the time-out of one wait.
_WAITS_IN_ALL: Final = 3
#: How a proxy's answer to CONNECT is told by http.client, and by curl, new and old.
_TUNNEL_REFUSED: Final = re.compile(
    r"(?:Tunnel connection failed: |CONNECT tunnel failed, response |Received HTTP code )(\d{3})\b"
)
#: How PySocks, and curl, tell that a SOCKS proxy wants a name and a password, or others.
_SOCKS_REFUSED: Final = re.compile(
    r"SOCKS5 authentication (?:failed|methods were rejected)|User was rejected by the SOCKS5 server"
    r"|No authentication method was acceptable"
)


class HTTPSession:
    """Sends single requests; the arguments are those of ``KickAPI``, which documents them.

    All methods may be called from any thread.
    """

    def __init__(
        self,
        *,
        session: Any,
        proxy: str | None,
        impersonate: bool,
        user_agent: str,
        timeout: float,
        ca_bundle: str | None,
    ) -> None:
        if impersonate:
            _require_impersonation()
        self._session = session
        self._session_is_ours = session is None
        self._proxy = proxy
        self._impersonate = impersonate
        self._user_agent = user_agent
        self._ca_bundle = ca_bundle
        self._timeout = timeout
        self._limit = _WAITS_IN_ALL * timeout
        self._sockets = LiveSockets()
        self._lock = threading.RLock()
        self._closed = False
        self.callers = Callers(self._sockets.end)

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called."""
        return self._closed

    def close(self) -> None:
        """End everybody's requests at once and refuse later ones. Repeatable."""
        with self._lock:
            self._closed = True
            session, ours = self._session, self._session_is_ours
        self.callers.close()
        if ours and session is not None:
            session.close()

    def check_open(self, caller: Caller) -> None:
        """Go no further if the caller, or everything, is closed.

        Raises:
            ClientClosed: It is.
        """
        if self._closed:
            raise ClientClosed("This KickAPI was closed; make a new one.")
        if caller.closed:
            raise ClientClosed("The request was ended, because the client that made it was closed.")

    def exchange(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_body: int = MAX_BODY,
    ) -> Answer:
        """One request, one answer, whatever its status.

        Args:
            method: ``GET`` or ``POST``.
            url: What to ask.
            body: What to send.
            headers: Besides the usual ones, or in their place.
            max_body: The largest answer that is read, in bytes.

        Raises:
            ClientClosed: The caller was closed, before or meanwhile.
            InvalidResponse: The answer is too large.
            Unreachable: There was none, or not in time.
        """
        caller = self.callers.current()
        self.check_open(caller)
        session = self._ready_session()
        plain_url = public_address(url.partition("?")[0])
        options: dict[str, Any] = {"headers": {**self._headers(session), **(headers or {})}}
        if body is not None:
            options["data"] = body
        if self._proxy is not None:
            # Per request, because requests lets the environment win over session.proxies. An
            # empty address means: none.
            options["proxies"] = {"http": self._proxy, "https": self._proxy}
        failure: KickLiveError | None = None
        cause: Exception | None = None
        # Not an empty one either, for which requests does not verify at all.
        if self._ca_bundle:
            options["verify"] = self._ca_bundle
        with self._sockets.exchange(caller, self._limit) as watch:
            try:
                response = session.request(
                    method,
                    url,
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                    **options,
                )
                answer = self._read(plain_url, response, watch, max_body)
            except KickLiveError:
                raise
            except Exception as error:  # noqa: BLE001 - a user's own session may raise what it likes
                failure = _unreachable(
                    plain_url, error, self._timeout, self._ca_bundle, self._proxy
                )
                cause = error
            # A socket that is shut down looks like the regular end of some answers.
            if watch.expired:
                failure = self._too_slow(plain_url)
        if caller.closed:
            failure = ClientClosed("It was closed during the request.")
        if failure is None:
            return answer
        try:
            # Outside the handler: what quotes an address with its password is not even chained.
            raise failure from None if holds_password(cause) else cause
        finally:
            # Their tracebacks hold this frame: in a cycle, sockets would stay until they are collected.
            del failure, cause

    def _too_slow(self, url: str) -> Unreachable:
        return Unreachable(
            f"{public_host(url)} did not finish its answer within {self._limit:g} s. The "
            "network may be slow, or something in between holds answers back; try again later.",
            url=url,
        )

    def _read(self, url: str, response: Any, watch: Watch, max_body: int) -> Answer:
        if not self._session_is_ours:
            # It opened its socket unseen.
            with contextlib.suppress(AttributeError, OSError, ValueError):
                watch.add(response.raw)
        try:
            # The watch cannot end what came without a socket, such as curl's answers.
            deadline = time.monotonic() + self._limit
            body = bytearray()
            chunks = getattr(response, "iter_content", None)
            for chunk in chunks(16384) if chunks is not None else (response.content,):
                body += chunk
                if len(body) > max_body:
                    raise InvalidResponse(
                        f"{url} answered with more than {max_body} bytes, which cannot be right.",
                        url=url,
                        status=int(response.status_code),
                    )
                if time.monotonic() > deadline:
                    raise self._too_slow(url)
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
        f"{NEEDS_IMPERSONATION} curl_cffi and curl-adapter, which are not installed, or not "
        f"completely. Run: {how_to_install('impersonate')}",
        extra="impersonate",
    )


def _unreachable(
    url: str, error: Exception, timeout: float, ca_bundle: str | None, proxy: str | None
) -> Unreachable:
    """Says in our words why no answer came; the foreign exception is chained, not quoted."""
    host = public_host(url)
    if refused := _TUNNEL_REFUSED.search(str(error)):
        status = int(refused[1])
        words = refusal(status, host, _found_proxy(url, proxy))
        return Unreachable(words, url=url, status=status, lasting=status == LOCKED)
    if _SOCKS_REFUSED.search(str(error)):
        return Unreachable(socks_refusal(_found_proxy(url, proxy)), url=url, lasting=True)
    kind = type(error).__name__.lower()
    lasting = False
    if "proxy" in kind or "url" in kind or "schema" in kind:
        try:
            find_proxy(url, proxy, tls=True)
        except TransportError as unusable:  # from the environment; an argument was looked at
            return Unreachable(f"{host} was not asked. {unusable}", url=url, lasting=True)
    if "schema" in kind:
        return Unreachable(f"{host} was not asked. {NEEDS_SOCKS}", url=url, lasting=True)
    if "timeout" in kind:
        what = (
            f"did not answer within {timeout:g} s: it or the network is slow, or a firewall lets "
            "nothing through. Check the network, and try again later"
        )
    elif ca_bundle and url.startswith("https:") and (why := unreadable(ca_bundle)):
        what = (
            f"was not asked, because the certificates in {ca_bundle!r} cannot be read ({why}). Give "
            "a file in PEM format as ca_bundle="
        )
        lasting = True
    elif "proxy" in kind:
        what = (
            f"could not be reached through the proxy{_named(url, proxy)}; check its address, and "
            "whether it runs"
        )
    elif "ssl" in kind or "certificate" in kind:
        what = (
            "could not be reached securely (TLS), because its certificate is not trusted, or for "
            "another reason that the error behind this one tells; check the clock. Behind a proxy "
            f"that opens TLS, or with a private server, {PASS_CERTIFICATES}"
        )
    else:
        # What a SOCKS proxy refuses, or its host, looks as if Kick had.
        found = _found_proxy(url, proxy)
        if found is not None and found.kind.startswith("socks"):
            what = (
                f"could not be reached through the proxy {found}; check its address, name and "
                "password, and whether it runs"
            )
        else:
            what = reason(error) or (
                "could not be reached; check the network, name resolution and proxy settings"
            )
    return Unreachable(f"{host} {what}.", url=url, lasting=lasting)


def _named(url: str, proxy: str | None) -> str:
    found = _found_proxy(url, proxy)
    return "" if found is None else f" {found}"


def _found_proxy(url: str, proxy: str | None) -> Proxy | None:
    """The proxy on the way to an address, if it can be told."""
    try:
        return find_proxy(url, proxy, tls=True)
    except TransportError:  # its address makes no sense
        return None
