"""Single checks of everything that reading a chat needs."""

from __future__ import annotations

import socket
import ssl
import time
import uuid
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve, frozen

from kick_live.cli.advice import without_ways_out
from kick_live.client import KickClient
from kick_live.errors import (
    APIError,
    Blocked,
    ConnectTimeout,
    InvalidChannel,
    KickLiveError,
)
from kick_live.models.channel import Channel, ChannelRef
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.net.negotiation import negotiate
from kick_live.net.proxies import Proxy, find_proxy
from kick_live.net.resolver import Resolver
from kick_live.protocols.base import Provider

__all__ = [
    "Outcome",
    "check",
    "connects",
    "dns",
    "hosts",
    "negotiated",
    "reads_history",
    "resolved",
    "tls",
    "way",
]

_TIMEOUT: Final = 10.0
#: Somebody's ids: a socket acknowledges the topics of anybody.
_ANYBODY: Final = ChannelRef(channel_id=1, chatroom_id=1)


@frozen(kw_only=True)
class Outcome:
    """What a check found.

    Attributes:
        name: What was checked.
        ok: Whether it is well; ``None`` if it was left out.
        seconds: How long it took.
        detail: What was found, or what went wrong.
        advice: What to do about it, where ``detail`` does not say it.
        error: The kind of what went wrong, if something did.
    """

    name: str
    ok: bool | None
    seconds: float = 0.0
    detail: str = ""
    advice: str = ""
    error: type[Exception] | None = None


def check(name: str, function: Callable[[], str]) -> Outcome:
    """Run a check; whatever goes wrong becomes part of the outcome.

    Args:
        name: What is checked.
        function: Returns what it found, or raises.
    """
    began = time.monotonic()
    try:
        found = Outcome(name=name, ok=True, detail=function())
    except (KickLiveError, OSError, ValueError) as error:
        found = Outcome(
            name=name, ok=False, detail=_words(error), advice=_advice(error), error=type(error)
        )
    return evolve(found, seconds=time.monotonic() - began)


def hosts(endpoints: Endpoints) -> list[tuple[str, int, bool]]:
    """The hosts that have to be reached: name, port, and whether with TLS."""
    found: dict[tuple[str, int, bool], None] = {}
    for url in (endpoints.site, endpoints.web, endpoints.pusher):
        parts = urlsplit(url)
        secure = parts.scheme in ("https", "wss")
        port = parts.port or (443 if secure else 80)
        found[(parts.hostname or "", port, secure)] = None
    return list(found)


def way(host: str, secure: bool, proxy: str | None) -> Proxy | None:
    """The proxy on the way to a host, as the library finds it; ``None`` if there is none.

    Raises:
        TransportError: The environment names one that makes no sense.
    """
    name = f"[{host}]" if ":" in host else host
    return find_proxy(f"{'https' if secure else 'http'}://{name}", proxy, tls=True)


def dns(host: str) -> str:
    """Look a host up.

    Raises:
        OSError: It has no address.
    """
    addresses = {row[4][0] for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    first = sorted(map(str, addresses))
    return ", ".join(first[:2]) + (f" and {len(first) - 2} more" if len(first) > 2 else "")


def tls(host: str, port: int) -> str:
    """Shake hands with a host.

    Raises:
        OSError: It cannot be reached, or its certificate is not trusted.
    """
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), _TIMEOUT) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return str(secure.version())


def resolved(api: KickAPI, name: str, found: list[Channel]) -> str:
    """Look a channel up, past everything remembered.

    Args:
        api: Asks.
        name: The channel.
        found: Gets the channel.

    Raises:
        KickLiveError: It cannot be looked up.
    """
    resolution = Resolver(api).resolve(name)
    channel = resolution.channel
    found.append(channel)
    live = "live" if resolution.info is not None and resolution.info.is_live else "offline"
    return f"channel {channel.channel_id}, chatroom {channel.chatroom_id}, {live}"


def reads_history(api: KickAPI, channel: Channel) -> str:
    """Read the last messages of a channel.

    Raises:
        KickLiveError: They cannot be read.
    """
    return f"{len(api.history(channel.channel_id).messages)} messages"


def negotiated(api: KickAPI) -> str:
    """Ask which realtime service to use.

    Raises:
        KickLiveError: There was no usable answer.
    """
    route = negotiate(api, str(uuid.uuid4()))
    return f"{route.provider} at {urlsplit(route.url).hostname}"


def connects(
    api: KickAPI, provider: Provider, channel: Channel | None, proxy: str | None, timeout: float
) -> str:
    """Receive a chat over one of the two services.

    Raises:
        KickLiveError: There was no connection, or the chat was not acknowledged.
    """
    ref = _ANYBODY
    if channel is not None:
        ref = ChannelRef(channel.slug, channel.channel_id, channel.chatroom_id)
    with KickClient(
        ref, transport=provider, api=api, proxy=proxy, viewer_interval=0, remember_ids=False
    ) as client:
        client.connect(timeout)
        return "the chat was acknowledged"


def _words(error: BaseException) -> str:
    """What went wrong, without advice that is given separately."""
    if isinstance(error, ConnectTimeout) and error.last_error is not None:
        return _words(error.last_error)
    if isinstance(error, (KickLiveError, ValueError)):
        return without_ways_out(error)
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or str(error) or type(error).__name__


def _advice(error: BaseException) -> str:
    if isinstance(error, ConnectTimeout) and error.last_error is not None:
        return _advice(error.last_error)
    if isinstance(error, Blocked):
        return (
            "Use --impersonate, another network or a proxy (--proxy); or give the ids, which need no "
            "lookup: watch NAME --channel-id ID --chatroom-id ID --transport pusher."
        )
    if isinstance(error, (APIError, InvalidChannel)) or getattr(error, "lasting", False):
        return ""  # what they say ends with it
    if isinstance(error, socket.gaierror):
        return "Check the network and the name server; a filter for a household may block the name."
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "Something in between answers in the host's place, such as a virus scanner, a company's "
            "proxy or a log-in page; or the certificates of this system are out of date."
        )
    if isinstance(error, OSError):
        return "Check the network, the firewall, and whether a proxy is needed (--proxy)."
    return "Try the other --transport, or look for a newer kick-live."
