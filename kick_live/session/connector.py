"""Decides where a connection goes next: which provider, which address, which identity."""

from __future__ import annotations

import logging
import math
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
    RateLimited,
    ServerError,
    Unreachable,
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
        # Until when a provider is left out: because it said so, or because the other may do better.
        self._refused: dict[Provider, float] = {}
        self._resting: dict[Provider, float] = {}
        self._failures: dict[Provider, int] = dict.fromkeys(_BOTH, 0)
        self._is_subscribed = False
        self._was_subscribed = False
        self._terminals = 0
        self._terminal_at = -math.inf
        # Whether fresh credentials are wanted, whether they were had, and whose were turned down.
        self._renegotiate = False
        self._has_renegotiated = False
        self._rejected: dict[Provider, Failed] = {}

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
                self._has_renegotiated = self._has_renegotiated or self._renegotiate
                if route.provider == "pusher":
                    return Plan(route)
                return Plan(route, fetch_token(self._api, self._client_id))
        except ClientClosed:
            raise
        except (APIError, NegotiationFailed) as error:
            if self._renegotiate or not self._may_use_known_key(accept, error):
                raise
            _logger.info("negotiation failed, using Pusher with the known key: %s", error)
            return Plan(pusher_route(self._api.endpoints))

    def _may_use_known_key(self, accept: tuple[Provider, ...], error: KickLiveError) -> bool:
        if self._transport != "auto":
            return False
        if "pusher" in accept:
            return True
        # It was left out because it failed a few times, which says less than a service that is away.
        is_away = not isinstance(error, NegotiationFailed)
        return is_away and not self._rejected and not self._wait_for("pusher", self._clock())

    def _acceptable(self) -> tuple[Provider, ...]:
        choices, now = self._choices(), self._clock()
        allowed = tuple(name for name in choices if self._refused.get(name, 0.0) <= now)
        good = tuple(name for name in allowed if self._resting.get(name, 0.0) <= now)
        tried_less = tuple(name for name in allowed if name not in self._rejected)
        return good or tried_less or allowed or choices

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
        self._is_subscribed = self._was_subscribed = True
        self._failures[provider] = 0
        self._renegotiate = False
        self._has_renegotiated = False
        self._rejected.clear()

    def failed(self, provider: Provider, failure: Failed) -> float:
        """A connection failed, before or after it was subscribed.

        Returns:
            The least wait before the next attempt, in seconds.

        Raises:
            ConnectionRejected: There is nothing left to try.
        """
        now = self._clock()
        self._routes.forget()
        if not self._is_subscribed:
            self._failures[provider] += 1
        self._is_subscribed = False
        if failure.action is Action.TERMINAL:
            return self._change_identity(provider, now)
        if failure.action is Action.RENEGOTIATE:
            return self._reject(provider, failure, now)
        # The other one does no better.
        self._resting.clear()
        if self._transport == "auto" and self._failures[provider] >= _FAILURES_BEFORE_SWITCH:
            self._failures[provider] = 0
            self._resting[provider] = now + _SWITCH_FOR
        return 0.0

    def _change_identity(self, provider: Provider, now: float) -> float:
        self._client_id = str(uuid.uuid4())
        if now - self._terminal_at > 2 * _IDENTITY_WAITS[-1]:
            self._terminals = 0  # it was well in between
        self._terminal_at = now
        base = _IDENTITY_WAITS[min(self._terminals, len(_IDENTITY_WAITS) - 1)]
        self._terminals += 1
        wait = base * (1 + self._random() / 4)
        self._refused[provider] = now + wait
        return min(self._wait_for(name, now) for name in self._choices())

    def _reject(self, provider: Provider, failure: Failed, now: float) -> float:
        if not self._has_renegotiated:
            self._renegotiate = True
            return 0.0
        self._renegotiate = False
        self._resting[provider] = now + _IDENTITY_WAITS[-1]
        self._rejected[provider] = failure
        others = [name for name in self._choices() if name not in self._rejected]
        if not others:
            raise rejected(provider, failure)
        return min(self._wait_for(name, now) for name in others)

    def _choices(self) -> tuple[Provider, ...]:
        return _BOTH if self._transport == "auto" else (self._transport,)

    def _wait_for(self, provider: Provider, now: float) -> float:
        return max(0.0, self._refused.get(provider, 0.0) - now)

    def negotiation_failed(self, error: KickLiveError, last: Failed | None) -> None:
        """The plan could not be made.

        Raises:
            ConnectionRejected: The server had turned the credentials down, and no fresh ones are to
                be had.
        """
        self._routes.forget()
        is_passing = isinstance(error, (Unreachable, ServerError, RateLimited))
        if self._transport == "pusher":
            if self._renegotiate and last is not None and not is_passing:
                raise rejected("pusher", last) from error
            return
        if isinstance(error, NegotiationFailed) and not self._was_subscribed:
            self._check_rejections(error, last)
        # The other is not to be had, so the one that failed is the better choice after all.
        self._resting.clear()
        self._renegotiate = False

    def _check_rejections(self, error: NegotiationFailed, last: Failed | None) -> None:
        """Give up where Kick offers nothing but what was turned down."""
        now = self._clock()
        if any(self._wait_for(name, now) for name in self._choices()):
            return
        if self._rejected:
            provider, failure = next(iter(self._rejected.items()))
            raise rejected(provider, failure) from error
        if self._renegotiate and last is not None:
            raise rejected("pusher", last) from error


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
