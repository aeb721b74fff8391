import io
import re
from datetime import datetime, timedelta, timezone

import attrs
import pytest
from filled_events import filled
from rich.cells import cell_len
from rich.console import Console

from kick_live import (
    EVENT_CLASSES,
    Badge,
    BadgeV2,
    ChatMessage,
    ErrorOccurred,
    Event,
    GiftedSubscriptions,
    Identity,
    MessageDeleted,
    Reconnected,
    User,
    UserBanned,
    decode,
)
from kick_live.cli.output import TextWriter
from kick_live.cli.render import render
from kick_live.safe import neutralise

MAPLE = User(username="Maple_Harbor", identity=Identity(color="#000010"))
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"


def message(content="gg", sender=MAPLE, **fields):
    return ChatMessage(id="1", sender=sender, content=content, **fields)


@pytest.mark.parametrize("cls", EVENT_CLASSES, ids=lambda cls: cls.__name__)
def test_every_event_has_a_harmless_line(cls):
    """Each kind of event reads as one line, in which nothing reaches the terminal."""
    text = render(filled(cls, "a\x1b[2J\nb\u202e\x9b[red]c\ud800")).plain
    assert text
    assert not any(char < " " or "\x7f" <= char < "\xa0" or char == "\u202e" for char in text)
    assert "\ud800" not in text


def test_badges_become_marks():
    """Badges stand before the name in a fixed order; months and gifts are with their marks."""
    badges = (
        Badge(type="sub_gifter", count=25),
        Badge(type="subscriber", count=14),
        Badge(type="moderator"),
        Badge(type="from_the_future"),
    )
    sender = User(username="pebble", identity=Identity(badges=badges, badges_v2=(BadgeV2(),)))
    assert render(message(sender=sender)).plain == "mod ★14 ♥25 pebble: gg"


def test_emotes_are_names():
    """Emotes are shown by name, apart from each other."""
    content = "hey[emote:1:WaveHi][emote:2:Clap] [emote:x:no]"
    assert render(message(content)).plain.endswith("hey:WaveHi: :Clap: [emote:x:no]")


def test_markup_is_text():
    """Rich's markup and emoji codes in chat are text."""
    text = render(message("[link=http://example.org]x[/link] :smile: [/]"))
    assert text.plain.endswith(": [link=http://example.org]x[/link] :smile: [/]")


def test_replies_quote_their_author():
    """A reply names whom it answers, and quotes the beginning."""
    payload = (
        '{"id": "2", "content": "same", "type": "reply", "sender": {"username": "pebble"},'
        ' "metadata": {"original_sender": {"username": "larkspur"},'
        ' "original_message": {"id": "1", "content": "a long story about the left path"}}}'
    )
    text = render(decode("ChatMessageEvent", payload)).plain
    assert text == "pebble ↪ larkspur “a long story about the left…”: same"


def test_replies_without_a_quotation():
    """A reply whose original Kick did not quote reads all the same."""
    assert render(message(type="reply")).plain == "Maple_Harbor ↪ an older message: gg"


def test_an_event_newer_than_its_line_shows_its_fields():
    """A class without a line of its own is shown as its fields."""

    @attrs.frozen(kw_only=True)
    class MoonPhase(Event):
        kind = "moon_phase"
        phase: str

    assert render(MoonPhase(phase="full\x1b")).plain == "· moon phase phase=full\ufffd"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (GiftedSubscriptions(count=1), "🎁 an anonymous viewer gave 1 subscription"),
        (
            GiftedSubscriptions(
                count=7,
                gifter_username="big_spruce",
                gifted_usernames=tuple("abcdefg"),
                gifter_lifetime_total=1207,
            ),
            "🎁 big_spruce gave 7 subscriptions to a, b, c, d, e and 2 more (1,207 in all)",
        ),
        (UserBanned(user=MAPLE, permanent=True), "🔨 Maple_Harbor was banned"),
        (
            UserBanned(
                user=MAPLE,
                duration=timedelta(minutes=90),
                banned_by=User(username="Gate_Keeper", id=4),
            ),
            "🔨 Maple_Harbor was timed out for 1 h 30 min by Gate_Keeper",
        ),
        (
            UserBanned(user=MAPLE, permanent=True, banned_by=User(username="moderator", id=0)),
            "🔨 Maple_Harbor was banned",
        ),
        (
            Reconnected(gap=timedelta(seconds=3.42), recovered=2, complete=True),
            "● back after 3.4 s, 2 events recovered, nothing is missing",
        ),
        (
            Reconnected(gap=timedelta(days=1), reason="history was refused"),
            "● back after 1 d, messages may be missing (history was refused)",
        ),
        (ErrorOccurred(error=RuntimeError("no\nway")), "✖ no way"),
    ],
)
def test_lines(event, line):
    """Events read as sentences."""
    assert render(event).plain == line


def test_deleted_message_says_by_whom():
    """A deletion says whether Kick's moderation did it."""
    event = decode("MessageDeletedEvent", '{"message": {"id": "1"}, "aiModerated": true}')
    assert isinstance(event, MessageDeleted)
    assert render(event).plain == "❌ a message was deleted by Kick's moderation"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain", "plain"),
        ("a\r\n\tb\u2028c\x85d", "a b c d"),
        ("\x00\x1b\x7f\x90", "\ufffd" * 4),
        ("\u202eab\u2066c\u200fd\ufeff\u200b\U000e0041", "abcd"),
        (FAMILY, FAMILY),
        ("می\u200cخواهم שלום", "می\u200cخواهم שלום"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
        ("\ud83d", "\ufffd"),
        ("", ""),
    ],
)
def test_neutralise(text, safe):
    """Controls become visible, overrides vanish, writing systems and emoji survive."""
    assert neutralise(text) == safe


def written(event, width=None, **options):
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=width is not None,
        color_system="truecolor" if width else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    TextWriter(console, **options).write(event)
    return file.getvalue()


@pytest.mark.parametrize("content", ["word " * 60, "今日の配信も楽しかった！" * 12, FAMILY * 80])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_long_lines_are_wrapped_under_their_beginning(content, width):
    """On a terminal no line is wider than it, counted in cells, and none loses a character."""
    out = re.sub("\x1b\\[[0-9;]*m", "", written(message(content), width))
    lines = out.rstrip("\n").split("\n")
    assert len(lines) > 1
    assert all(cell_len(line) <= width for line in lines)
    assert all(line.startswith(" " * 9) for line in lines[1:])
    joined = "".join(line[9:] for line in lines).replace(" ", "")
    assert joined == "Maple_Harbor:" + content.replace(" ", "")


def test_a_pipe_gets_one_long_plain_line():
    """Elsewhere a message is one line without colours, however long."""
    out = written(message("word " * 100))
    assert out.count("\n") == 1
    assert "\x1b" not in out


def test_colours_on_a_terminal():
    """On a terminal a name has its owner's colour, made readable, and the text has none."""
    out = written(message(), 80)
    assert "\x1b[1;38;2;" in out
    assert "38;2;0;0;16m" not in out
    assert out.endswith("gg\n")


def test_no_color_is_honoured(monkeypatch):
    """With NO_COLOR there is no colour even on a terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "38;2" not in written(message(), 80)


def test_history_has_its_own_time():
    """What was read from history shows when it was written, in local time."""
    then = datetime(2026, 10, 1, 12, 34, 56, tzinfo=timezone.utc)
    out = written(message(created_at=then, historical=True))
    assert out.startswith(f"{then.astimezone():%H:%M:%S} ")
