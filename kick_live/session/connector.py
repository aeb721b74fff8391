"""Decides where a connection goes next: which provider, which address, which identity."""

from __future__ import annotations

import logging
import random as _random
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen

from kick_live.errors import (
    APIError,
    ClientClosed,
    ConnectionRejected,
    KickLiveError,
    NegotiationFailed,
)
from kick_live.net.negotiation import Route, Token, fetch_token, negotiate, pusher_route
from kick_live.protocols.base import Action, Failed, Provider
from kick_live.session.routes import Routes

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Connector", "Plan", "Transport"]

_logger = logging.getLogger(__name__)

Transport: TypeAlias = Literal["auto", "centrifugo", "pusher"]

_BOTH: Final[tuple[Provider, ...]] = ("pusher", "centrifugo")
#: Waits after terminal codes, in seconds: what another client that reads Kick does (2026).
_IDENTITY_WAITS: Final = (300.0, 600.0, 1200.0, 1800.0)
#: So many failures in a row before any subscription make `auto` try the other provider.
_FAILURES_BEFORE_SWITCH: Final = 3
_SWITCH_FOR: Final = 300.0


@frozen
class Plan:
    """Where to connect, and with what.

    Attributes:
        route: Provider and address.
        token: For Centrifugo.
    """

    route: Route
    token: Token | None = None


class Connector:
    """The choices of one connection. Used by the connection's thread alone.

    Args:
        api: For negotiation and tokens.
        transport: What the user chose.
        clock: Seconds on the monotonic clock.
        random: Numbers from 0 to 1.
        within: A context in which requests are made.
        routes: Answers of the negotiation, shared with other connections.
    """

    def __init__(
        self,
        api: KickAPI,
        transport: Transport,
        clock: Callable[[], float],
        random: Callable[[], float] = _random.random,
        within: AbstractContextManager[object] | None = None,
        routes: Routes | None = None,
    ) -> None:
        self._api = api
        self._within = within or nullcontext()
        self._routes = routes or Routes(clock)
        self._transport = transport
        self._clock = clock
        self._random = random
        self._client_id = str(uuid.uuid4())
        self._avoid: dict[Provider, float] = {}
        self._failures: dict[Provider, int] = dict.fromkeys(_BOTH, 0)
        self._terminals = 0
        self._renegotiate = False
        self._rejections = 0

    def plan(self) -> Plan:
        """Choose; blocks for the negotiation, if there is one.

        Raises:
            APIError: The negotiation failed, and there is no way around it.
            NegotiationFailed: It gave nothing usable, and there is no way around it.
        """
        if self._transport == "pusher" and not self._renegotiate:
            return Plan(pusher_route(self._api.endpoints))
        accept = self._acceptable()
        try:
            with self._within:
                route = self._routes.get(
                    accept, lambda: negotiate(self._api, self._client_id, accept=accept)
                )
                if route.provider == "pusher":
                    return Plan(route)
                return Plan(route, fetch_token(self._api, self._client_id))
        except ClientClosed:
            raise
        except (APIError, NegotiationFailed) as error:
            if self._transport != "auto" or "pusher" not in accept or self._renegotiate:
                raise
            _logger.info("negotiation failed, using Pusher with the known key: %s", error)
            return Plan(pusher_route(self._api.endpoints))

    def _acceptable(self) -> tuple[Provider, ...]:
        if self._transport != "auto":
            return (self._transport,)
        now = self._clock()
        good = tuple(name for name in _BOTH if self._avoid.get(name, 0.0) <= now)
        return good or _BOTH

    def token(self) -> Token:
        """A new token for the same identity; blocks. Called from another thread than ``plan``.

        Raises:
            APIError: The request failed.
            NegotiationFailed: The answer holds no token.
        """
        with self._within:
            return fetch_token(self._api, self._client_id)

    def subscribed(self, provider: Provider) -> None:
        """A connection was accepted and its first topic acknowledged."""
        self._failures[provider] = 0
        self._renegotiate = False
        self._rejections = 0

    def failed(self, provider: Provider, failure: Failed) -> float:
        """A connection failed, before or after it was subscribed.

        Returns:
            The least wait before the next attempt, in seconds.

        Raises:
            ConnectionRejected: There is nothing left to try.
        """
        now = self._clock()
        self._routes.forget()
        self._failures[provider] += 1
        if failure.action is Action.TERMINAL:
            return self._change_identity(provider, now)
        if failure.action is Action.RENEGOTIATE:
            return self._reject(provider, failure, now)
        if self._transport == "auto" and self._failures[provider] >= _FAILURES_BEFORE_SWITCH:
            self._failures[provider] = 0
            self._avoid[provider] = now + _SWITCH_FOR
        return 0.0

    def _change_identity(self, provider: Provider, now: float) -> float:
        self._client_id = str(uuid.uuid4())
        base = _IDENTITY_WAITS[min(self._terminals, len(_IDENTITY_WAITS) - 1)]
        self._terminals += 1
        wait = base * (1 + self._random() / 4)
        self._avoid[provider] = now + wait
        return 0.0 if self._has_other(now) else wait

    def _reject(self, provider: Provider, failure: Failed, now: float) -> float:
        self._rejections += 1
        if self._rejections == 1:
            self._renegotiate = True
            return 0.0
        self._avoid[provider] = now + _IDENTITY_WAITS[-1]
        self._renegotiate = False
        if self._rejections == 2 and self._has_other(now):
            return 0.0
        raise rejected(provider, failure)

    def _has_other(self, now: float) -> bool:
        if self._transport != "auto":
            return False
        return any(self._avoid.get(name, 0.0) <= now for name in _BOTH)

    def negotiation_failed(self, error: KickLiveError, last: Failed | None) -> None:
        """The plan could not be made.

        Raises:
            ConnectionRejected: The server had turned the credentials down, and no fresh ones are to
                be had.
        """
        self._routes.forget()
        if self._renegotiate and last is not None and self._transport == "pusher":
            raise rejected("pusher", last) from error
        self._renegotiate = False


def rejected(provider: Provider, failure: Failed) -> ConnectionRejected:
    """The error for a code that forbids coming back."""
    words = f" ({failure.reason})" if failure.reason else ""
    return ConnectionRejected(
        f"The {provider} server turned the connection down with code {failure.code}{words}, and "
        "fresh credentials did not help. Kick may have moved: look for a newer version of "
        'kick-live, or choose another transport than this one (transport="auto").',
        provider=provider,
        code=failure.code,
        reason=failure.reason,
    )
