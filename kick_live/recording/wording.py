"""The words for what both exports and the command line tell, so that they are the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, TypeAlias

from kick_live.events.chat import MessageDeleted
from kick_live.events.chatroom import ChatroomUpdated, ChatSettingsChanged
from kick_live.events.polls import Poll
from kick_live.events.predictions import Prediction
from kick_live.events.stream import StreamHost, StreamHosted
from kick_live.models.chatroom import Toggle
from kick_live.quantities import amount, span

__all__ = [
    "deletion",
    "host_message",
    "poll_pieces",
    "prediction_pieces",
    "rules",
    "together",
]

#: A rule's words, whether it counts, and how long.
_Rule: TypeAlias = tuple[str, Toggle | None, timedelta | None]

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


def rules(event: ChatroomUpdated | ChatSettingsChanged) -> str:
    """The rules that a chatroom is under now.

    Example:
        >>> from kick_live.models.chatroom import SlowMode
        >>> rules(ChatroomUpdated(slow_mode=SlowMode(enabled=True)))
        'chat rules: slow'
    """
    known = _of_update(event) if isinstance(event, ChatroomUpdated) else _of_settings(event)
    on = []
    for words, mode, duration in known:
        if mode is not None and mode.enabled:
            on.append(f"{words} {span(duration)}" if duration else words)
    return "chat rules: " + (", ".join(on) if on else "everybody may write")


def _of_update(event: ChatroomUpdated) -> tuple[_Rule, ...]:
    slow, followers, age = event.slow_mode, event.followers_mode, event.account_age
    return (
        ("slow", slow, slow.message_interval if slow else None),
        ("subscribers only", event.subscribers_mode, None),
        ("followers only", followers, followers.min_duration if followers else None),
        ("emotes only", event.emotes_mode, None),
        ("accounts older than", age, age.min_duration if age else None),
        ("bot protection", event.advanced_bot_protection, None),
    )


def _of_settings(event: ChatSettingsChanged) -> tuple[_Rule, ...]:
    settings = event.settings
    slow, followers = settings.slow_mode, settings.followers_only_mode
    age = settings.minimum_account_age
    return (
        ("slow", slow, slow.duration),
        ("subscribers only", settings.subscribers_only_mode, None),
        ("followers only", followers, followers.duration),
        ("emotes only", settings.emotes_only_mode, None),
        ("accounts older than", age, age.duration),
    )


def deletion(event: MessageDeleted) -> str:
    """Who deleted a message, and by which rules."""
    by = "Kick's moderation" if event.ai_moderated else "a moderator"
    named = f" ({', '.join(event.violated_rules)})" if event.violated_rules else ""
    return f"a message was deleted by {by}{named}"


def host_message(event: StreamHost | StreamHosted) -> str | None:
    """What a host wrote, if anything."""
    return (
        event.optional_message if isinstance(event, StreamHost) else event.message.optional_message
    )
