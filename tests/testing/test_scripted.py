import gzip
import json
import threading

import pytest

from kick_live import (
    ChatMessage,
    KickAPI,
    KickClient,
    KicksGifted,
    KicksLeaderboardUpdated,
    RecordingError,
    Subscription,
)
from kick_live.recording import Recorder
from kick_live.testing import KickSimulator, Scenario

SUBSCRIPTION = {"username": "copperkite", "months": 13}


def message(number):
    return {"id": f"m{number}", "content": f"line {number}", "sender": {"username": "pebble"}}


def written(tmp_path, *steps):
    path = tmp_path / "scenario.jsonl"
    path.write_text("\n".join(s if isinstance(s, str) else json.dumps(s) for s in steps))
    return path


def step(at=0, channel="amber-quokka", event="App\\Events\\ChatMessageEvent", data=None, **more):
    return {
        "at": at,
        "channel": channel,
        "event": event,
        "data": message(at) if data is None else data,
        **more,
    }


class Clock:
    """Stands in for time and for the event that ends the play: waiting moves the time on."""

    def __init__(self, stop_after=1000):
        self.now = 100.0
        self.waits = []
        self.stop_after = stop_after

    def monotonic(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(seconds)
        self.now += seconds

    def is_set(self):
        return len(self.waits) > self.stop_after


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("kick_live.testing.scripted.time", clock)
    return clock


def test_steps_reach_a_client_on_the_usual_topics(simulator, tmp_path):
    """Steps come as typed events, each on the topic that Kick uses for it."""
    path = written(
        tmp_path,
        "# a quiet evening",
        step(0),
        "",
        step(0.01, event="SubscriptionEvent", data=SUBSCRIPTION),
        step(0.02, event="KicksGifted", data={"gift": {"amount": 50}}),
    )
    scenario = Scenario(path)
    with (
        KickAPI(simulator.endpoints, min_interval=0) as api,
        KickClient("amber-quokka", api=api) as client,
    ):
        client.connect(timeout=5)
        assert scenario.play(simulator, speed=100) == 3
        last = client.wait_for(KicksGifted, timeout=5)
        assert last.amount == 50
        assert last.topic == f"channel_{last.channel.channel_id}"


def test_text_is_published_as_it_is(simulator, tmp_path):
    """A payload given as text may be broken on purpose."""
    path = written(tmp_path, step(event="SubscriptionEvent", data="{broken"))
    with (
        KickAPI(simulator.endpoints, min_interval=0) as api,
        KickClient("amber-quokka", api=api) as client,
    ):
        client.connect(timeout=5)
        Scenario(path).play(simulator, speed=None)
        assert client.wait_for("undecodable_event", timeout=5).raw == "{broken"


@pytest.mark.parametrize(("speed", "total"), [(1.0, 8.0), (4.0, 2.0), (0.5, 16.0)])
def test_speed_divides_the_time(simulator, tmp_path, clock, speed, total):
    """The steps are as far apart as written, divided by the speed."""
    path = written(tmp_path, step(0), step(2), step(8))
    Scenario(path).play(simulator, speed=speed, stop=clock)
    assert clock.now - 100.0 == pytest.approx(total)


def test_without_a_speed_nothing_waits(simulator, tmp_path, clock):
    """None plays as fast as possible."""
    path = written(tmp_path, step(0), step(3600))
    assert Scenario(path).play(simulator, speed=None, stop=clock) == 2
    assert clock.waits == []


def test_steps_are_played_by_time(tmp_path):
    """The order of the lines does not matter; equal times keep theirs."""
    path = written(tmp_path, step(3), step(1, data=message("a")), step(1, data=message("b")))
    scenario = Scenario(path)
    assert [s.data["id"] for s in scenario.steps] == ["ma", "mb", "m3"]
    assert scenario.duration == 3


def test_playing_can_be_stopped(simulator, tmp_path):
    """An event that is set ends it before the next step."""
    path = written(tmp_path, step(0), step(3600))
    stop = threading.Event()
    played = []
    thread = threading.Thread(
        target=lambda: played.append(Scenario(path).play(simulator, stop=stop))
    )
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert played[0] <= 1


def test_missing_channels_are_added(tmp_path):
    """A simulator without the scenario's channels gets them."""
    path = written(tmp_path, step(0), step(0, channel="Copper-Heron"))
    scenario = Scenario(path)
    assert scenario.channels == ("amber-quokka", "copper-heron")
    with KickSimulator() as simulator:
        scenario.add_channels(simulator)
        scenario.add_channels(simulator)
        assert sorted(simulator.channels) == ["amber-quokka", "copper-heron"]


def recorded(tmp_path, name="chat.jsonl"):
    """A recording of two messages and a gift; its path and its channel."""
    path = tmp_path / name
    with KickSimulator() as simulator:
        quokka = simulator.add_channel("amber-quokka", channel_id=880011, chatroom_id=990022)
        with (
            KickAPI(simulator.endpoints, min_interval=0) as api,
            KickClient("amber-quokka", api=api) as client,
            Recorder(client, path),
        ):
            client.connect(timeout=5)
            quokka.chat("one")
            quokka.chat("two")
            quokka.gift_kicks(50)
            client.wait_for(KicksLeaderboardUpdated, timeout=5)  # which follows the gift
    return path


@pytest.mark.parametrize("name", ["chat.jsonl", "chat.jsonl.gz"])
def test_a_recording_plays_again(tmp_path, name):
    """What was recorded live comes again, in a channel with the recorded ids."""
    scenario = Scenario(recorded(tmp_path, name))
    assert scenario.channels == ("amber-quokka",)
    with KickSimulator() as simulator:
        scenario.add_channels(simulator)
        assert simulator.channel("amber-quokka").chatroom_id == 990022
        with (
            KickAPI(simulator.endpoints, min_interval=0) as api,
            KickClient("amber-quokka", api=api) as client,
        ):
            client.connect(timeout=5)
            texts = []
            client.on(ChatMessage, lambda message: texts.append(message.content))
            assert scenario.play(simulator, speed=None) >= 3
            client.wait_for(KicksGifted, timeout=5)
            assert texts == ["one", "two"]


def test_a_recording_finds_a_channel_with_other_ids(simulator, tmp_path):
    """Topics are translated to the ids that the simulator's channel has."""
    scenario = Scenario(recorded(tmp_path))
    with (
        KickAPI(simulator.endpoints, min_interval=0) as api,
        KickClient("amber-quokka", api=api) as client,
    ):
        client.connect(timeout=5)
        scenario.play(simulator, speed=None)
        assert client.wait_for(KicksGifted, timeout=5).channel.channel_id != 880011


def test_markers_and_history_of_a_recording_are_left_out(tmp_path):
    """Only what arrived live is played."""
    path = recorded(tmp_path)
    before = len(Scenario(path).steps)
    lines = path.read_text().splitlines()
    payload = next(json.loads(line) for line in lines if "ChatMessageEvent" in line)
    payload["historical"] = True
    path.write_text("\n".join([*lines, json.dumps(payload), ""]))
    assert len(Scenario(path).steps) == before


def edited(path, **changes):
    """Let a recording end with its last payload, with keys changed; the line's number."""
    lines = path.read_text().splitlines()
    while '"raw"' not in lines[-1]:
        lines.pop()
    *before, last = lines
    path.write_text("\n".join([*before, json.dumps({**json.loads(last), **changes})]) + "\n")
    return len(before) + 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"raw": {}}, "raw"), ({"at": "soon"}, "at"), ({"name": None}, "neither a payload nor")],
    ids=lambda value: "",
)
def test_a_damaged_line_of_a_recording_is_to_be_mended(tmp_path, changes, reason):
    """The error advises what can be done with a scenario, and keeps the line's number."""
    path = recorded(tmp_path)
    number = edited(path, **changes)
    with pytest.raises(RecordingError, match=f"line {number}, is damaged: .*{reason}") as caught:
        Scenario(path)
    assert "mend the line, or take it out" in str(caught.value)
    assert "skip_damaged" not in str(caught.value)
    assert (caught.value.path, caught.value.line) == (str(path), number)


