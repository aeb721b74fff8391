"""Asks a proxy for a way through: CONNECT of HTTP, SOCKS 4, 4a and 5 (RFC 1928, RFC 1929)."""

from __future__ import annotations

import base64
import ipaddress
import socket
from typing import Final

from kick_live.errors import TransportError
from kick_live.net.hosts import is_address
from kick_live.net.proxies import LOCKED, Proxy, refusal, socks_refusal
from kick_live.net.tcp import look_up
from kick_live.net.watch import Watch

__all__ = ["open_tunnel"]

_LONGEST_ANSWER: Final = 65536
_SOCKS5_REFUSALS: Final = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time ran out",
    7: "command not supported",
    8: "kind of address not supported",
}
#: The length of an address in an answer, by its kind.
_SOCKS5_LENGTHS: Final = {1: 4, 4: 16}


def open_tunnel(watch: Watch, sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Ask the proxy at the other end of a socket to connect it to a host; blocks.

    Afterwards the socket is as good as one that was opened to the host.

    Args:
        watch: Of the calling thread.
        sock: Connected to the proxy.
        proxy: How to speak to it.
        host: Where to go.
        port: Where to go.

    Raises:
        TransportError: The proxy refused, or its answer makes no sense.
        OSError: The connection to the proxy broke.
    """
    if proxy.kind == "http":
        _connect(sock, proxy, host, port)
    elif proxy.kind in ("socks4", "socks4a"):
        _socks4(watch, sock, proxy, host, port)
    else:
        _socks5(watch, sock, proxy, host, port)


def _connect(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    name = f"[{host}]" if ":" in host else host.encode("idna").decode()
    lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}"]
    if proxy.username:
        secret = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {secret}")
    sock.sendall("\r\n".join([*lines, "", ""]).encode())
    # Byte by byte, because what follows the answer belongs to whoever reads the socket next.
    answer = bytearray()
    while not answer.endswith((b"\r\n\r\n", b"\n\n")):
        answer += _exactly(sock, 1)
        if len(answer) > _LONGEST_ANSWER:
            raise TransportError(f"The proxy's answer is longer than {_LONGEST_ANSWER} bytes.")
    version, _, rest = bytes(answer).partition(b"\r\n")[0].partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise TransportError("The proxy's answer is not HTTP. Check its address and kind.")
    status = int(rest[:3])
    if not 200 <= status < 300:
        raise TransportError(
            refusal(status, f"{name}:{port}", proxy), code=status, lasting=status == LOCKED
        )


def _socks4(watch: Watch, sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    if proxy.kind == "socks4a" and not is_address(host):
        # An address that cannot be means: look the name up that follows.
        where, name = b"\0\0\0\1", host.encode("idna") + b"\0"
    else:
        where, name = _looked_up(watch, host, port, socket.AF_INET), b""
    user = proxy.username.encode().replace(b"\0", b"")
    sock.sendall(b"\4\1" + port.to_bytes(2, "big") + where + user + b"\0" + name)
    version, code = _exactly(sock, 8)[:2]
    if version != 0:
        raise _not_socks(proxy)
    if code != 90:
        raise _refused(host, port, "rejected or failed", code)


def _socks5(watch: Watch, sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    user, password = proxy.username.encode(), proxy.password.encode()
    if len(user) > 255 or len(password) > 255:
        raise TransportError(
            "The proxy's name or password is longer than SOCKS allows (255).", lasting=True
        )
    sock.sendall(b"\5\2\0\2" if user else b"\5\1\0")
    version, method = _exactly(sock, 2)
    if version != 5:
        raise _not_socks(proxy)
    if method == 2 and user:
        sock.sendall(b"\1" + _counted(user) + _counted(password))
        if _exactly(sock, 2)[1] != 0:
            raise TransportError(socks_refusal(proxy), lasting=True)
    elif method != 0:
        raise TransportError(socks_refusal(proxy), lasting=True)
    sock.sendall(b"\5\1\0" + _socks5_address(watch, proxy, host, port) + port.to_bytes(2, "big"))
    version, code, _, kind = _exactly(sock, 4)
    if version != 5:
        raise _not_socks(proxy)
    if code != 0:
        raise _refused(host, port, _SOCKS5_REFUSALS.get(code, "unknown reason"), code)
    length = _exactly(sock, 1)[0] if kind == 3 else _SOCKS5_LENGTHS.get(kind)
    if length is None:
        raise _not_socks(proxy)
    _exactly(sock, length + 2)


def _socks5_address(watch: Watch, proxy: Proxy, host: str, port: int) -> bytes:
    if proxy.kind == "socks5h" and not is_address(host):
        return b"\3" + _counted(host.encode("idna"))
    packed = _looked_up(watch, host, port)
    return (b"\1" if len(packed) == 4 else b"\4") + packed


def _looked_up(watch: Watch, host: str, port: int, family: int = 0) -> bytes:
    for found, *_, address in look_up(watch, host, port):
        if family in (0, found):
            return ipaddress.ip_address(address[0].partition("%")[0]).packed
    raise TransportError(f"{host} has no address that this proxy can be asked for.")


def _counted(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise TransportError(
                "The proxy ended the connection. Check its address and kind, and whether it wants a "
                "name and a password."
            )
        data += part
    return data


def _not_socks(proxy: Proxy) -> TransportError:
    return TransportError(
        f"The proxy does not speak {proxy.kind}. Check its address and kind; an HTTP proxy is "
        "written http://host:port."
    )


def _refused(host: str, port: int, words: str, code: int) -> TransportError:
    return TransportError(
        f"The proxy refused to connect to {host}:{port}: {words} (code {code}). It may allow other "
        "hosts or ports only."
    )
