"""Which proxy a WebSocket goes through: the caller's, the environment's, or none."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from kick_live.errors import TransportError

__all__ = ["proxy_options"]

_DIRECT: Final[dict[str, Any]] = {"http_no_proxy": ["*"]}
_SOCKS: Final = ("socks4", "socks4a", "socks5", "socks5h")


def proxy_options(url: str, proxy: str | None) -> dict[str, Any]:
    """websocket-client's options for reaching an address.

    Args:
        url: The WebSocket's address.
        proxy: A proxy's address; ``""`` for none; ``None`` for what the environment says
            (``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, ``NO_PROXY``).

    Raises:
        TransportError: The proxy's address makes no sense.
    """
    target = urlsplit(url)
    if proxy is None:
        proxy = _from_environment(target.scheme, target.hostname or "")
    if not proxy:
        return _DIRECT
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = parts.port
    except ValueError:
        # The parser's words are left out: they may quote a password.
        raise TransportError(
            "The proxy's address is malformed; give one like http://host:3128."
        ) from None
    kind = "http" if parts.scheme in ("http", "https") else parts.scheme
    if kind != "http" and kind not in _SOCKS:
        raise TransportError(
            f"The proxy's address has the unknown scheme {parts.scheme!r}; use http://, socks5:// "
            "or socks5h://."
        )
    if not parts.hostname:
        raise TransportError("The proxy's address names no host; give one like http://host:3128.")
    options: dict[str, Any] = {
        "http_proxy_host": parts.hostname,
        "http_proxy_port": port or (1080 if kind in _SOCKS else 80),
        "proxy_type": kind,
        # websocket-client would skip the proxy for what the environment's NO_PROXY lists; the
        # decision was made above.
        "http_no_proxy": [],
    }
    if parts.username:
        options["http_proxy_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    return options


def _from_environment(scheme: str, host: str) -> str:
    from urllib.request import getproxies, proxy_bypass  # on first use: it imports http and email

    if proxy_bypass(host):
        return ""
    proxies = getproxies()
    return proxies.get("https" if scheme == "wss" else "http") or proxies.get("all") or ""
