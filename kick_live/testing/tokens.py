"""Guest tokens: shaped like Kick's, and known to the simulator that made them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from typing import Any

from attrs import frozen

__all__ = ["GuestToken", "TokenStore"]


@frozen
class GuestToken:
    """What a token stands for.

    Attributes:
        client_id: The client it was made for.
        expires_at: When it ends, on the monotonic clock.
    """

    client_id: str
    expires_at: float


class TokenStore:
    """Makes guest tokens and remembers them. Every method may be called from any thread.

    Args:
        ttl: Seconds for which a token is valid.
    """

    def __init__(self, ttl: float) -> None:
        self.ttl = ttl
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self._tokens: dict[str, GuestToken] = {}

    def issue(self, client_id: str) -> str:
        """Make a token for a client: a JWT whose subject is ``guest:<client id>``."""
        issued = time.time()
        claims = {
            "sub": f"guest:{client_id}",
            "exp": int(issued + self.ttl),
            "iat": int(issued),
            "jti": secrets.token_hex(8),
        }
        head = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        signature = hmac.new(self._secret, head.encode(), hashlib.sha256).digest()
        token = f"{head}.{_base64(signature)}"
        with self._lock:
            self._tokens[token] = GuestToken(client_id, time.monotonic() + self.ttl)
        return token

    def find(self, token: str) -> GuestToken | None:
        """Return what a token stands for, or ``None`` for one that was never issued."""
        with self._lock:
            return self._tokens.get(token)

    def expire(self) -> None:
        """End every token issued so far."""
        now = time.monotonic()
        with self._lock:
            for text, token in self._tokens.items():
                self._tokens[text] = GuestToken(token.client_id, min(now, token.expires_at))


def _part(value: Any) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
