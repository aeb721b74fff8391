"""What follows from given fields, so that the others do not contradict them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kick_live.events import gifts, goals, moderation
from kick_live.events.base import Event
from kick_live.testing.defaults.base import LIFETIME_TOTAL, Fields, Moment, acorns

__all__ = ["follow"]


def follow(cls: type[Event], fields: Fields, given: Fields, at: Moment) -> None:
    """Adapt the defaults among an event's fields to those that were given.

    Args:
        cls: The event's class.
        fields: All fields; they are changed.
        given: Those that were given, which stay as they are.
        at: When it happens.
    """
    adapt = _FOLLOWING.get(cls)
    if adapt is not None:
        fields.update({n: v for n, v in adapt(fields, given, at).items() if n not in given})


def _ban(fields: Fields, given: Fields, at: Moment) -> Fields:
    ends = [given[name] for name in ("duration", "expires_at") if name in given]
    permanent = given.get("permanent", bool(ends) and not any(ends))
    if permanent:
        return {"permanent": True, "duration": None, "expires_at": None}
    if given.get("expires_at") is not None:
        return {"duration": given["expires_at"] - at.when}
    if fields["duration"] is not None:
        return {"expires_at": at.when + fields["duration"]}
    return {}


def _gifted(fields: Fields, given: Fields, at: Moment) -> Fields:
    names = fields["gifted_usernames"]
    if "count" in given and "gifted_usernames" not in given:
        names = acorns(given["count"])
    count = given.get("count", len(names))
    total = 0 if fields["gifter_username"] is None else max(LIFETIME_TOTAL, count)
    return {"count": count, "gifted_usernames": names, "gifter_lifetime_total": total}


def _kicks(fields: Fields, given: Fields, at: Moment) -> Fields:
    created, pinned = fields["created_at"], fields["gift"].pinned_time
    return {"expires_at": created + pinned if created and pinned else None}


def _achieved(fields: Fields, given: Fields, at: Moment) -> Fields:
    return {"current_value": fields["target_value"]}


_FOLLOWING: Final[dict[type[Event], Callable[[Fields, Fields, Moment], Fields]]] = {
    moderation.UserBanned: _ban,
    gifts.GiftedSubscriptions: _gifted,
    gifts.KicksGifted: _kicks,
    goals.GoalAchieved: _achieved,
}
