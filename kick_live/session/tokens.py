"""Fetches new tokens for connections whose own run out."""

from __future__ import annotations

import logging
from typing import Final

from kick_live.errors import APIError, ClientClosed, NegotiationFailed
from kick_live.session.connection import Connection
from kick_live.session.worker import Worker

__all__ = ["Tokens"]

_logger = logging.getLogger(__name__)

_RETRY_AFTER: Final = (1.0, 3.0)


class Tokens:
    """Fetches in the background, so that the sockets are read meanwhile.

    Args:
        worker: One of its own: history of many channels, at one request a second, would keep a
            token waiting until it is too late.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def fetch(self, connection: Connection) -> None:
        """Fetch a token and hand it to the connection; returns at once."""
        self._worker.submit(lambda: self._fetch(connection, 0))

    def _fetch(self, connection: Connection, attempt: int) -> None:
        try:
            token = connection.connector.token()
        except ClientClosed:
            return
        except (APIError, NegotiationFailed) as error:
            _logger.info("fetching a new token failed: %s", error)
            if attempt < len(_RETRY_AFTER):
                self._worker.submit(
                    lambda: self._fetch(connection, attempt + 1), _RETRY_AFTER[attempt]
                )
            # Otherwise the server will end the connection, and the next one gets a new token.
            return
        connection.refresh(token.value)
