"""Goals: in 2026 a goal of followers is the only public sign of follows."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from kick_live.events.base import Event, Time

__all__ = [
    "GoalAchieved",
    "GoalCanceled",
    "GoalCreated",
    "GoalEvent",
    "GoalProgress",
    "GoalUpdated",
]


@frozen(kw_only=True, eq=False, repr=False)
class GoalEvent(Event):
    """The base of all events about a goal; ``on(GoalEvent)`` listens to all five.

    Sent on ``channel_C``, where the streamer runs a goal.

    Attributes:
        id: The goal's id, text.
        channel_id: Kick's internal id of the channel, **text**; not the channel id used elsewhere.
        type: ``followers``; others exist.
        target_value: Where it ends.
        current_value: Where it stands; may repeat or jump.
        status: ``active``, ``canceled``, or others.
        progress_bar_emoji_id: The picture on the bar.
        created_at: When it was made.
        updated_at: When it last changed.
        achieved_at: When it was reached, or ``None``.
        end_date: When it ends, or ``None``.
        count_from_creation: Whether it counts from zero.
    """

    kind: ClassVar[str] = "goal"

    id: str
    type: str | None = None
    target_value: int | None = None
    current_value: int | None = None
    status: str | None = None
    channel_id: str | None = None
    progress_bar_emoji_id: str | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    achieved_at: Time | None = None
    end_date: Time | None = None
    count_from_creation: bool | None = None


@frozen(kw_only=True, eq=False, repr=False)
class GoalCreated(GoalEvent):
    """A goal was set. Sent as GoalCreatedEvent."""

    kind: ClassVar[str] = "goal_created"
    wire_names: ClassVar[tuple[str, ...]] = ("GoalCreatedEvent",)


@frozen(kw_only=True, eq=False, repr=False)
class GoalUpdated(GoalEvent):
    """A goal was changed. Sent as GoalUpdatedEvent."""

    kind: ClassVar[str] = "goal_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("GoalUpdatedEvent",)


@frozen(kw_only=True, eq=False, repr=False)
class GoalProgress(GoalEvent):
    """A goal moved on. Sent as GoalProgressUpdateEvent."""

    kind: ClassVar[str] = "goal_progress"
    wire_names: ClassVar[tuple[str, ...]] = ("GoalProgressUpdateEvent",)


@frozen(kw_only=True, eq=False, repr=False)
class GoalAchieved(GoalEvent):
    """A goal was reached. Sent as GoalAchievedEvent."""

    kind: ClassVar[str] = "goal_achieved"
    wire_names: ClassVar[tuple[str, ...]] = ("GoalAchievedEvent",)


@frozen(kw_only=True, eq=False, repr=False)
class GoalCanceled(GoalEvent):
    """A goal was given up. Sent as GoalCanceledEvent."""

    kind: ClassVar[str] = "goal_canceled"
    wire_names: ClassVar[tuple[str, ...]] = ("GoalCanceledEvent",)
