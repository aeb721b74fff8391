"""Which proxy a connection goes through: the caller's, the environment's, or none."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from kick_live.errors import TransportError

__all__ = ["LOCKED", "Proxy", "find_proxy", "refusal"]

#: The status with which a proxy asks for a name and a password, and no server answers.
LOCKED: Final = 407

_PORTS: Final = {"http": 80, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}


@frozen
class Proxy:
    """A proxy, and how it is spoken to.

    Attributes:
        kind: ``"http"``, ``"socks4"``, ``"socks4a"``, ``"socks5"`` or ``"socks5h"``; with the
            letter at the end the proxy looks names up.
        host: A name or an address.
        port: A port.
        username: Empty where the proxy wants none.
        password: A secret, so it is not in the repr.
    """

    kind: str
    host: str
    port: int
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def find_proxy(url: str, proxy: str | None) -> Proxy | None:
    """The proxy for an address; ``None`` for a direct connection.

    Args:
        url: Where the connection leads.
        proxy: A proxy's address; ``""`` for none; ``None`` for what the environment says
            (``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``).

    Raises:
        TransportError: The proxy's address makes no sense, or cannot be used.
    """
    target = urlsplit(url)
    if proxy is None:
        proxy = _from_environment(target.scheme, target.hostname or "")
    if not proxy:
        return None
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = parts.port
    except ValueError:
        # The parser's words are left out: they may quote a password.
        raise TransportError(
            "The proxy's address is malformed; give one like http://host:3128."
        ) from None
    if parts.scheme == "https":
        # Speaking to it without TLS instead would show name and password to everybody.
        raise TransportError(
            "The proxy's address begins with https://, so that it is spoken to through TLS, which "
            "WebSockets cannot do here. Most proxies are meant to be written http://host:port."
        )
    if parts.scheme not in _PORTS:
        raise TransportError(
            f"The proxy's address has the unknown scheme {parts.scheme!r}; use http://, socks5:// "
            "or socks5h://."
        )
    if not parts.hostname:
        raise TransportError("The proxy's address names no host; give one like http://host:3128.")
    return Proxy(
        parts.scheme,
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def refusal(status: int, target: str, proxy: Proxy | None = None) -> str:
    """Says what to do about a proxy that opens no way.

    Args:
        status: What it answered.
        target: Where it was to lead.
        proxy: Which one, if that is known.
    """
    who = "The proxy" if proxy is None else f"The proxy {proxy}"
    if status == LOCKED:
        return (
            f"{who} wants a name and a password, or others ({LOCKED}): give them as in "
            "http://name:password@host:3128."
        )
    return (
        f"{who} refused to connect to {target} with HTTP status {status}. It may allow other hosts "
        "or ports only, or not reach this one."
    )


def _from_environment(scheme: str, host: str) -> str:
    from urllib.request import getproxies, proxy_bypass  # on first use: it imports http and email

    if proxy_bypass(host):
        return ""
    proxies = getproxies()
    return (
        proxies.get("https" if scheme in ("https", "wss") else "http") or proxies.get("all") or ""
    )
