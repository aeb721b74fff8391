"""Polls and predictions of a simulated channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kick_live.arguments import check_choice, check_list, check_texts, check_whole
from kick_live.testing.channel_base import ChannelBase
from kick_live.testing.payloads import Payload, stream
from kick_live.testing.texts import microseconds, utc_now

__all__ = ["PollActions"]

_STATES: Final = ("ACTIVE", "LOCKED", "RESOLVED", "CANCELLED")


class PollActions(ChannelBase):
    """A poll and a prediction at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current_poll: Payload | None = None
        self.current_prediction: Payload | None = None

    def poll(
        self,
        title: str,
        options: Sequence[str],
        votes: Sequence[int] | None = None,
        duration: int = 30,
        remaining: int = 30,
    ) -> Payload:
        """Publish a state of a poll; Kick sends about one a second while it runs.

        Args:
            title: The question.
            options: The answers.
            votes: The votes for each; none yet if not given.
            duration: Seconds it runs in all.
            remaining: Seconds left; 0 means that voting is over.
        """
        check_texts("options", options)
        if votes is not None:
            check_list("votes", votes, "a list as long as options", len(options))
            for index, count in enumerate(votes):
                check_whole(f"votes[{index}]", count, 0)
        first = self.current_poll is None or self.current_poll["title"] != title
        counts = [0] * len(options) if votes is None else votes
        payload = stream.poll(title, options, counts, duration, remaining, first=first)
        self.current_poll = payload["poll"]
        self._room("PollUpdateEvent", payload)
        return payload

    def delete_poll(self) -> list[Any]:
        """Take the poll down."""
        self.current_poll = None
        payload: list[Any] = []
        self._room("PollDeleteEvent", payload)
        return payload

    def predict(
        self,
        title: str,
        outcomes: Sequence[str] = ("Yes", "No"),
        state: str = "ACTIVE",
        created: bool = True,
        *,
        votes: Sequence[tuple[int, int]] | None = None,
        winner: int | None = None,
        duration: int = 300,
    ) -> Payload:
        """Publish a state of a prediction.

        Args:
            title: The question; the same title goes on with the same prediction.
            outcomes: The possible ends.
            state: ``ACTIVE``, ``LOCKED``, ``RESOLVED`` or ``CANCELLED``.
            created: Whether this is its first frame; every other one is an update.
            votes: For each outcome the points and the number of votes.
            winner: The index of the outcome that happened, from 0.
            duration: Seconds in which one may vote.
        """
        check_texts("outcomes", outcomes)
        check_choice("state", state, _STATES)
        now = utc_now()
        body = self.current_prediction
        if created or body is None or body["title"] != title:
            body = stream.prediction(
                self._world.ids, self.channel_id, title, outcomes, duration, now
            )
        _check_ends(len(body["outcomes"]), votes, winner)
        body = {**body, "state": state, "updated_at": microseconds(now)}
        if votes is not None:
            total = sum(points for points, _ in votes)
            body["outcomes"] = [
                {
                    **outcome,
                    "total_vote_amount": points,
                    "vote_count": count,
                    "return_rate": round(total / points, 2) if points else 0,
                }
                for outcome, (points, count) in zip(body["outcomes"], votes, strict=True)
            ]
        if state == "LOCKED":
            body["locked_at"] = microseconds(now)
        if winner is not None:
            body["winning_outcome_id"] = body["outcomes"][winner]["id"]
        self.current_prediction = body
        payload = {"prediction": body}
        name = "PredictionCreated" if created else "PredictionUpdated"
        self.publish(name, payload, f"predictions-channel-{self.channel_id}")
        return payload


def _check_ends(count: int, votes: Sequence[tuple[int, int]] | None, winner: int | None) -> None:
    """Refuse votes and a winner that do not fit to so many outcomes."""
    if votes is not None:
        check_list("votes", votes, "a list as long as outcomes", count)
        for index, pair in enumerate(votes):
            if not (isinstance(pair, Sequence) and len(pair) == 2):
                raise TypeError(f"votes[{index}] must be a pair of points and votes, not {pair!r}.")
    if winner is not None:
        check_whole("winner", winner, 0, count - 1)
