"""One HTTP request to a server on this machine, past any proxy that the environment names."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any

__all__ = ["request"]


def request(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    tls: ssl.SSLContext | None = None,
    timeout: float = 10.0,
) -> tuple[int, Any]:
    """Send a request to 127.0.0.1 and give the status and the answer, parsed if it is JSON.

    Args:
        port: Where the server listens.
        method: The HTTP method.
        path: The path with its query.
        body: The body, sent as JSON.
        tls: The context to speak TLS with, or None for plain HTTP.
        timeout: Seconds for connecting and for each read.

    Raises:
        OSError: The server cannot be reached.
    """
    connection: http.client.HTTPConnection
    if tls is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    else:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=tls)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except http.client.HTTPException as error:
        raise OSError(f"no HTTP answer from port {port}: {error}") from error
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text)
    except ValueError:
        return answer.status, text
