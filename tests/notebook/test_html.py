"""What a notebook shows of values: readable, and harmless whatever strangers write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kick_live import (
    Badge,
    BadgeV2,
    ChatMessage,
    Event,
    GiftedSubscriptions,
    Identity,
    KickClient,
    PinnedMessageCreated,
    PollUpdate,
    Stats,
    UnknownEvent,
    User,
    decode,
)
from kick_live.notebook import chat
from kick_live.notebook.chart import MinuteChart
from kick_live.testing import KickSimulator

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=timezone.utc)
ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
#: The only tags that the library writes.
TAGS = {"div", "span", "bdi", "b", "code", "img", "table", "tr", "th", "td"}
DRAWING = {"svg", "title", "rect", "path", "g", "text"}
ATTRIBUTES = {"style", "title", "src", "alt", "referrerpolicy"}


class Reader(HTMLParser):
    """Collects what a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def pictures(self) -> list[dict[str, str | None]]:
        """The attributes of each picture."""
        return [attributes for tag, attributes in self.tags if tag == "img"]


def read(value: Any) -> Reader:
    """What a notebook shows of a value; checks that nothing foreign is in it."""
    found = Reader(value._repr_html_())
    assert {tag for tag, _ in found.tags} <= TAGS
    assert {name for _, attributes in found.tags for name in attributes} <= ATTRIBUTES
    assert not found.open
    for picture in found.pictures():
        source = picture["src"] or ""
        assert source.startswith(("https://files.kick.com/", "https://ext.cdn.kick.com/"))
    return found


def message(content: str = "hello", **options: Any) -> ChatMessage:
    sender = options.pop("sender", User(username="Maple"))
    return ChatMessage(id="1", sender=sender, content=content, created_at=NOON, **options)


def test_a_message_shows_who_says_what() -> None:
    """Name, words and emotes are there; an emote is a picture from Kick's address."""
    found = read(message("gg [emote:39001:WaveHi]"))
    assert "Maple: gg" in found.text
    assert found.pictures()[0]["src"] == "https://files.kick.com/emotes/39001/fullsize"
    assert found.pictures()[0]["alt"] == ":WaveHi:"


def test_badges_are_shown() -> None:
    """Roles are marks with their number; the newer badges that are worn are pictures."""
    address = "https://ext.cdn.kick.com/chat/badges/55.png"
    identity = Identity(
        badges=(Badge(type="subscriber", count=14), Badge(type="moderator")),
        badges_v2=(
            BadgeV2(name="level", image_url=address, selected=True),
            BadgeV2(name="other", image_url=address + "x", selected=False),
        ),
    )
    found = read(message(sender=User(username="Maple", identity=identity)))
    assert "mod ★14" in found.text
    assert [picture["src"] for picture in found.pictures()] == [address]


def test_pictures_from_elsewhere_are_not_fetched() -> None:
    """A badge with a stranger's address stays out, so nobody learns who reads the notebook."""
    for address in ("https://example.org/x.png", "javascript:alert(1)", ATTACK):
        badge = BadgeV2(name="x", image_url=address, selected=True)
        user = User(username="Maple", identity=Identity(badges_v2=(badge,)))
        assert not read(message(sender=user)).pictures()


@pytest.mark.parametrize(
    "event",
    [
        message(ATTACK),
        message("x", sender=User(username=ATTACK)),
        message("x", sender=User(username="a", identity=Identity(color=ATTACK))),
        message(
            sender=User(username="a", identity=Identity(badges=(Badge(type=ATTACK, text=ATTACK),)))
        ),
        message(f"[emote:1:{ATTACK}]"),
        PinnedMessageCreated(message=message(ATTACK), duration=timedelta(minutes=2)),
        GiftedSubscriptions(gifter_username=ATTACK, gifted_usernames=(ATTACK,)),
        UnknownEvent(name=ATTACK, raw=ATTACK),
        decode("PollUpdateEvent", {"poll": {"title": ATTACK, "options": [{"id": 0}]}}),
    ],
    ids=lambda event: event.kind,
)
def test_what_strangers_write_stays_text(event: Event) -> None:
    """No tag, attribute or style of theirs gets in, wherever they put it."""
    for _, attributes in read(event).tags:
        assert "script" not in (attributes.get("style") or "")


@given(st.text(), st.text(), st.text())
def test_any_text_is_harmless(content: str, username: str, color: str) -> None:
    """Whatever the characters, a message is whole, and has only the library's tags."""
    identity = Identity(color=color)
    read(message(content, sender=User(username=username, identity=identity)))


def test_a_style_takes_nothing_but_a_colour() -> None:
    """A name's colour is six hexadecimal digits, also when its owner sent something else."""
    for color in ("#31D6C2", "red;background:url(https://example.org)", "", None):
        user = User(username="Maple", identity=Identity(color=color))
        styles = [attributes["style"] for tag, attributes in read(message(sender=user)).tags]
        assert not any("url" in (style or "") or "red" in (style or "") for style in styles)


def test_lines_cannot_be_turned_around() -> None:
    """Characters that reverse the writing of what follows are taken out."""
    assert "\u202e" not in read(message("abc\u202edef")).text


