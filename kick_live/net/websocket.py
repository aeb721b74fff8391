"""One WebSocket: the only door to websocket-client.

websocket-client does the handshake and sends; reading is done in bulk by ``FrameReader``. The socket
is opened here, so that another thread, or the time limit, can end every step of it. Its ``WebSocketApp``, its global setters and its ``close`` are not used: ``close``
blocks behind a reader in another thread, and ``recv`` loses the close code.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
from typing import Any, Final
from urllib.parse import urlsplit

from kick_live.errors import TransportError
from kick_live.net.certificates import trust
from kick_live.net.frames import CLOSE, PONG, TEXT, CloseFrame, FrameError, FrameReader
from kick_live.net.proxies import find_proxy
from kick_live.net.reasons import reason
from kick_live.net.tcp import open_tcp
from kick_live.net.tunnels import open_tunnel
from kick_live.net.watch import Watch
from kick_live.words import public_host, server_words

__all__ = ["WebSocket"]

_READ_SIZE: Final = 1 << 16
#: After so much in one go, the connection gets a chance to send.
_MOST_PER_READ: Final = 1 << 18
#: Seconds between two reads, within which more is expected.
_SOON: Final = 0.0005
_GOING_AWAY: Final = 1001
_NO_MEANING: Final = 1006
_PORTS: Final = {"ws": 80, "wss": 443}
#: Small commands go out at once; the system looks after connections that say nothing.
_SOCKET_OPTIONS: Final = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]


class WebSocket:
    """A WebSocket that is opened, read and written by one thread.

    ``abort`` alone may be called from another thread.

    Args:
        url: ``ws://`` or ``wss://``.
        proxy: A proxy's address; ``""`` for none, ``None`` for the environment's.
        ca_bundle: A file of certificates to trust instead of the system's.
        user_agent: What to call ourselves in the handshake.
        send_timeout: Seconds after which a send that makes no progress fails.
        max_size: The largest message in bytes.
    """

    def __init__(
        self,
        url: str,
        *,
        proxy: str | None = None,
        ca_bundle: str | None = None,
        user_agent: str = "Mozilla/5.0",
        send_timeout: float = 5.0,
        max_size: int = 1 << 20,
    ) -> None:
        self.url = url
        self._proxy = proxy
        self._ca_bundle = ca_bundle
        self._user_agent = user_agent
        self._send_timeout = send_timeout
        self._reader = FrameReader(max_size)
        self._ws: Any = None
        self._sock: Any = None
        self._is_tls = False
        self._opening = Watch()
        self._aborted = False
        self._failure: TransportError | None = None
        self._owed: list[tuple[bytes, int]] = []
        self._end_is_sent = False
        self._read_at = 0.0

    def open(self, timeout: float) -> None:
        """Connect and shake hands; blocks.

        Args:
            timeout: Seconds for everything together: name lookup, TCP, proxy, TLS, handshake.

        Raises:
            TransportError: It did not work; ``code`` is the HTTP status if the server refused.
        """
        try:
            with Watch(timeout) as watch:
                self._opening = watch
                if self._aborted:
                    watch.end()
                try:
                    self._open(watch, timeout)
                    # A handshake may have arrived together with the end.
                    watch.check()
                except Exception as error:
                    # A step that takes the whole time may be ended by its own time-out just before.
                    if watch.expired or isinstance(error, TimeoutError):
                        raise TransportError(
                            f"The WebSocket was not open after {timeout:g} s: the network, the "
                            "proxy or the server may be slow. Check the first two; a server that "
                            "is overloaded lets in later."
                        ) from None
                    raise
        except ssl.SSLCertVerificationError as error:
            raise TransportError(
                f"The server's certificate is not trusted ({error.verify_message}). Behind a proxy "
                "that opens TLS, or with a private server, pass ca_bundle= with its certificates."
            ) from error
        except TransportError:
            raise
        # All of them: an answer that makes no sense raises whatever it likes, such as a length of
        # terabytes, for which no memory can be had.
        except Exception as error:
            why = reason(error)
            raise TransportError(
                f"The WebSocket could not be opened ({_words(error)}). Check the network, and the "
                "proxy if there is one."
                if why is None
                else f"The WebSocket could not be opened, because {public_host(self.url)} {why}."
            ) from error

    def _open(self, watch: Watch, timeout: float) -> None:
        import websocket  # on first use: it takes a third of the package's import time

        sock = self._connect(watch, timeout)
        self._ws = websocket.WebSocket(enable_multithread=False)
        try:
            self._ws.connect(
                self.url,
                socket=sock,
                timeout=timeout,
                suppress_origin=True,
                redirect_limit=0,
                header=[f"User-Agent: {self._user_agent}"],
            )
        except websocket.WebSocketBadStatusException as error:
            raise TransportError(
                f"The server refused the WebSocket with HTTP status {error.status_code}.",
                code=error.status_code,
            ) from error
        except websocket.WebSocketTimeoutException:
            raise TimeoutError("no answer in time") from None
        finally:
            if self._ws.sock is None:
                sock.close()
        if self._ws.getstatus() != 101:
            # Older versions of websocket-client take a redirect for a success.
            raise TransportError(
                f"The server refused the WebSocket with HTTP status {self._ws.getstatus()}.",
                code=self._ws.getstatus(),
            )
        self._is_tls = isinstance(sock, ssl.SSLSocket)
        self._sock = sock
        self._sock.settimeout(0)

    def _connect(self, watch: Watch, timeout: float) -> socket.socket:
        """A socket that leads to the server, through proxy and TLS if there are any."""
        parts = urlsplit(self.url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("the address is not that of a WebSocket")
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        context = _tls_context(self._ca_bundle) if parts.scheme == "wss" else None
        proxy = find_proxy(self.url, self._proxy)
        first = (host, port) if proxy is None else (proxy.host, proxy.port)
        try:
            sock = open_tcp(watch, *first, timeout, options=_SOCKET_OPTIONS)
        except OSError as error:
            if proxy is None:
                raise
            raise TransportError(
                f"The proxy {proxy} could not be reached ({_words(error)}). Check its address, and "
                "whether it runs."
            ) from error
        try:
            if proxy is not None:
                open_tunnel(watch, sock, proxy, host, port)
            return sock if context is None else context.wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise

    def fileno(self) -> int:
        """The socket's descriptor, for a selector."""
        return int(self._sock.fileno())

    def has_pending(self) -> bool:
        """Whether there is something to receive that a selector would not see.

        That is what TLS holds already, and a failure after what was received last.
        """
        if self._failure is not None:
            return True
        return self._is_tls and self._sock.pending() > 0

    def receive(self) -> list[bytes]:
        """Read what the socket has, without blocking; ``answer`` is to be called next.

        Returns:
            The text messages that are complete, in order, as UTF-8; possibly none.

        Raises:
            TransportError: The peer closed the connection, or it broke. ``code`` and ``reason`` are
                those of the closing frame. Messages read before are returned first.
        """
        if self._failure is not None:
            raise self._failure
        texts: list[bytes] = []
        try:
            self._receive(texts)
        except TransportError as error:
            self._failure = error
            if not texts:
                raise
        return texts

    def _receive(self, texts: list[bytes]) -> None:
        # A read brings one record of TLS, which often holds one message. Whether another is there is
        # found out by trying, which is a tenth of what a message takes that comes alone; so that is
        # done only where reads follow each other closely.
        is_tls = self._is_tls
        more = is_tls and time.monotonic() - self._read_at < _SOON
        read = 0
        while read < _MOST_PER_READ:
            try:
                data = self._sock.recv(_READ_SIZE)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, InterruptedError):
                break
            except OSError as error:
                raise TransportError(
                    f"The connection broke ({_words(error)}).", code=_NO_MEANING
                ) from error
            if not data:
                raise TransportError(
                    "The peer ended the connection without a closing frame.", code=_NO_MEANING
                )
            read += len(data)
            try:
                texts += self._reader.feed(data)
            except FrameError as error:
                texts += error.texts
                self._owed.append((error.code.to_bytes(2, "big"), CLOSE))
                raise TransportError(
                    f"The peer broke the WebSocket protocol: {error}.", code=error.code
                ) from None
            if (frame := self._reader.close) is not None:
                code = b"" if frame.code is None else frame.code.to_bytes(2, "big")
                self._owed.append((code, CLOSE))
                raise _closed(frame)
            if len(data) < _READ_SIZE and not more and not (is_tls and self._sock.pending()):
                break
        if is_tls:
            self._read_at = time.monotonic()
        if self._reader.pings:
            self._owed += [(payload, PONG) for payload in self._reader.pings]
            self._reader.pings.clear()

    def answer(self) -> None:
        """Send what the peer is owed after ``receive``: pongs, and the answer to its end.

        Blocks at most ``send_timeout`` seconds. If it fails, the next ``receive`` raises it, unless
        that has something to raise that came before.
        """
        if self._owed:
            try:
                self._send_owed()
            except TransportError as error:
                self._failure = self._failure or error

    def _send_owed(self) -> None:
        owed, self._owed = self._owed, []
        for payload, opcode in owed:
            self._send(payload, opcode)

    def send(self, text: str) -> None:
        """Send a text message; blocks at most ``send_timeout`` seconds.

        Raises:
            TransportError: The connection broke, or the peer takes nothing any more.
        """
        self._send(text, TEXT)

    def _send(self, payload: str | bytes, opcode: int) -> None:
        from websocket import WebSocketException

        try:
            self._sock.settimeout(self._send_timeout)
            self._end_is_sent |= opcode == CLOSE
            try:
                self._ws.send(payload, opcode)
            finally:
                self._sock.settimeout(0)
        except (WebSocketException, OSError) as error:
            raise TransportError(f"Sending failed ({_words(error)}).", code=_NO_MEANING) from error

    def close(self, code: int = 1000, timeout: float = 0.5) -> None:
        """Close: send a closing frame, wait for the peer's, let go of the socket.

        Repeatable; never raises.

        Args:
            code: The close code.
            timeout: Seconds to wait for the peer's closing frame.
        """
        sock = self._sock
        if sock is None:
            self._release()
            return
        if not self._aborted:
            try:
                self._send_owed()
                if not self._end_is_sent:
                    self._send(code.to_bytes(2, "big"), CLOSE)
                    self._await_close(sock, timeout)
            except (TransportError, OSError, FrameError):
                pass
        self._release()

    def _await_close(self, sock: Any, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while self._reader.close is None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return
            sock.settimeout(remaining)
            data = sock.recv(_READ_SIZE)
            if not data:
                return
            self._reader.feed(data)

    def _release(self) -> None:
        ws, self._ws = self._ws, None
        self._sock, self._is_tls = None, False
        if ws is not None:
            with contextlib.suppress(OSError):
                ws.shutdown()

    def abort(self) -> None:
        """Make a blocked ``open`` or ``send`` of another thread fail at once."""
        self._aborted = True
        self._opening.end()
        sock = getattr(self._ws, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError, ValueError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    bundle = ca_bundle or os.environ.get("WEBSOCKET_CLIENT_CA_BUNDLE")
    try:
        if bundle:
            trust(context, bundle)
        else:
            context.load_default_certs()
            if not context.cert_store_stats()["x509_ca"]:
                # A Python without the system's certificates, as from python.org on macOS: fall back
                # to those that requests brings.
                import certifi

                context.load_verify_locations(cafile=certifi.where())
    except OSError as error:  # ssl.SSLError is one
        raise TransportError(
            f"The certificates in {bundle!r} cannot be read ({_words(error)}). Give a file in PEM "
            "format.",
            lasting=True,
        ) from error
    return context


def _closed(frame: CloseFrame) -> TransportError:
    words = server_words(frame.reason)
    reason = f": {words}" if words else ""
    code = "no code" if frame.code is None else f"code {frame.code}"
    return TransportError(
        f"The server closed the connection with {code}{reason}.",
        code=frame.code,
        reason=words,
    )


def _words(error: BaseException) -> str:
    return server_words(str(error)) or type(error).__name__
