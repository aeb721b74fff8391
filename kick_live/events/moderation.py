"""Bans, time-outs and what lifts them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from attrs import frozen

from kick_live.events.base import Event, Time
from kick_live.events.units import minutes
from kick_live.models.user import User

__all__ = ["UserBanned", "UserUnbanned"]


@frozen(kw_only=True, eq=False, repr=False)
class UserBanned(Event):
    """A user was banned, or timed out.

    Sent on ``chatrooms.R.v2`` as UserBannedEvent, once a ban; the user's messages are then to be
    hidden, without a ``MessageDeleted`` for each. A second ban replaces the first.

    Attributes:
        id: The event's id.
        user: Who was banned.
        banned_by: Who did it. The id is 0 where Kick hides the actor.
        permanent: False for a time-out. Early 2024 frames lack it; then it follows from
            ``expires_at``.
        duration: Length of a time-out (Kick sends minutes); ``None`` for bans.
        expires_at: End of a time-out; ``None`` for bans.
    """

    kind: ClassVar[str] = "user_banned"
    wire_names: ClassVar[tuple[str, ...]] = ("UserBannedEvent",)

    user: User
    id: str | None = None
    banned_by: User | None = None
    permanent: bool = False
    duration: timedelta | None = None
    expires_at: Time | None = None

    @property
    def is_timeout(self) -> bool:
        """Whether it ends by itself."""
        return not self.permanent

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Turn minutes into a duration, and derive what early frames lack."""
        shaped = {**payload, "duration": minutes(payload.get("duration"))}
        if not isinstance(payload.get("permanent"), bool):
            shaped["permanent"] = not (payload.get("expires_at") or payload.get("duration"))
        return shaped


@frozen(kw_only=True, eq=False, repr=False)
class UserUnbanned(Event):
    """A ban or time-out was lifted.

    Sent on ``chatrooms.R.v2`` as UserUnbannedEvent; mass unbans come as a burst of single events.

    Attributes:
        id: The event's id.
        user: Whose ban was lifted.
        unbanned_by: Who lifted it.
        permanent: What was lifted: True for a ban, False for a time-out, ``None`` in 2024 frames.
    """

    kind: ClassVar[str] = "user_unbanned"
    wire_names: ClassVar[tuple[str, ...]] = ("UserUnbannedEvent",)

    user: User
    id: str | None = None
    unbanned_by: User | None = None
    permanent: bool | None = None
