"""Predictions: viewers bet channel points on an outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from attrs import frozen

from kick_live.events.base import Event, Time
from kick_live.models.base import Value

__all__ = [
    "Outcome",
    "Prediction",
    "PredictionCreated",
    "PredictionDeleted",
    "PredictionEvent",
    "PredictionUpdated",
    "TopUser",
]


class TopUser(Value, frozen=True, kw_only=True):
    """One of the largest bets on an outcome.

    Attributes:
        username: The name.
        user_id: The user id.
        amount: Points.
    """

    username: str
    user_id: int | None = None
    amount: int | None = None


class Outcome(Value, frozen=True, kw_only=True):
    """What viewers can bet on.

    Attributes:
        id: Text.
        title: As displayed.
        total_vote_amount: Points on it.
        vote_count: Bets on it.
        return_rate: What one point brings.
        top_users: The largest bets.
    """

    id: str
    title: str = ""
    total_vote_amount: int = 0
    vote_count: int = 0
    return_rate: float = 0.0
    top_users: tuple[TopUser, ...] = ()


class Prediction(Value, frozen=True, kw_only=True):
    """A prediction's state.

    Attributes:
        id: Text.
        title: The question.
        state: ``ACTIVE``, ``LOCKED``, ``RESOLVED``, ``CANCELLED`` (over REST ``CANCELED``).
        outcomes: What viewers can bet on.
        duration: How long betting lasts.
        channel_id: The channel.
        created_at: When it was made.
        updated_at: When it last changed.
        locked_at: When betting closed, or ``None``.
        winning_outcome_id: Which outcome won, or ``None``.
    """

    id: str
    title: str = ""
    state: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    duration: timedelta | None = None
    channel_id: int | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    locked_at: Time | None = None
    winning_outcome_id: str | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off; Kick spells the state in two ways."""
        return self.state in ("CANCELLED", "CANCELED")

    @property
    def winner(self) -> Outcome | None:
        """The outcome that won, or ``None``."""
        for outcome in self.outcomes:
            if outcome.id == self.winning_outcome_id:
                return outcome
        return None


@frozen(kw_only=True, eq=False, repr=False)
class PredictionEvent(Event):
    """The base of what happens to a prediction; ``on(PredictionEvent)`` listens to both events.

    Sent on ``predictions-channel-C``.

    Attributes:
        prediction: Its state.
    """

    kind: ClassVar[str] = "prediction"

    prediction: Prediction


@frozen(kw_only=True, eq=False, repr=False)
class PredictionCreated(PredictionEvent):
    """A prediction began. Sent as PredictionCreated."""

    kind: ClassVar[str] = "prediction_created"
    wire_names: ClassVar[tuple[str, ...]] = ("PredictionCreated",)


@frozen(kw_only=True, eq=False, repr=False)
class PredictionUpdated(PredictionEvent):
    """A prediction changed: bets, locked, resolved, cancelled. Sent as PredictionUpdated."""

    kind: ClassVar[str] = "prediction_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("PredictionUpdated",)


@frozen(kw_only=True, eq=False, repr=False)
class PredictionDeleted(Event):
    """A prediction was removed. Sent as PredictionDeleted (reported, never captured).

    Attributes:
        prediction: What was removed, where Kick says it.
    """

    kind: ClassVar[str] = "prediction_deleted"
    wire_names: ClassVar[tuple[str, ...]] = ("PredictionDeleted",)

    prediction: Prediction | None = None
