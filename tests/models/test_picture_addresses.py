"""Which pictures are Kick's."""

from __future__ import annotations

import pytest

from kick_live.models.pictures import badge_label, badge_picture, emote_picture, worn_badges
from kick_live.models.user import BadgeMetadata, BadgeV2, Identity, User

CDN = "https://ext.cdn.kick.com/chat/badges/"


@pytest.mark.parametrize("name", ["55.png", "12_0a9f-x.webp", "global/level/3.png"])
def test_a_badge_on_kicks_server_has_a_picture(name):
    """Names of files, also in folders."""
    assert badge_picture(BadgeV2(image_url=CDN + name)) == CDN + name


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        CDN,
        CDN + "../../x.png",
        CDN + "a/../../x.png",
        CDN + "%2e%2e/x.png",
        CDN + "x.png?who=1",
        CDN + "x.png#1",
        CDN + 'x.png" onerror="y',
        CDN + "x\n.png",
        CDN + "x.png\n",
        CDN + "x" * 200,
        "http://ext.cdn.kick.com/chat/badges/55.png",
        "https://ext.cdn.kick.com.example.org/chat/badges/55.png",
        "https://ext.cdn.kick.com@example.org/chat/badges/55.png",
        "https://example.org/chat/badges/55.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
    ],
)
def test_a_badge_elsewhere_has_none(address):
    """Another server, another folder, a query, or what is no address at all."""
    assert badge_picture(BadgeV2(image_url=address)) is None


def test_an_emotes_picture():
    """An id makes an address."""
    assert emote_picture("39001") == "https://files.kick.com/emotes/39001/fullsize"


def test_badges_in_words():
    """The name, and the level of the badge that has one."""
    assert badge_label(BadgeV2(name="level", metadata=BadgeMetadata(level=0))) == "level 0"
    assert badge_label(BadgeV2(name="lantern")) == "lantern"
    assert badge_label(BadgeV2()) == "badge"


def test_only_badges_that_are_worn():
    """Those that a user has, but does not show, are left out, also where Kick does not say."""
    badges = tuple(BadgeV2(name=str(worn), selected=worn) for worn in (True, False, None))
    user = User(username="Maple", identity=Identity(badges_v2=badges))
    assert [badge.name for badge in worn_badges(user)] == ["True"]
