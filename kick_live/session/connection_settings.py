"""How connections behave."""

from __future__ import annotations

from attrs import field, frozen

__all__ = ["ConnectionSettings"]


@frozen(kw_only=True)
class ConnectionSettings:
    """How connections behave; times in seconds.

    Attributes:
        open_timeout: For opening a socket, all steps together.
        activity_timeout: Silence after which a Pusher server is asked for a sign of life.
        pong_timeout: How long to wait for that sign.
        ping_margin: Beyond a Centrifugo server's ping interval, after which it counts as dead.
        proxy: For the WebSocket; ``""`` for none, ``None`` for the environment's.
        ca_bundle: A file of certificates to trust instead of the system's.
        user_agent: For the handshake.
        max_message_size: In bytes.
    """

    open_timeout: float = 10.0
    activity_timeout: float = 120.0
    pong_timeout: float = 30.0
    ping_margin: float = 10.0
    proxy: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    user_agent: str = "Mozilla/5.0"
    max_message_size: int = 1 << 20
