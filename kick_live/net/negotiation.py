"""Asks Kick which realtime provider to use, and trusts only what it can check."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from kick_live.errors import NegotiationFailed
from kick_live.events.tolerant import ConversionError, parse_json
from kick_live.net.endpoints import Endpoints
from kick_live.net.hosts import is_loopback

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = ["Provider", "Route", "Token", "fetch_token", "negotiate", "pusher_route"]

Provider = Literal["pusher", "centrifugo"]

_QUERY: Final = "protocol=7&client=js&version=8.4.0&flash=false"
_KEY: Final = re.compile(r"[A-Za-z0-9]{1,64}")
_CLUSTER: Final = re.compile(r"[a-z0-9-]{1,32}")
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,16384}")
_URL: Final = re.compile(r"[\x21-\x7e]{1,2048}")
_APP: Final = re.compile(r"(?<=/app/)[^/?]+")
_TRUSTED_DOMAINS: Final = ("kick.com", "pusher.com")
_FALL_BACK: Final = 'Use transport="pusher", which needs no negotiation, or try again later.'


@frozen
class Route:
    """Where to connect.

    Attributes:
        provider: ``"pusher"`` or ``"centrifugo"``.
        url: The complete address of the WebSocket.
    """

    provider: Provider
    url: str


@frozen
class Token:
    """What a Centrifugo connection identifies itself with.

    Attributes:
        value: The token; a secret, so it is not in the repr.
        expires_at: When it runs out, in UTC; ``None`` where the token does not tell.
    """

    value: str = field(repr=False)
    expires_at: datetime | None = None


def negotiate(
    api: KickAPI,
    client_id: str,
    *,
    accept: Sequence[Provider] = ("pusher", "centrifugo"),
    channel_id: int | None = None,
) -> Route:
    """Ask Kick which provider to use.

    Blocks for one request, which is not retried. Keeps no state.

    Args:
        api: Sends the request.
        client_id: A UUID made by the client, one a connection.
        accept: The providers to offer.
        channel_id: The channel that the connection is for; Kick may name another region for it.

    Returns:
        The first provider in Kick's order that was offered.

    Raises:
        NegotiationFailed: Kick named no provider that was offered, or an address not to be trusted.
        APIError: The request failed.
        ClientClosed: The API was closed.
    """
    path = "/api/v1/realtime/connection"
    if channel_id is not None:
        path = f"/api/v1/realtime/channels/{int(channel_id)}/chat/connection"
    answer = api.realtime(
        path,
        {
            "client": {"id": client_id, "type": "web"},
            "capabilities": {"accepted_providers": [{"provider": name} for name in accept]},
        },
    )
    data = _member(answer, "data")
    mode = _member(data, "mode")
    if mode not in (None, "websocket"):
        raise NegotiationFailed(
            f"Kick wants to be read by {_shown(mode)} instead of a WebSocket, which this "
            f"version does not know. {_FALL_BACK}"
        )
    connections = _member(data, "connections")
    for connection in connections if isinstance(connections, list) else ():
        provider = _member(connection, "provider")
        credentials = _member(connection, "credentials")
        if provider == "centrifugo" and provider in accept:
            return Route("centrifugo", _trusted(api.endpoints, _member(credentials, "url")))
        if provider == "pusher" and provider in accept:
            key, cluster = _member(credentials, "app_key"), _member(credentials, "cluster")
            return pusher_route(api.endpoints, key, cluster)
    raise NegotiationFailed(
        f"Kick offered none of the providers that were asked for ({', '.join(accept)}): it may "
        f"have moved to a new one. {_FALL_BACK}"
    )


def fetch_token(api: KickAPI, client_id: str) -> Token:
    """Fetch the token of a Centrifugo connection.

    Blocks for one request, which is not retried. Keeps no state.

    Args:
        api: Sends the request.
        client_id: The UUID that was given to ``negotiate``.

    Raises:
        NegotiationFailed: The answer holds no token.
        APIError: The request failed.
        ClientClosed: The API was closed.
    """
    answer = api.realtime("/api/v1/realtime/auth/connection", {"client_id": client_id})
    value = _member(_member(answer, "data"), "token") or _member(answer, "token")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise NegotiationFailed(f"Kick's answer holds no usable token. {_FALL_BACK}")
    return Token(value, _expiry(value))


def pusher_route(endpoints: Endpoints, key: str | None = None, cluster: str | None = None) -> Route:
    """The address of the Pusher application.

    Args:
        endpoints: Where ``pusher`` is not Kick's own address it is kept, and only the key in it is
            replaced.
        key: The application's key; the one in ``endpoints`` if not given.
        cluster: The cluster, such as ``us2``.

    Raises:
        NegotiationFailed: The key, the cluster or the address is not to be trusted.

    Example:
        >>> pusher_route(Endpoints(), "abc123", "eu").url.partition("?")[0]
        'wss://ws-eu.pusher.com/app/abc123'
    """
    for what, value, syntax in (("key", key, _KEY), ("cluster", cluster, _CLUSTER)):
        if value is not None and not (isinstance(value, str) and syntax.fullmatch(value)):
            raise NegotiationFailed(
                f"Kick named a Pusher {what} that cannot be one: {_shown(value)}. {_FALL_BACK}"
            )
    url = endpoints.pusher
    if cluster is not None and endpoints.has_default_pusher:
        url = f"wss://ws-{cluster}.pusher.com{urlsplit(url).path}"
    if key is not None:
        base, mark, query = url.partition("?")
        base, found = _APP.subn(key, base, count=1)
        url = (base if found else f"{base}/app/{key}") + mark + query
    return Route("pusher", _trusted(endpoints, f"{url}{'&' if '?' in url else '?'}{_QUERY}"))


def _trusted(endpoints: Endpoints, url: Any) -> str:
    """The address of a WebSocket, if it belongs to Kick, Pusher or the user's own endpoints."""
    if not isinstance(url, str) or not _URL.fullmatch(url):
        raise NegotiationFailed(f"Kick named no address to connect to. {_FALL_BACK}")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where the port is not a number
        named = [urlsplit(base) for base in (endpoints.site, endpoints.web, endpoints.pusher)]
    except ValueError:
        raise NegotiationFailed(f"The address to connect to is malformed. {_FALL_BACK}") from None
    host = parts.hostname or ""
    hosts = {base.hostname for base in named}
    is_local = is_loopback(host)
    if is_local:
        allowed = any(is_loopback(name or "") for name in hosts)
    else:
        allowed = host in hosts or _is_trusted(host)
    # Without TLS only on this machine, or where the user named the host without TLS.
    plain = is_local or any(
        base.hostname == host and base.scheme in ("ws", "http") for base in named
    )
    schemes = ("wss", "ws") if plain else ("wss",)
    if not allowed or parts.scheme not in schemes or _has_extras(parts):
        raise NegotiationFailed(
            f"The address to connect to is not to be trusted: {parts.scheme}://{host}. Only wss:// "
            "at kick.com, pusher.com or a host named in Endpoints is (ws:// on this machine, or where "
            "Endpoints name the host without TLS). "
            f"{_FALL_BACK}"
        )
    return url


def _has_extras(parts: SplitResult) -> bool:
    return bool("@" in parts.netloc or parts.fragment or "\\" in parts.netloc)


def _is_trusted(host: str) -> bool:
    return any(host == name or host.endswith("." + name) for name in _TRUSTED_DOMAINS)


def _shown(value: Any) -> str:
    # Anything but text may be nested too deeply to be printed.
    return repr(value[:40]) if isinstance(value, str) else f"a {type(value).__name__}"


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _expiry(token: str) -> datetime | None:
    """The ``exp`` of a JWT; its signature is the server's business."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = parse_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(_member(claims, "exp"), timezone.utc)
    except (ConversionError, ValueError, TypeError, OverflowError, OSError):
        return None
