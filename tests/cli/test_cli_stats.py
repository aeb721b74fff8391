import json
import signal

import pytest
from command_process import wait_until
from rich.console import Console

from kick_live import Channel, ChatMessage, GiftedSubscriptions, User, ViewerCount
from kick_live.cli.dashboard import draw, summary
from kick_live.cli.tally import Tally
from kick_live.stats import Stats


class Clock:
    """A clock that the test sets."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tally(clock):
    return Tally(clock)


def message(name="Maple", content="hi"):
    return ChatMessage(id="1", sender=User(username=name), content=content)


def test_counts(tally):
    """People, emotes and gifts are counted, the most frequent first."""
    tally.take(message("Maple", "[emote:1:WaveHi][emote:1:WaveHi] hi"))
    tally.take(message("Maple"))
    tally.take(message("Fern", "[emote:2:Clap]"))
    tally.take(GiftedSubscriptions(count=5, gifted_usernames=("a",)))
    assert tally.top_chatters(1) == [("Maple", 2)]
    assert tally.top_emotes(5) == [("WaveHi", 2), ("Clap", 1)]
    assert (tally.messages, tally.chatters, tally.gifted) == (3, 2, 5)


def test_pace_is_that_of_the_last_minute(tally, clock):
    """Messages a minute follow the last minute; in the beginning they are projected."""
    clock.now += 4
    for _ in range(20):
        tally.take(message())
    assert tally.per_minute == 300
    clock.now += 26
    assert tally.per_minute == 40
    assert sum(tally.pace(60)) == 20
    clock.now += 33
    assert tally.per_minute == 20
    clock.now += 5
    assert tally.per_minute == 0


def test_memory_is_bounded(tally, monkeypatch):
    """Rare names are forgotten beyond a limit, frequent ones are not."""
    monkeypatch.setattr("kick_live.cli.tally._MOST", 100)
    for number in range(1000):
        tally.take(message("Maple"))
        tally.take(message(f"visitor{number}"))
    assert tally.chatters <= 100
    assert tally.top_chatters(1) == [("Maple", 1000)]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("height", [15, 24, 50])
def test_the_dashboard_fits(tally, clock, width, height):
    """The dashboard is no larger than the terminal, whatever the names, and shows all figures."""
    for number in range(30):
        tally.take(message(f"\x1b[2Jlong_name_楽_{number}" * 3, "[emote:1:WaveHiWaveHiWaveHi]"))
    clock.now += 10
    console = Console(width=width, record=True, force_terminal=False)
    with console.capture() as capture:
        console.print(draw(["amber-quokka"] * 5, tally, Stats(connections=1), width, height))
    lines = capture.get().splitlines()
    assert len(lines) <= height
    words = {word.strip("│") for line in lines for word in line.split()}
    assert words >= {
        "messages",
        "chatters",
        "subs",
        "gifted",
        "Kicks",
        "raids",
        "deleted",
        "0:00:10",
    }
    assert all(console.measure(line).maximum <= width for line in lines)
    assert "\x1b" not in capture.get()
    assert "30" in capture.get()


@pytest.mark.parametrize("width", [60, 80, 160])
def test_many_channels_do_not_hide_that_they_are_live(tally, width):
    """Names are cut before what is said of all of them is."""
    names = [f"a-channel-with-a-long-name-{number}" for number in range(5)]
    channel = Channel(slug=names[0], channel_id=1, chatroom_id=2)
    tally.take(ViewerCount(channel=channel, viewers=1234, livestream_id=1))
    console = Console(width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(draw(names, tally, Stats(connections=1), width, 24))
    head = capture.get().splitlines()[1]
    assert "a-channel" in head
    assert "● live  1,234 viewers" in head
    assert "0:00:00 │" in head


def test_names_use_the_room_there_is(tally):
    """On a wide terminal long names are not cut."""
    tally.take(message("somebody_with_a_rather_long_name"))
    console = Console(width=160, force_terminal=False)
    with console.capture() as capture:
        console.print(draw(["amber-quokka"], tally, Stats(connections=1), 160, 24))
    assert "somebody_with_a_rather_long_name" in capture.get()


def test_trouble_is_told(tally):
    """Reconnects and dropped events are in the line."""
    assert "2 reconnects · 1 dropped event" in summary(tally, Stats(reconnects=2, dropped=1))


def test_lines_in_a_pipe(start, simulator, channel):
    """Without a terminal there is a line each interval, and a last one at the end."""
    command = start("stats", "amber-quokka", "--interval", "0.2")
    simulator.wait_for_subscribers("amber-quokka", timeout=20)
    channel.chat("hello")
    channel.gift_subs(["a", "b", "c"])
    command.wait_for("1 message · 1 chatter · 0 subs · 3 gifted")
    assert command.end(signal.SIGINT) == 130


def test_json_ends_with_the_timeout(start, simulator, channel):
    """--json writes objects; --timeout ends with 0 and a last object."""
    command = start("stats", "tidal-tom", "--json", "--interval", "0.3", "--timeout", "3")
    simulator.wait_for_subscribers("tidal-tom", timeout=20)
    simulator.channel("tidal-tom").chat("hello", username="Maple")
    wait_until(lambda: command.out)
    assert command.end() == 0
    last = json.loads(command.out[-1])
    assert (last["channels"], last["messages"]) == (["tidal-tom"], 1)
    assert last["top_chatters"] == {"Maple": 1}
    assert last["viewers"] == 10
