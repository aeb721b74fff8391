"""The words for polls and predictions, the same in exports and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kick_live.events.polls import Poll
from kick_live.events.predictions import Prediction
from kick_live.quantities import amount, span

__all__ = ["poll_pieces", "prediction_pieces", "together"]

#: States that read otherwise than Kick calls them.
_STATES: Final = {"ACTIVE": "", "RESOLVED": "decided", "CANCELED": "cancelled"}


def poll_pieces(poll: Poll) -> Iterator[tuple[str, bool]]:
    """A poll in pieces: words, and whether they are to stand out.

    Example:
        >>> from datetime import timedelta
        >>> from kick_live.events import PollOption
        >>> options = (PollOption(id=0, label="Left", votes=2), PollOption(id=1, label="Right"))
        >>> together(poll_pieces(Poll(title="Where?", options=options, remaining=timedelta(0))))
        'poll ended: Where? · Left 2 (won) · Right 0'
    """
    yield "poll ended: " if poll.is_finished else "poll: ", False
    yield poll.title, True
    best = max((option.votes for option in poll.options), default=0)
    first = [option for option in poll.options if option.votes == best > 0]
    for option in poll.options:
        # Of several with as many votes none has won.
        won = poll.is_finished and first == [option]
        yield from _choice(f"{option.label} {option.votes:,}", won)
    if poll.remaining is not None and not poll.is_finished:
        yield f" ({span(poll.remaining)} left)", False


def prediction_pieces(prediction: Prediction) -> Iterator[tuple[str, bool]]:
    """A prediction in pieces: words, and whether they are to stand out.

    Example:
        >>> from kick_live.events.predictions import Outcome
        >>> outcomes = (Outcome(id="a", title="Yes", total_vote_amount=1000),)
        >>> prediction = Prediction(
        ...     id="p", title="Win?", state="RESOLVED", outcomes=outcomes, winning_outcome_id="a"
        ... )
        >>> together(prediction_pieces(prediction))
        'prediction decided: Win? · Yes 1,000 points (won)'
    """
    state = prediction.state or ""
    yield f"prediction {_STATES.get(state, state.lower())}".rstrip() + ": ", False
    yield prediction.title, True
    for outcome in prediction.outcomes:
        points = amount(outcome.total_vote_amount, "point")
        won = outcome.id == prediction.winning_outcome_id
        yield from _choice(f"{outcome.title} {points}", won)


def _choice(words: str, won: bool) -> Iterator[tuple[str, bool]]:
    yield " · ", False
    yield f"{words} (won)" if won else words, won


def together(pieces: Iterator[tuple[str, bool]]) -> str:
    """The words of all pieces."""
    return "".join(words for words, _ in pieces)
