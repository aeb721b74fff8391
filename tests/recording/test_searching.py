"""What searches find: beginnings, signs, and the best."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kick_live import Channel, ChatMessage, User
from kick_live.recording import ChatStore
from kick_live.recording.words import fold, marks
from recording.recordings import CHANNEL, START, found


def add(store, *contents, user=1):
    store.add_many(
        ChatMessage(
            id=f"{user}-{content}",
            sender=User(id=user, username=f"user{abs(user)}"),
            content=content,
            created_at=START + timedelta(seconds=number),
            channel=Channel(**CHANNEL),
        )
        for number, content in enumerate(contents)
    )


@pytest.mark.parametrize("length", range(1, 9))
def test_beginnings_of_any_length(store, length):
    """Those that the index has, and longer ones."""
    add(store, "lanterns", "lemon", "Lantérn lit", "xlantern")
    expected = ["Lantérn lit", "lanterns"] if length > 1 else ["Lantérn lit", "lemon", "lanterns"]
    if length == 8:
        expected = ["lanterns"]
    assert found(store, "lanterns"[:length] + "*") == expected
    assert set(found(store, "lanterns"[:length] + "*", order="best")) == set(expected)


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ("!!!", ["no!!!!", "what?!!!", "stop!!!"]),
        ("?!", ["what?!!!"]),
        ("!?", []),
        (":)", ["nice :)"]),
        ("! ?", []),
        ("... -", ["wait... - no"]),
        ("!!!!!!!!!!!!", []),
        ("¿", ["¿qué?"]),
        ("《", ["《今日》"]),
        ("]", []),
    ],
)
def test_signs_are_found(store, text, contents):
    """What stands between words is found literally; an emote's own brackets are none of it."""
    add(store, "stop!!!", "fine!", "what?!!!", "nice :)", "wait... - no", "¿qué?", "《今日》")
    add(store, "no!!!!", "[emote:39001:WaveHi]", "no signs")
    assert found(store, text) == contents
    assert set(found(store, text, order="best")) == set(contents)


def test_signs_of_rare_kinds_are_found(store):
    """What the index does not know is looked for in the texts themselves."""
    add(store, "a \u0301 b", "a b")
    assert found(store, "\u0301") == ["a \u0301 b"]


def test_signs_do_not_part_a_phrase(store):
    """Words stand together although a comma is between them."""
    add(store, "left, path", "path left")
    assert found(store, '"left path"') == ["left, path"]


def test_signs_with_other_filters(store):
    """Signs of a user, before a time, left standing."""
    add(store, "one!", "two!")
    add(store, "three!", user=2)
    assert found(store, "!", user="user1") == ["two!", "one!"]
    assert found(store, "!", until=START + timedelta(seconds=1)) == ["three!", "one!"]
    assert found(store, "!", removed=True) == []


def test_odd_ids_are_told_apart(store):
    """A user whose id is negative is found alone."""
    add(store, "gg one", user=-5)
    add(store, "gg two", user=5)
    assert found(store, "gg", user=-5) == ["gg one"]
    assert found(store, "gg", user=5) == ["gg two"]


def test_a_forgotten_user_leaves_no_signs(store):
    """Signs leave the index with their message."""
    add(store, "bye!?")
    assert store.forget("user1") == 1
    assert found(store, "!?") == found(store, "b*") == []


def test_the_best_are_chosen_before_they_are_cut(store):
    """The limit cuts the worst, not the oldest, and filters count before."""
    add(store, "left left left", *(f"left and many other words {n}" for n in range(50)))
    add(store, "left left left left", user=2)
    until = START + timedelta(seconds=40)
    assert found(store, "left", order="best", limit=1, user="user1") == ["left left left"]
    assert found(store, "left", order="best", limit=1) == ["left left left left"]
    assert found(store, "left", order="best", limit=2, until=until)[1] == "left left left"
    assert found(store, "left", order="best", limit=1, removed=False) == ["left left left left"]


