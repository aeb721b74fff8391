"""Bare clients of the simulator: websocket-client and json, nothing of the library's own client."""

import json
import struct
import time
import uuid
from collections import deque

import requests
import websocket

TIMEOUT = 5.0
BOTH = [{"provider": "pusher"}, {"provider": "centrifugo"}]


def wait_until(condition, timeout=TIMEOUT):
    """Wait for a condition with a deadline; returns whether it came true."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def get(simulator, path, **options):
    """GET a path of the simulator."""
    return requests.get(simulator.url + path, timeout=TIMEOUT, **options)


def post(simulator, path, body, **options):
    """POST JSON to a path of the simulator."""
    return requests.post(simulator.url + path, json=body, timeout=TIMEOUT, **options)


def negotiate(simulator, providers=BOTH, channel_id=None):
    """Ask for a connection and return the answer's data."""
    body = {
        "client": {"id": "c1", "type": "web"},
        "capabilities": {"accepted_providers": providers},
    }
    where = "connection" if channel_id is None else f"channels/{channel_id}/chat/connection"
    return post(simulator, f"/api/v1/realtime/{where}", body).json()["data"]


def token(simulator, client_id=None):
    """Ask for a guest token."""
    body = {"client_id": client_id or str(uuid.uuid4())}
    return post(simulator, "/api/v1/realtime/auth/connection", body).json()["data"]["token"]


class Peer:
    """A WebSocket and the JSON documents that have come over it."""

    def __init__(self, url, **options):
        options.setdefault("suppress_origin", True)
        self.ws = websocket.create_connection(url, timeout=TIMEOUT, **options)
        self.documents = deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ws.shutdown()

    def send(self, *commands):
        texts = [c if isinstance(c, str) else json.dumps(c) for c in commands]
        self.ws.send("\n".join(texts))

    def frame(self, timeout=TIMEOUT):
        """The next frame as (opcode, data)."""
        self.ws.settimeout(timeout)
        opcode, frame = self.ws.recv_data_frame(True)
        return opcode, frame.data

    def next(self, timeout=TIMEOUT):
        """The next JSON document."""
        while not self.documents:
            opcode, data = self.frame(timeout)
            assert opcode == websocket.ABNF.OPCODE_TEXT, (opcode, data)
            self.documents.extend(json.loads(line) for line in data.decode().split("\n"))
        return self.documents.popleft()

    def close_code(self, timeout=TIMEOUT):
        """The code and reason of the close frame, once all else was read."""
        while True:
            opcode, data = self.frame(timeout)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return struct.unpack("!H", data[:2])[0], data[2:].decode()

    def hears_nothing(self, seconds=0.15):
        """Whether nothing arrives for a while."""
        if self.documents:
            return False
        try:
            self.frame(seconds)
        except websocket.WebSocketTimeoutException:
            return True
        return False

    def event(self):
        """The next application event as (topic, name, payload)."""
        while True:
            found = self.as_event(self.next())
            if found is not None:
                topic, name, data = found
                return topic, name, json.loads(data)


class Pusher(Peer):
    """A client of the Pusher side, greeted."""

    def __init__(self, simulator, *topics, query="?protocol=7", key=None, greeted=True, **options):
        url = simulator.endpoints.pusher if key is None else f"ws{simulator.url[4:]}/app/{key}"
        super().__init__(url + query, **options)
        if greeted:
            self.greeting = self.next()
        for topic in topics:
            self.subscribe(topic)
            assert self.next()["event"] == "pusher_internal:subscription_succeeded"

    def subscribe(self, topic):
        self.send({"event": "pusher:subscribe", "data": {"auth": "", "channel": topic}})

    @staticmethod
    def as_event(document):
        if document["event"].startswith("pusher"):
            return None
        return document["channel"], document["event"], document["data"]


class Centrifugo(Peer):
    """A client of the Centrifugo side, connected."""

    def __init__(self, simulator, *topics, connected=True, client_id=None, **options):
        super().__init__(f"ws{simulator.url[4:]}/connection/websocket", **options)
        self.id = 0
        if connected:
            self.reply = self.call("connect", token=token(simulator, client_id), name="js")
        for topic in topics:
            assert self.call("subscribe", channel=topic) == {"id": self.id, "subscribe": {}}

    def command(self, method, /, **fields):
        self.id += 1
        return {"id": self.id, method: fields}

    def call(self, method, /, **fields):
        self.send(self.command(method, **fields))
        others = []
        while (document := self.next()).get("id") != self.id:
            others.append(document)
        self.documents.extendleft(reversed(others))
        return document

    @staticmethod
    def as_event(document):
        if "pub" not in document.get("push", {}):
            return None
        push = document["push"]
        return push["channel"], push["pub"]["data"]["event"], push["pub"]["data"]["data"]


PEERS = {"pusher": Pusher, "centrifugo": Centrifugo}
