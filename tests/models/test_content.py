"""Message content: text and emotes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kick_live.models.content import (
    Emote,
    Text,
    parse_content,
    plain_text,
    readable_text,
)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ()),
        ("gg", (Text("gg"),)),
        ("[emote:1:a]", (Emote("1", "a"),)),
        ("[emote:1:a][emote:2:b]", (Emote("1", "a"), Emote("2", "b"))),
        ("x[emote:1:a]y", (Text("x"), Emote("1", "a"), Text("y"))),
        ("[emote:x:a]", (Text("[emote:x:a]"),)),
        ("[emote:1:]", (Text("[emote:1:]"),)),
        ("[emote:1]", (Text("[emote:1]"),)),
        ("[emote:1:a", (Text("[emote:1:a"),)),
        ("[emote:1:a:b c]", (Emote("1", "a:b c"),)),
        ("[emote:١:a]", (Text("[emote:١:a]"),)),
    ],
)
def test_content_is_split(content: str, parts: tuple[object, ...]) -> None:
    """What does not match a token exactly stays text."""
    assert parse_content(content) == parts


_TOKENS = st.sampled_from(
    ["[emote:1:a]", "[emote:22:Wave Hi]", "[emote:", "]", "a", " ", "👍🏽", ":"]
)


@settings(max_examples=100, deadline=None)
@given(content=st.lists(_TOKENS | st.text(max_size=4), max_size=8).map("".join))
def test_the_parts_joined_are_the_content(content: str) -> None:
    """Nothing is lost, and no empty text is made."""
    parts = parse_content(content)
    assert "".join(map(str, parts)) == content
    assert all(str(part) for part in parts)
    kinds = [type(part) for part in parts]
    assert (Text, Text) not in itertools.pairwise(kinds)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("gg", "gg"),
        ("  two  spaces  ", "  two  spaces  "),
        ("gg [emote:1:a] all", "gg all"),
        ("[emote:1:a]", ""),
        (" [emote:1:a] x", "x"),
        ("[emote:x:a]  b", "[emote:x:a]  b"),
    ],
)
def test_text_without_emotes_closes_the_gaps(content: str, text: str) -> None:
    """Text that never had emotes is left as it is."""
    assert plain_text(content) == text


def test_an_emote_has_a_picture() -> None:
    """On Kick's CDN."""
    assert Emote("39001", "WaveHi").url == "https://files.kick.com/emotes/39001/fullsize"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("", ""),
        ("gg", "gg"),
        ("[emote:1:a]", ":a:"),
        ("x[emote:1:a]y", "x:a:y"),
        ("[emote:1:a][emote:2:b] [emote:3:c]", ":a: :b: :c:"),
        ("so:[emote:1:a]", "so: :a:"),
        ("[emote:x:a]", "[emote:x:a]"),
    ],
)
def test_emotes_are_read_as_names(content: str, shown: str) -> None:
    """An emote is its name between colons; what is none stays as it was written."""
    assert readable_text(content) == shown
