"""The examples that print or write lines do what they say, on a simulator."""

from __future__ import annotations

import contextlib
import sqlite3
import threading


def test_the_logger_appends(client, channel, play, tmp_path, capsys) -> None:
    """Every message becomes one line, whatever is in it; what was in the file stays."""
    import chat_logger

    path = tmp_path / "chat.log"
    path.write_text("before\n", "utf-8")
    play(lambda: channel.chat("one\n\x1b[2Jtwo 🎶 [emote:39001:WaveHi]", username="Maple_Harbor"))
    chat_logger.main(client, path)
    before, first, last = path.read_text("utf-8").splitlines()
    assert before == "before"
    assert first.endswith(" Maple_Harbor: one  [2Jtwo 🎶 :WaveHi:")
    assert last.endswith(" pebble: that is all")
    assert capsys.readouterr().out.splitlines() == [first, last]


def test_gifts_are_told_once(client, channel, play, capsys) -> None:
    """A drop's siblings make no second alert; small gifts are counted, not told."""
    import gift_alert

    def happen() -> None:
        channel.gift_subs(["acorn_001", "acorn_002"], gifter="big_spruce")
        channel.gift_subs(["acorn_003"], gifter=None)
        channel.gift_kicks(10, username="larkspur")
        channel.gift_kicks(500, username="larkspur", message="great run")
        channel.subscribe("yuzu_cha", months=13)

    play(happen)
    gift_alert.main(client, least_kicks=100)
    first, *alerts, total = capsys.readouterr().out.splitlines()
    assert first.startswith("Waiting for gifts")
    # What arrives on different topics has no order among each other.
    assert sorted(alerts) == [
        "\a*** Somebody gave 1 subscription ***",
        "\a*** big_spruce gave 2 subscriptions ***",
        "\a*** larkspur gave 500 Kicks: great run ***",
        "\a*** yuzu_cha subscribed, month 13 ***",
    ]
    assert total == "In all: 3 subscriptions given, 510 Kicks"


def test_the_last_vote_counts(client, channel, play, capsys) -> None:
    """One vote a person; case and blanks make no difference, other messages are no votes."""
    import vote_counter

    def happen() -> None:
        channel.chat("forest", username="larkspur")
        channel.chat(" Desert ", username="larkspur")
        channel.chat("DESERT", username="pebble")
        channel.chat("harbour", username="yuzu_cha")
        channel.chat("desert is nice", username="golden_moth")

    play(happen)
    result = vote_counter.main(client, ["harbour", "desert", "forest"])
    assert result == {"desert": 2, "harbour": 1}
    bars = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert bars == [
        ["desert", "#" * 30, "2"],
        ["harbour", "#" * 15, "1"],
        ["forest", "0"],
    ]


def test_speech_leaves_out_what_was_removed(client, channel, play) -> None:
    """While the first sentence is spoken, one waiting message is deleted and one author banned."""
    import text_to_speech

    all_removed, said = threading.Event(), []

    def speak(text: str) -> None:
        said.append(text)
        assert all_removed.wait(20)
        if len(said) == 2:
            client.close()

    def happen() -> None:
        channel.chat("hello", username="larkspur")
        channel.delete_message(channel.chat("free stuff", username="spamlink"))
        channel.chat("what a bore", username="loud_talker")
        channel.ban("loud_talker")
        channel.chat("[emote:39001:WaveHi]", username="pebble")
        channel.chat("good evening", username="yuzu_cha")
        channel.unban("loud_talker")

    client.on("connected", lambda _: happen())
    client.on("user_unbanned", lambda _: all_removed.set())
    text_to_speech.main(client, speak)
    assert said == ["larkspur says hello", "yuzu_cha says good evening"]


def test_speech_does_not_fall_behind(client, channel, play, capsys) -> None:
    """What the queue has no room for is left out, and the program says so."""
    import text_to_speech

    over = threading.Event()

    def happen() -> None:
        for number in range(30):
            channel.chat(f"line {number}", username="larkspur")

    play(happen)
    client.on("disconnected", lambda _: over.set())
    said = []

    def speak(text: str) -> None:
        said.append(text)
        over.wait(20)

    text_to_speech.main(client, speak)
    left_out = capsys.readouterr().out.count("left out a message by")
    # One is being spoken, unless the worker had not begun.
    assert 31 - text_to_speech.WAITING - 1 <= left_out <= 31 - text_to_speech.WAITING
    assert said[:1] in ([], ["larkspur says line 0"])
    assert len(said) <= 1


def test_moderation_is_logged(client, channel, play, tmp_path) -> None:
    """Each action makes one row, and a deletion has the words that were deleted."""
    import moderation_log

    def happen() -> None:
        spam = channel.chat("free\nstuff", username="spamlink")
        channel.delete_message(spam, ai=True)
        channel.ban("loud_talker", minutes=5)
        channel.ban("spamlink")
        channel.unban("loud_talker")
        channel.pin(channel.chat("read the rules", username="helperdesk"))
        channel.unpin()
        channel.clear()

    play(happen)
    path = tmp_path / "moderation.db"
    moderation_log.main(client, path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT channel, action, user, moderator, detail FROM log")
        found = rows.fetchall()
    assert {row[0] for row in found} == {"amber-quokka"}
    assert [row[1:] for row in found] == [
        ("message_deleted", "spamlink", "automatic", "free\nstuff"),
        ("user_banned", "loud_talker", "Gate_Keeper", "0:05:00"),
        ("user_banned", "spamlink", "Gate_Keeper", "permanent"),
        ("user_unbanned", "loud_talker", "Gate_Keeper", None),
        ("pinned_message_created", "helperdesk", "Gate_Keeper", "read the rules"),
        ("pinned_message_deleted", None, None, None),
        ("chatroom_clear", None, None, None),
    ]


def test_the_loop_goes_on_beside_chat(client, channel) -> None:
    """Chat changes what the program wants, and the program's own steps take it there."""
    import main_loop

    class Watched(main_loop.Lamp):
        def step(self) -> None:
            super().step()
            if self.wanted == self.brightness == 30:
                client.close()

    def happen() -> None:
        channel.chat("!on", username="larkspur")
        channel.chat("!dimmer", username="larkspur")
        channel.chat("!DIM", username="pebble")

    client.on("connected", lambda _: happen())
    lamp = Watched()
    main_loop.main(client, lamp)
    assert lamp.brightness == 30
