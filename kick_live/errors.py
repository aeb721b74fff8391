"""Every exception that kick_live raises.

::

    KickLiveError
    |-- ClientClosed                (RuntimeError)   the client was used after close()
    |-- ConnectTimeout              (TimeoutError)   connect() ran out of time; says at which stage
    |-- WaitTimeout                 (TimeoutError)   wait_for() saw no such event in time
    |-- InvalidChannel              (ValueError)     what was given names no channel
    |-- UnknownEventName            (ValueError)     on("...") with a name that no event has
    |-- MissingExtra                (ImportError)    an optional dependency is not installed
    |-- RecordingError                               a recording or store cannot be read or written
    |-- APIError                                     a request to Kick's REST endpoints failed
    |   |-- NotFound                (LookupError)    no such channel, or other resource
    |   |-- Blocked                                  Kick's protection refused the request
    |   |-- RateLimited                              too many requests; says how long to wait
    |   |-- ServerError                              Kick answered with a 5xx status
    |   |-- InvalidResponse                          an answer that is not what was asked for
    |   `-- Unreachable             (ConnectionError) no answer at all
    `-- RealtimeError                                the live connection failed for good
        |-- NegotiationFailed                        Kick offered no usable provider
        |-- ConnectionRejected                       the server ended the connection with a final code
        `-- TransportError          (ConnectionError) the WebSocket failed; normally retried

Messages say what happened, why it may have happened and what to do next; whatever a program may
want to know is also in an attribute, so nobody has to parse a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "APIError",
    "Blocked",
    "ClientClosed",
    "ConnectTimeout",
    "ConnectionRejected",
    "InvalidChannel",
    "InvalidResponse",
    "KickLiveError",
    "MissingExtra",
    "NegotiationFailed",
    "NotFound",
    "RateLimited",
    "RealtimeError",
    "RecordingError",
    "ServerError",
    "TransportError",
    "UnknownEventName",
    "Unreachable",
    "WaitTimeout",
]


class KickLiveError(Exception):
    """The root of every exception that kick_live raises; it can be copied and pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        # The inherited way calls the class with the message alone, which lacks the attributes.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(
    cls: type[KickLiveError], args: tuple[Any, ...], attributes: dict[str, Any]
) -> KickLiveError:
    error = cls.__new__(cls, *args)
    super(KickLiveError, error).__init__(*args)
    error.__dict__.update(attributes)
    return error


class ClientClosed(KickLiveError, RuntimeError):
    """The client was used after ``close()``."""


class ConnectTimeout(KickLiveError, TimeoutError):
    """``connect(timeout)`` ran out of time.

    Attributes:
        stage: How far it got: ``"resolve"``, ``"negotiate"``, ``"open"`` or ``"subscribe"``.
        timeout: The limit in seconds.
        last_error: The last failure that was being retried, if there was one.
    """

    def __init__(
        self, message: str, *, stage: str, timeout: float, last_error: BaseException | None = None
    ) -> None:
        super().__init__(message)
        self.stage = stage
        self.timeout = timeout
        self.last_error = last_error


class WaitTimeout(KickLiveError, TimeoutError):
    """``wait_for()`` saw no matching event in time.

    Attributes:
        timeout: The limit in seconds.
    """

    def __init__(self, message: str, *, timeout: float) -> None:
        super().__init__(message)
        self.timeout = timeout


class InvalidChannel(KickLiveError, ValueError):
    """What was given does not name a channel.

    Attributes:
        value: What was given.
    """

    def __init__(self, message: str, *, value: object) -> None:
        super().__init__(message)
        self.value = value


class UnknownEventName(KickLiveError, ValueError):
    """A listener was registered under a name that no event has.

    Attributes:
        name: The name that was given.
        suggestion: The nearest existing name, or ``None``.
    """

    def __init__(self, message: str, *, name: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.suggestion = suggestion


class MissingExtra(KickLiveError, ImportError):
    """An optional dependency is not installed.

    Attributes:
        extra: The extra that brings it, as in ``pip install "kick-live[extra]"``.
    """

    def __init__(self, message: str, *, extra: str) -> None:
        super().__init__(message)
        self.extra = extra


class RecordingError(KickLiveError):
    """A recording, an export or a store cannot be read or written.

    What was recorded before is not harmed.

    Attributes:
        path: The file.
        line: The line in it, from 1; ``None`` where no line is at fault.
    """

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.line = line


class APIError(KickLiveError):
    """A request to one of Kick's REST endpoints failed.

    Attributes:
        url: What was requested, without its query.
        status: The HTTP status, or ``None`` where no answer came.
    """

    def __init__(self, message: str, *, url: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.url = url
        self.status = status


class NotFound(APIError, LookupError):
    """Kick knows no such channel, or other resource.

    Attributes:
        tried: The slugs that were tried, in order.
    """

    def __init__(
        self,
        message: str,
        *,
        tried: Sequence[str] = (),
        url: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, url=url, status=status)
        self.tried = tuple(tried)


class Blocked(APIError):
    """Kick's protection (Cloudflare) refused the request, or the country is blocked (423)."""


class RateLimited(APIError):
    """Kick asked for fewer requests (429).

    Attributes:
        retry_after: Seconds to wait, or ``None`` where Kick did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        url: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, url=url, status=status)
        self.retry_after = retry_after


class ServerError(APIError):
    """Kick answered with a 5xx status."""


class InvalidResponse(APIError):
    """The answer was not what was asked for: not JSON, or JSON of another shape."""


class Unreachable(APIError, ConnectionError):
    """No answer of Kick's: name resolution, TCP, TLS or a proxy failed, or the time-out passed.

    ``status`` is what a proxy refused with, if one did.

    Attributes:
        lasting: Whether further tries are bound to fail, too, as through a proxy that wants a
            password.
    """

    def __init__(
        self,
        message: str,
        *,
        url: str | None = None,
        status: int | None = None,
        lasting: bool = False,
    ) -> None:
        super().__init__(message, url=url, status=status)
        self.lasting = lasting


class RealtimeError(KickLiveError):
    """The live connection failed."""


class NegotiationFailed(RealtimeError):
    """Kick's negotiation offered no provider that this client can use and trust."""


class ConnectionRejected(RealtimeError):
    """The server ended the connection with a code that forbids coming back unchanged.

    Attributes:
        provider: ``"pusher"`` or ``"centrifugo"``.
        code: The error or close code.
        reason: The server's words, possibly empty.
    """

    def __init__(
        self, message: str, *, provider: str, code: int | None = None, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.code = code
        self.reason = reason


class TransportError(RealtimeError, ConnectionError):
    """The WebSocket could not be opened, or broke.

    Attributes:
        code: The WebSocket close code, or the HTTP status with which a server or a proxy refused, or
            ``None``.
        reason: The peer's words, possibly empty.
        lasting: Whether further tries are bound to fail, too, as through a proxy that wants a
            password.
    """

    def __init__(
        self, message: str, *, code: int | None = None, reason: str = "", lasting: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.lasting = lasting