def test_a_reply_shows_what_it_answers() -> None:
    """The quoted message and its author stand before the answer."""
    payload = {
        "id": "2",
        "type": "reply",
        "content": "this!",
        "sender": {"id": 8, "username": "Fern"},
        "metadata": {
            "original_sender": {"id": 7, "username": "Maple"},
            "original_message": {"id": "1", "content": "left path"},
        },
    }
    found = read(decode("ChatMessageEvent", payload))
    assert found.text.index("left path") < found.text.index("this!")
    assert "Maple" in found.text


def test_a_quoted_name_keeps_its_colour() -> None:
    """Dimmed like the words around it, a name in a dark colour could not be read."""
    sender = {"id": 7, "username": "Maple", "identity": {"color": "#31429b"}}
    metadata = {"original_sender": sender, "original_message": {"id": "1", "content": "left"}}
    author = {"id": 8, "username": "Fern"}
    payload = {
        "id": "2",
        "type": "reply",
        "content": "this!",
        "sender": author,
        "metadata": metadata,
    }
    before, name, _ = decode("ChatMessageEvent", payload)._repr_html_().partition("Maple")
    assert name
    assert before.count("<span") == before.count("</span>")


def test_an_event_shows_its_fields() -> None:
    """Every field that says something is there, with its unit; others are not."""
    found = read(decode("PollUpdateEvent", {"poll": {"title": "Where?", "remaining": 20}}))
    assert isinstance(decode("PollUpdateEvent", {"poll": {}}), PollUpdate)
    assert "Where?" in found.text
    assert "20 s" in found.text
    assert "has voted" not in found.text


def test_values_of_several_parts_stand_below_each_other() -> None:
    """The options of a poll are told apart at a glance."""
    options = [{"id": 0, "label": "Desert", "votes": 12}, {"id": 1, "label": "Forest", "votes": 11}]
    poll = decode("PollUpdateEvent", {"poll": {"title": "Where?", "options": options}})
    assert not read(poll).open
    rows = "<div>id 0; label Desert; votes 12</div><div>id 1; label Forest; votes 11</div>"
    assert rows in poll._repr_html_()


def test_long_fields_are_cut() -> None:
    """A field of many values says how many more there are."""
    names = tuple(f"acorn_{number}" for number in range(100))
    found = read(GiftedSubscriptions(gifter_username="cedar", gifted_usernames=names))
    assert "and 90 more" in found.text


def test_figures_show_trouble_first() -> None:
    """What was dropped is named; a quiet client has none."""
    assert "2 dropped" in read(Stats(received=1200, dropped=2)).text
    assert "1,200 received" in read(Stats(received=1200)).text
    assert "none" in read(Stats()).text


def test_a_client_shows_its_state() -> None:
    """Channels and state, also before it is connected; showing it connects nothing."""
    client = KickClient("amber-quokka")
    assert "amber-quokka" in read(client).text
    assert "not connected" in read(client).text


def test_a_closed_client_shows_nothing_as_open() -> None:
    """Its last figures stay, without sockets and topics that are no more."""
    with KickSimulator() as simulator:
        simulator.add_channel("amber-quokka")
        with KickClient(
            "amber-quokka", endpoints=simulator.endpoints, remember_ids=False
        ) as client:
            client.connect(timeout=10)
            text = read(client).text
            assert "1 open" in text
            assert "subscribed" in text
    text = read(client).text
    assert "centrifugo, closed" in text
    assert "open" not in text
    assert "subscribed" not in text


def test_chat_shows_the_newest() -> None:
    """``chat`` takes any events and shows the last of them, in order."""
    shown = chat([message(f"line {number}") for number in range(5)], last=2)
    text = read(shown).text
    assert "line 2" not in text
    assert text.index("line 3") < text.index("line 4")


def test_chat_needs_a_sensible_number() -> None:
    """Nothing to show is a mistake."""
    with pytest.raises(ValueError, match="at least 1"):
        chat([], last=0)


def test_the_chart_counts_by_the_minute() -> None:
    """Each minute with messages has a bar that names its number; old minutes are forgotten."""
    chart = MinuteChart(minutes=10)
    for minute in (0, 0, 0, 3, 30):
        chart.count(NOON + timedelta(minutes=minute))
    drawn = Reader(chart.svg(now=NOON + timedelta(minutes=30)))
    assert {tag for tag, _ in drawn.tags} <= DRAWING
    assert [tag for tag, _ in drawn.tags].count("rect") == 1
    early = MinuteChart(minutes=10)
    for minute in (0, 0, 0, 3):
        early.count(NOON + timedelta(minutes=minute))
    assert ": 3" in Reader(early.svg(now=NOON + timedelta(minutes=4))).text


def test_the_chart_marks_what_happened() -> None:
    """A mark carries its words, escaped; a minute keeps a few."""
    chart = MinuteChart(minutes=10)
    for _ in range(50):
        chart.mark(NOON, ATTACK)
    drawn = Reader(chart.svg(now=NOON))
    assert {tag for tag, _ in drawn.tags} <= DRAWING
    assert drawn.text.count("alert(1)</script>") == 5


def test_the_chart_stays_small() -> None:
    """A chat of days keeps no more than its minutes."""
    chart = MinuteChart(minutes=10)
    for minute in range(5000):
        chart.count(NOON + timedelta(minutes=minute))
    assert len(chart.svg(now=NOON + timedelta(minutes=5000))) < 5000


def test_the_chart_needs_minutes() -> None:
    """A chart of one minute shows nothing, so it is refused."""
    with pytest.raises(ValueError, match="at least 2"):
        MinuteChart(minutes=1)
