"""Topics of a channel."""

from __future__ import annotations

import pytest
from make import CHANNEL

from kick_live.session.topics import chat_topic, topic_scope, topics_of


def test_a_channel_has_six_topics() -> None:
    """Rooms and channels have different numbers, which are never mixed."""
    assert set(topics_of(CHANNEL)) == {
        "chatrooms.71.v2",
        "chatrooms.71",
        "chatroom_71",
        "channel.73",
        "channel_73",
        "predictions-channel-73",
    }
    assert len(topics_of(CHANNEL)) == 6
    assert chat_topic(CHANNEL) in topics_of(CHANNEL)


def test_every_topic_of_a_channel_leads_back_to_it() -> None:
    """The scope of a topic is its room or its channel."""
    assert {topic_scope(topic) for topic in topics_of(CHANNEL)} == {
        ("room", CHANNEL.chatroom_id),
        ("channel", CHANNEL.channel_id),
    }


@pytest.mark.parametrize(
    ("topic", "scope"),
    [
        ("chatrooms.5.v2", ("room", 5)),
        ("chatrooms_5", ("room", 5)),
        ("chatroom.5", ("room", 5)),
        ("channel.5", ("channel", 5)),
        ("channel_5", ("channel", 5)),
        ("predictions-channel-5", ("channel", 5)),
        ("private-channel_5", None),
        ("chatrooms.abc.v2", None),
        ("drops_category_5", None),
        ("predictions-channel-5x", None),
        ("xchatrooms.5", None),
        ("", None),
    ],
)
def test_the_name_of_a_topic_says_its_scope(topic: str, scope: tuple[str, int] | None) -> None:
    """What does not look like a room or a channel has none."""
    assert topic_scope(topic) == scope
