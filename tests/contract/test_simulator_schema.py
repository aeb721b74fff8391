"""Every frame of the simulator's Centrifugo side fits the protocol's own schema.

The schema is the ``Reply`` message in the client library for Python. Its ``data`` is bytes, where
JSON puts the publication itself, so that is taken out first; whatever else it does not know is an
error.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import websocket
from servers.fixtures import skip_or_fail
from servers.install import NotInstalled

from kick_live.testing import KickSimulator, Settings, SimulatedChannel


class Recorder:
    """A bare socket that keeps every document that came over it."""

    def __init__(self, simulator: KickSimulator) -> None:
        answer = requests.post(
            f"{simulator.url}/api/v1/realtime/auth/connection", json={"client_id": "c"}, timeout=5
        )
        self.token = answer.json()["data"]["token"]
        url = f"ws{simulator.url[4:]}/connection/websocket"
        self.socket = websocket.create_connection(url, timeout=5, suppress_origin=True)
        self.documents: list[dict[str, Any]] = []
        self._number = 0

    def call(self, method: str, **fields: Any) -> dict[str, Any]:
        """Send a command and read until its reply."""
        self._number += 1
        self.socket.send(json.dumps({"id": self._number, method: fields}))
        return self.read_until(lambda document: document.get("id") == self._number)

    def read_until(self, wanted: Any) -> dict[str, Any]:
        """Read until a document that fits, answering pings."""
        while True:
            new = [json.loads(line) for line in self.socket.recv().split("\n")]
            self.documents += new
            if {} in new:
                self.socket.send("{}")
            for document in new:
                if wanted(document):
                    return document


@pytest.fixture(scope="module")
def fits() -> Any:
    """Gives what is wrong with a document, or None."""
    if importlib.util.find_spec("centrifuge") is None:
        skip_or_fail(NotInstalled("centrifuge-python is not installed"))
    from centrifuge.protocol.client_pb2 import Reply
    from google.protobuf.json_format import ParseDict, ParseError

    def check(document: dict[str, Any]) -> str | None:
        copy: dict[str, Any] = json.loads(json.dumps(document))
        publication = copy.get("push", {}).get("pub", {})
        if "data" in publication:
            publication["data"] = ""
        try:
            ParseDict(copy, Reply())
        except ParseError as error:
            return f"{error} in {document}"
        return None

    return check


@pytest.fixture
def simulator() -> Iterator[KickSimulator]:
    with KickSimulator(settings=Settings(max_topics=7)) as running_simulator:
        running_simulator.add_channel("amber-quokka")
        yield running_simulator


@pytest.fixture
def channel(simulator: KickSimulator) -> SimulatedChannel:
    return simulator.channel("amber-quokka")


@pytest.fixture
def recorder(simulator: KickSimulator) -> Iterator[Recorder]:
    recorder = Recorder(simulator)
    yield recorder
    recorder.socket.shutdown()


def test_the_schema_finds_mistakes(fits: Any) -> None:
    """A field or a type that the protocol does not have is found, so the other tests can fail."""
    assert fits({"id": 1, "subscribe": {}}) is None
    assert fits({"push": {"channel": "a", "pub": {"data": {"event": "x"}}}}) is None
    assert fits({"id": 1, "subscribe": {"topic": "a"}}) is not None
    assert fits({"id": 1, "connect": {"ping": "soon"}}) is not None
    assert fits({"error": "no"}) is not None


def test_replies_and_errors(
    simulator: KickSimulator, channel: SimulatedChannel, recorder: Recorder, fits: Any
) -> None:
    """Replies to every command, granted or refused, fit."""
    assert "client" in recorder.call("connect", token=recorder.token, name="js")["connect"]
    simulator.refuse_topic("refused", 103)
    simulator.refuse_topic("later", 100, temporary=True)
    for topic in ("refused", "later", "", "private-channel_1", *channel.topics, "more", "extra"):
        recorder.call("subscribe", channel=topic)
    recorder.call("subscribe", channel=channel.chat_topic)
    simulator.grant_compaction()
    recorder.call("unsubscribe", channel=channel.chat_topic)
    assert recorder.call("subscribe", channel=channel.chat_topic, flag=1)["subscribe"]["id"]
    channel.chat("by number")
    recorder.read_until(lambda document: "pub" in document.get("push", {}))
    recorder.call("refresh", token=recorder.token)
    for method in ("publish", "rpc", "history", "presence", "presence_stats"):
        recorder.call(method, channel="x")
    codes = {document["error"]["code"] for document in recorder.documents if "error" in document}
    assert codes >= {100, 103, 105, 106, 107, 108}
    assert [problem for problem in map(fits, recorder.documents) if problem] == []


def test_pushes(
    simulator: KickSimulator, channel: SimulatedChannel, recorder: Recorder, fits: Any
) -> None:
    """Publications of every action, pings, and what is pushed off fit."""
    recorder.call("connect", token=recorder.token)
    for topic in channel.topics:
        recorder.call("subscribe", channel=topic)
    message = channel.chat("hello 👋")
    channel.reply("hello too", message)
    channel.celebrate()
    channel.pin(message)
    channel.unpin()
    channel.ban("loud_talker", 5)
    channel.unban("loud_talker")
    channel.delete_message(message)
    channel.update_settings(slow_mode_seconds=5)
    channel.subscribe("copperkite")
    channel.gift_subs(["lark_hollow", "fern_gully", "acorn_e"], "copperkite", chunks=2)
    channel.gift_kicks(500, "copperkite")
    channel.redeem_reward("Hydrate!")
    channel.poll("tea or coffee?", ["tea", "coffee"])
    channel.delete_poll()
    channel.go_live()
    channel.host("tidal_tom", 5)
    channel.go_offline()
    channel.clear()
    simulator.ping()
    recorder.read_until(lambda document: document == {})
    simulator.unsubscribe_push(channel.topics[1], 2500, "insufficient state")
    simulator.disconnect_push(3001, "shutdown")
    recorder.read_until(lambda document: "disconnect" in document.get("push", {}))
    names = {
        document["push"]["pub"]["data"]["event"]
        for document in recorder.documents
        if "pub" in document.get("push", {})
    }
    assert len(names) >= 18
    assert [problem for problem in map(fits, recorder.documents) if problem] == []
