"""Throws away what the load source sends, to show how fast that is."""

from __future__ import annotations

import json
import os
import socket
import sys

from meter import read_task

_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def main() -> None:
    """Subscribe and read until killed."""
    task = read_task()
    with socket.create_connection(("127.0.0.1", task.port)) as connection:
        lines = ("GET /app/key HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade")
        head = "\r\n".join((*lines, f"Sec-WebSocket-Key: {_KEY}", "", ""))
        connection.sendall(head.encode())
        data = {"auth": "", "channel": "chatrooms.7712045.v2"}
        connection.sendall(_masked(json.dumps({"event": "pusher:subscribe", "data": data})))
        buffer = bytearray(1 << 20)
        while connection.recv_into(buffer):
            pass


def _masked(text: str) -> bytes:
    payload = text.encode()
    mask = os.urandom(4)
    head = bytes((0x81, 0x80 | len(payload))) + mask
    return head + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


if __name__ == "__main__":
    sys.exit(main())