def test_beginnings_weigh_nothing(store):
    """The best are chosen by whole words; among beginnings alone, the newest come first."""
    add(store, "left left lantern", "left lantern lamp lamp", "lamp")
    assert found(store, "left la*", order="best")[0] == "left left lantern"
    assert found(store, "la*", order="best") == found(store, "la*")
    assert found(store, "left missing*", order="best") == []


SIGNS = "!?.,:;-_()[]<>@#'\"*¿《。！"


@given(
    contents=st.lists(st.text("ab " + SIGNS, max_size=14), max_size=6, unique=True),
    text=st.text(SIGNS + " ", min_size=1, max_size=10),
)
@settings(max_examples=80, deadline=None)
def test_signs_are_found_like_any_part_of_a_text(tmp_path_factory, contents, text):
    """The index finds what a look at each message would find."""
    with ChatStore(tmp_path_factory.mktemp("signs") / "chat.db") as store:
        add(store, *contents)
        wanted = text.strip()
        expected = {c for c in contents if wanted in c} if wanted else set(contents)
        assert set(found(store, text)) == expected


@given(st.text())
def test_any_text_is_prepared(content):
    """Whatever people write, preparing it for the index raises nothing."""
    assert isinstance(fold(content), str)
    assert isinstance(marks(content), str)


ODD = [
    "\ud83d",
    "a\x00b",
    "\x00",
    "a\x00",
    "*\x00",
    '"\x00',
    "\ud83d\ude00",
    "[emote:1:\ud800]",
    "\ufeff",
]


@pytest.mark.parametrize("order", ["newest", "best"])
@pytest.mark.parametrize("text", ODD)
def test_odd_text_can_be_searched_for(store, text, order):
    """Halves of pairs and the character 0 raise nothing, and find what was stored of them."""
    add(store, f"so {text} it", "other")
    assert "other" not in found(store, text, order=order)
    assert found(store, "other", user=text) == found(store, "other", channel=text) == []
    assert store.forget(text) == 0


def test_a_word_behind_the_character_0_is_found(store):
    """Text does not end there."""
    add(store, "left\x00path")
    assert found(store, "path") == found(store, "left path") == ["left\x00path"]


@given(st.text(max_size=30), st.sampled_from(["newest", "best"]))
@settings(max_examples=200, deadline=None)
def test_any_search_is_answered(whatever, text, order):
    """No text makes SQLite, or Python, complain."""
    assert isinstance(whatever.search(text, order=order), list)


@pytest.fixture(scope="module")
def whatever(tmp_path_factory):
    with ChatStore(tmp_path_factory.mktemp("any") / "chat.db") as store:
        add(store, "left path!", "a b c")
        yield store


@pytest.mark.parametrize("number", [2**70, -(2**70), 2**63, 0])
def test_ids_that_nobody_can_have(store, number):
    """Numbers that no database holds find nothing."""
    add(store, "gg")
    assert found(store, "gg", user=number) == found(store, user=number) == []
    assert found(store, "gg", channel=number) == found(store, channel=number) == []
    assert store.forget(number) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"text": None}, "text must be text"),
        ({"text": 5}, "text must be text"),
        ({"user": 1.5}, "user must be a name or an id"),
        ({"user": True}, "user must be a name or an id"),
        ({"channel": b"x"}, "channel must be a name or an id"),
        ({"since": "2026"}, "since must be a datetime"),
        ({"until": START.date()}, "until must be a datetime"),
        ({"limit": "5"}, "limit must be a whole number"),
        ({"limit": 2.0}, "limit must be a whole number"),
        ({"removed": "no"}, "removed must be True, False or None"),
        ({"order": None}, "order must be"),
    ],
)
def test_arguments_of_the_wrong_type_are_refused(store, options, words):
    """Each is named, with what it should have been."""
    add(store, "gg")
    with pytest.raises((TypeError, ValueError), match=words):
        store.search(**options)


@pytest.mark.parametrize("limit", [0, -1, 2**70])
def test_any_limit(store, limit):
    """None and less are none; more than there are, are all."""
    add(store, "gg")
    assert len(found(store, "gg", limit=limit)) == (limit > 0)
    assert len(found(store, limit=limit)) == (limit > 0)
