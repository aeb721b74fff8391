"""Values that REST answers are made of."""

from __future__ import annotations

from typing import Any

import pytest

from kick_live.events.tolerant import convert
from kick_live.models.channel import Channel, ChannelInfo, ChannelRef, SubscriberBadge
from kick_live.models.livestream import Category, Livestream
from kick_live.models.people import ChannelUser, EmoteSet, ListedEmote


def made(cls: Any, **payload: Any) -> Any:
    """An instance out of an answer."""
    return convert(cls.reshape(payload), cls)


@pytest.mark.parametrize(
    ("ref", "complete"),
    [
        (ChannelRef("a"), False),
        (ChannelRef(channel_id=1), False),
        (ChannelRef(chatroom_id=1), False),
        (ChannelRef(channel_id=1, chatroom_id=2), True),
    ],
)
def test_a_reference_with_both_ids_is_complete(ref: ChannelRef, complete: bool) -> None:
    """A name alone has to be looked up."""
    assert ref.is_complete is complete


def test_channels_are_equal_by_their_ids_and_name() -> None:
    """What was looked up besides does not matter."""
    known = Channel(slug="a", channel_id=1, chatroom_id=2, user_id=3, username="A")
    assert known == Channel(slug="a", channel_id=1, chatroom_id=2)
    assert known != Channel(slug="a", channel_id=1, chatroom_id=3)


ANSWER: dict[str, Any] = {
    "id": 73,
    "slug": "amber-quokka",
    "user_id": 5,
    "chatroom": {"id": 71, "chat_mode": "public"},
    "user": {"id": 5, "username": "Amber", "profile_pic": "pic", "bio": "hi"},
    "subscriber_badges": [
        {"id": 2, "months": 6, "badge_image": {"src": "six"}},
        {"id": 1, "months": 1, "badge_image": {"src": "one"}},
        {"id": 3, "months": "x", "badge_image": None},
        None,
    ],
    "livestream": {"id": 9, "session_title": "late", "is_live": True},
}


def test_a_channels_answer_is_gathered() -> None:
    """Kick spreads it over the channel, its chatroom and its user."""
    info = made(ChannelInfo, **ANSWER)
    assert (info.slug, info.channel_id, info.chatroom_id) == ("amber-quokka", 73, 71)
    assert (info.user_id, info.username, info.bio) == (5, "Amber", "hi")
    assert (info.profile_picture, info.chat_mode) == ("pic", "public")
    assert info.is_live
    assert info.livestream.title == "late"


@pytest.mark.parametrize("livestream", [None, [], {"id": 9, "is_live": False}])
def test_a_channel_without_a_running_broadcast_is_offline(livestream: Any) -> None:
    """One that is over counts as none."""
    info = made(ChannelInfo, **{**ANSWER, "livestream": livestream})
    assert (info.is_live, info.livestream) == (False, None)


def test_badges_are_worn_by_months() -> None:
    """The highest that is not above; whatever Kick's order is."""
    info = made(ChannelInfo, **ANSWER)
    assert [info.badge_for(months).image_url for months in (1, 5, 6, 60)] == [
        *("one", "one", "six", "six"),
    ]
    assert ChannelInfo(channel=info.channel).badge_for(3) is None
    assert info.subscriber_badges[-1] == SubscriberBadge(months=6, image_url="six", id=2)


def test_a_channel_with_parts_missing_is_read() -> None:
    """Blocks of another shape count as empty; the ids are needed."""
    info = made(ChannelInfo, id=73, slug="a", chatroom={"id": 71}, user=[], subscriber_badges=7)
    assert (info.username, info.subscriber_badges) == (None, ())
    with pytest.raises(ValueError, match="channel"):
        made(ChannelInfo, id=73, slug="a", chatroom=None)


def test_livestreams_of_all_endpoints_come_together() -> None:
    """Viewers, categories and pictures have two names each."""
    one = made(
        Livestream,
        id=9,
        viewers=4,
        category={"id": 1, "name": "Games"},
        thumbnail={"src": "pic"},
        session_title="late",
    )
    assert (one.viewers, one.category.name, one.thumbnail_url) == (4, "Games", "pic")
    assert one.title == "late"
    other = made(
        Livestream,
        id=9,
        viewer_count=5,
        categories=[{"id": 2, "name": "Art", "category": {"id": 1}}, None],
        thumbnail={"url": "pic2"},
        channel={"id": 73, "slug": "amber-quokka", "user": {"username": "Amber"}},
    )
    assert (other.viewers, other.category.parent_id, other.thumbnail_url) == (5, 1, "pic2")
    assert (other.channel_id, other.channel_slug, other.username) == (73, "amber-quokka", "Amber")
    bare = made(Livestream, id=9, thumbnail="text", channel={"user": None})
    assert (bare.category, bare.thumbnail_url, bare.username) == (None, "text", None)


@pytest.mark.parametrize(
    ("payload", "parent"),
    [
        ({}, None),
        ({"category_id": 4}, 4),
        ({"parent_category": {"id": 5}}, 5),
        ({"category": {"id": 6}}, 6),
        ({"parent_category": None, "category": None}, None),
    ],
)
def test_a_category_knows_its_parent(payload: dict[str, Any], parent: int | None) -> None:
    """Under any of three names."""
    assert made(Category, id=1, name="x", **payload).parent_id == parent


def test_a_channels_user_is_read() -> None:
    """A ban of any form is a yes."""
    user = made(ChannelUser, id=1, username="maple", profile_pic="pic", banned={"reason": "x"})
    assert (user.profile_picture, user.is_banned) == ("pic", True)
    assert not made(ChannelUser, id=1, username="maple", banned=None).is_banned


def test_sets_of_emotes_have_text_for_ids() -> None:
    """The site's sets have names for ids, channels' have numbers."""
    own = made(
        EmoteSet, id=73, slug="amber-quokka", emotes=[{"id": 39001, "name": "WaveHi"}, None, 7]
    )
    assert (own.id, own.name, own.is_global) == ("73", "amber-quokka", False)
    assert own.emotes == (ListedEmote(id="39001", name="WaveHi"),)
    assert own.emotes[0].url.endswith("/39001/fullsize")
    site = made(EmoteSet, id="Global", name="Global", emotes=None)
    assert (site.is_global, site.emotes) == (True, ())
