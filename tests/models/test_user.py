"""Users and their badges."""

from __future__ import annotations

import pytest

from kick_live import PollDelete
from kick_live.models.base import field_names
from kick_live.models.user import Badge, BadgeMetadata, BadgeV2, Identity, User


def wearing(*badges: Badge) -> User:
    """A user with badges."""
    return User(username="maple", identity=Identity(badges=badges))


@pytest.mark.parametrize(
    ("type", "question"),
    [
        ("broadcaster", "is_broadcaster"),
        ("moderator", "is_moderator"),
        ("vip", "is_vip"),
        ("og", "is_og"),
        ("founder", "is_founder"),
        ("subscriber", "is_subscriber"),
        ("founder", "is_subscriber"),
        ("sub_gifter", "is_sub_gifter"),
        ("verified", "is_verified"),
        ("staff", "is_staff"),
        ("bot", "is_bot"),
    ],
)
def test_a_badge_answers_its_question(type: str, question: str) -> None:
    """With it yes, without it no; other badges before it do not matter."""
    assert getattr(wearing(Badge(type="harvest_2027"), Badge(type=type)), question)
    assert not getattr(wearing(Badge(type="harvest_2027")), question)
    assert not getattr(User(username="maple"), question)


def test_badges_count() -> None:
    """Months and gifts; none without the badge, or without a number."""
    user = wearing(Badge(type="subscriber", count=7), Badge(type="sub_gifter", count=25))
    assert (user.subscriber_months, user.gifted_count) == (7, 25)
    assert (wearing(Badge(type="founder")).subscriber_months, wearing().gifted_count) == (
        None,
        None,
    )
    assert wearing(Badge(type="subscriber")).subscriber_months is None


def test_the_level_is_on_a_newer_badge() -> None:
    """The first that has one."""
    badges = (
        BadgeV2(name="cosmetic"),
        BadgeV2(name="empty", metadata=BadgeMetadata()),
        BadgeV2(name="level", metadata=BadgeMetadata(level=23)),
    )
    assert User(username="maple", identity=Identity(badges_v2=badges)).level == 23
    assert User(username="maple", identity=Identity(badges_v2=badges[:2])).level is None


@pytest.mark.parametrize(("given", "color"), [("#FFD899", "#FFD899"), ("", None), (None, None)])
def test_an_empty_colour_is_none(given: str | None, color: str | None) -> None:
    """Kick writes an empty text for it."""
    assert User(username="maple", identity=Identity(color=given)).color == color


def test_users_compare_by_value_and_cannot_be_changed() -> None:
    """They can be kept in sets."""
    assert len({User(username="maple", id=1), User(username="maple", id=1)}) == 1
    assert User(username="maple") != User(username="oak")
    with pytest.raises(AttributeError):
        User(username="maple").username = "oak"  # type: ignore[misc]
    assert wearing(Badge(type="vip")).badges == (Badge(type="vip"),)


def test_fields_can_be_listed() -> None:
    """Of events and of the values inside them; nothing else has any."""
    assert field_names(Badge(type="vip")) == ("type", "text", "count", "sort_order", "active")
    assert field_names(PollDelete())[:2] == ("channel", "topic")
    assert field_names("text") == ()
