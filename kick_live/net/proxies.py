"""Which proxy a connection goes through: the caller's, the environment's, or none."""

from __future__ import annotations

import importlib.util
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from attrs import field, frozen

from kick_live.arguments import check_text
from kick_live.errors import MissingExtra, TransportError
from kick_live.words import how_to_install

__all__ = [
    "LOCKED",
    "NEEDS_SOCKS",
    "Proxy",
    "check_proxy",
    "find_proxy",
    "refusal",
    "require_socks",
    "socks_refusal",
]

#: The status with which a proxy asks for a name and a password, and no server answers.
LOCKED: Final = 407

#: What to do about a SOCKS proxy, for everybody.
NEEDS_SOCKS: Final = (
    "Requests through a SOCKS proxy need PySocks, which is not installed. Run: "
    f"{how_to_install('socks')}"
)
_PORTS: Final = {
    **{"http": 80, "https": 443},
    **dict.fromkeys(("socks4", "socks4a", "socks5", "socks5h"), 1080),
}
_FORMS: Final = "write http://host:port, socks5://host:port or socks5h://host:port"


@frozen
class Proxy:
    """A proxy, and how it is spoken to.

    Attributes:
        kind: ``"http"``, ``"https"``, ``"socks4"``, ``"socks4a"``, ``"socks5"`` or ``"socks5h"``;
            with ``a`` or ``h`` at the end the proxy looks names up.
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


def check_proxy(name: str, value: object, *, tls: bool = False) -> None:
    """Refuse what is no address of a proxy that can be used; ``None`` and ``""`` are no proxy.

    Args:
        name: The argument.
        value: What was passed; never quoted, because it may hold a password.
        tls: Whether the proxy may be spoken to through TLS.

    Raises:
        TypeError: It is not text.
        ValueError: It makes no sense, or cannot be used.
    """
    check_text(name, value, "http://host:3128", secret=True)
    if not value:
        return
    try:
        _parse(str(value), tls)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    parts = _split(str(value))
    if "://" not in str(value) and parts is not None and parts.port is None:
        # More often a typing error than a proxy at port 80.
        raise ValueError(f"{name} names neither scheme nor port: {_FORMS}.")


def require_socks(proxy: str | None) -> None:
    """Make sure that requests can speak to a SOCKS proxy, if it is one.

    Raises:
        MissingExtra: They cannot.
    """
    if proxy and proxy.lower().startswith("socks") and importlib.util.find_spec("socks") is None:
        raise MissingExtra(NEEDS_SOCKS, extra="socks")


def find_proxy(url: str, proxy: str | None, *, tls: bool = False) -> Proxy | None:
    """The proxy for an address; ``None`` for a direct connection.

    Args:
        url: Where the connection leads.
        proxy: A proxy's address; ``""`` for none; ``None`` for what the environment says
            (``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``).
        tls: Whether the proxy may be spoken to through TLS.

    Raises:
        TransportError: The proxy's address makes no sense, or cannot be used.
    """
    target = urlsplit(url)
    if proxy is None:
        proxy = _from_environment(target.scheme, target.hostname or "")
    if not proxy:
        return None
    try:
        return _parse(proxy, tls)
    except ValueError as error:
        raise TransportError(f"The proxy's address {error}", lasting=True) from None


def _parse(address: str, tls: bool) -> Proxy:
    parts = _split(address)
    if parts is None:
        raise ValueError(f"is malformed: {_FORMS}.")
    if parts.scheme == "https" and not tls:
        # Speaking to it without TLS instead would show name and password to everybody.
        raise ValueError(
            "begins with https://, so that it is spoken to through TLS, which WebSockets cannot do "
            "here. Most proxies are meant to be written http://host:port."
        )
    if parts.scheme not in _PORTS:
        raise ValueError(f"has the scheme {parts.scheme!r}, which is none of a proxy: {_FORMS}.")
    if not parts.hostname:
        raise ValueError(f"names no host: {_FORMS}.")
    return Proxy(
        parts.scheme,
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        parts.port  # noqa: B018 - raises where the port is not a number
    except ValueError:  # whose words are left out, even from the chain: they may quote a password
        return None
    return parts


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


def socks_refusal(proxy: Proxy | None = None) -> str:
    """Says what to do about a SOCKS proxy that wants a name and a password, or others.

    Args:
        proxy: Which one, if that is known.
    """
    who = "The proxy" if proxy is None else f"The proxy {proxy}"
    if proxy is not None and proxy.username:
        return f"{who} refused the name and the password. Check both."
    return (
        f"{who} wants a name and a password, or to be spoken to in a way that is not known here: "
        "give them as in socks5h://name:password@host:1080."
    )


def _from_environment(scheme: str, host: str) -> str:
    from urllib.request import getproxies, proxy_bypass  # on first use: it imports http and email

    if proxy_bypass(host):
        return ""
    proxies = getproxies()
    return (
        proxies.get("https" if scheme in ("https", "wss") else "http") or proxies.get("all") or ""
    )
