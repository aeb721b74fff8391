"""The numbers a simulated Kick runs on; the defaults are Kick's own where they are known."""

from __future__ import annotations

from typing import Final, Literal

from attrs import field, frozen, validators

from kick_live.net.endpoints import DEFAULT_PUSHER_KEY

__all__ = ["CENTRIFUGO_PATH", "SITE_ORIGIN", "Provider", "Settings"]

#: The realtime services that Kick's negotiation can name.
Provider = Literal["centrifugo", "pusher"]

#: The only Origin that Kick's Centrifugo server accepts besides none at all (9 October 2026).
SITE_ORIGIN: Final = "https://kick.com"

#: The path of the Centrifugo socket; Pusher's is ``/app/{key}``.
CENTRIFUGO_PATH: Final = "/connection/websocket"


@frozen(kw_only=True)
class Settings:
    """How a simulator behaves where nothing is scripted.

    Attributes:
        provider: What the negotiation prefers if the client accepts both.
        ping_interval: Seconds between the pings of the Centrifugo server.
        pong_timeout: Seconds after which a missing pong ends a Centrifugo connection.
        activity_timeout: Seconds of silence that Pusher's greeting allows.
        silence_grace: Seconds beyond ``activity_timeout`` before Pusher closes with 4201.
        token_ttl: Seconds for which a guest token is valid.
        expiry_grace: Seconds after a token's end before Centrifugo closes with 3005.
        stale_timeout: Seconds in which Centrifugo wants to see the connect command.
        history_page_size: Messages on a page of chat history.
        require_tokens: Whether Centrifugo refuses unknown and expired tokens.
        max_topics: Topics a Centrifugo connection may hold.
        pusher_key: The Pusher application that exists.
    """

    provider: Provider = field(
        default="centrifugo", validator=validators.in_(("centrifugo", "pusher"))
    )
    ping_interval: float = field(default=25.0, validator=validators.gt(0))
    pong_timeout: float = field(default=10.0, validator=validators.gt(0))
    activity_timeout: float = field(default=120.0, validator=validators.gt(0))
    silence_grace: float = 30.0
    token_ttl: float = 2700.0
    expiry_grace: float = 25.0
    stale_timeout: float = 15.0
    history_page_size: int = field(default=25, validator=validators.ge(1))
    require_tokens: bool = True
    max_topics: int = 128
    pusher_key: str = DEFAULT_PUSHER_KEY