def test_damage_to_a_packed_recording_has_no_advice_that_fails(tmp_path):
    """What cannot be unpacked is told without an argument that Scenario does not take."""
    path = recorded(tmp_path, "chat.jsonl.gz")
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(bytes(packed))
    with pytest.raises(RecordingError) as caught:
        Scenario(path)
    assert "skip_damaged" not in str(caught.value)


def test_a_bad_last_line_is_told_of(tmp_path, caplog):
    """A last line without its end that says nothing is left out with a warning, as by Replay."""
    path = recorded(tmp_path)
    before = len(Scenario(path).steps)
    number = edited(path, raw={})
    path.write_text(path.read_text().rstrip("\n"))
    assert not caplog.records
    assert len(Scenario(path).steps) == before - 1
    [warning] = caplog.records
    assert f"ends in the middle, after line {number - 1} (20" in warning.getMessage()


def test_a_good_last_line_needs_no_end(tmp_path, caplog):
    """An editor that leaves out the last line feed makes no difference."""
    path = recorded(tmp_path)
    before = len(Scenario(path).steps)
    path.write_text(path.read_text().rstrip("\n"))
    assert len(Scenario(path).steps) == before
    assert not caplog.records


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "3",
        '{"at": 1}',
        '{"at": "soon", "channel": "a", "event": "b"}',
        '{"at": -1, "channel": "a", "event": "b"}',
        '{"at": NaN, "channel": "a", "event": "b"}',
        '{"at": true, "channel": "a", "event": "b"}',
        '{"at": 1, "channel": 7, "event": "b"}',
        '{"at": 1, "channel": "a", "event": "b", "topic": 7}',
        "[" * 100_000,
    ],
)
def test_a_line_without_sense_is_named(tmp_path, line):
    """The error has the file and the line's number."""
    path = written(tmp_path, step(0), line)
    with pytest.raises(RecordingError, match="line 2") as caught:
        Scenario(path)
    assert (caught.value.path, caught.value.line) == (str(path), 2)


def test_a_missing_file_is_named(tmp_path):
    """A wrong path is told as any other trouble with files."""
    with pytest.raises(RecordingError, match=r"none\.jsonl"):
        Scenario(tmp_path / "none.jsonl")


def test_an_empty_file_plays_nothing(simulator, tmp_path):
    """A scenario without steps ends at once."""
    scenario = Scenario(written(tmp_path))
    assert (scenario.play(simulator), scenario.duration, scenario.channels) == (0, 0.0, ())


def test_scenarios_may_be_packed(tmp_path):
    """What ends in .gz is unpacked."""
    path = tmp_path / "scenario.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(step(0)).encode()))
    assert len(Scenario(path).steps) == 1


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_must_be_above_zero(simulator, tmp_path, speed):
    """Nonsense is refused before anything is played."""
    with pytest.raises(ValueError, match="speed"):
        Scenario(written(tmp_path, step(0))).play(simulator, speed=speed)


def test_a_subscription_needs_no_topic(simulator, tmp_path):
    """Unknown and known events find a topic; a given one is used as it is."""
    topic = f"chatroom_{simulator.channel('amber-quokka').chatroom_id}"
    path = written(tmp_path, step(event="SubscriptionEvent", data=SUBSCRIPTION, topic=topic))
    with (
        KickAPI(simulator.endpoints, min_interval=0) as api,
        KickClient("amber-quokka", api=api) as client,
    ):
        client.connect(timeout=5)
        Scenario(path).play(simulator, speed=None)
        assert client.wait_for(Subscription, timeout=5).topic == topic
