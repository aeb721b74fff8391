"""Polls."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from attrs import frozen

from kick_live.events.base import Event
from kick_live.models.base import Value

__all__ = ["Poll", "PollDelete", "PollOption", "PollUpdate"]


class PollOption(Value, frozen=True, kw_only=True):
    """A choice.

    Attributes:
        id: From 0.
        label: The text.
        votes: Votes so far.
    """

    id: int
    label: str = ""
    votes: int = 0


class Poll(Value, frozen=True, kw_only=True):
    """A poll's state.

    Attributes:
        title: The question.
        options: The choices.
        duration: How long voting lasts.
        remaining: Time left; zero when voting is over.
        result_display_duration: How long the result stays.
        has_voted: Only in a poll's first frame.
        voted_option_id: Only in a poll's first frame.
    """

    title: str = ""
    options: tuple[PollOption, ...] = ()
    duration: timedelta | None = None
    remaining: timedelta | None = None
    result_display_duration: timedelta | None = None
    has_voted: bool | None = None
    voted_option_id: int | None = None

    @property
    def is_finished(self) -> bool:
        """Whether voting is over."""
        return self.remaining is not None and self.remaining <= timedelta(0)

    @property
    def total_votes(self) -> int:
        """Votes over all choices."""
        return sum(option.votes for option in self.options)


@frozen(kw_only=True, eq=False, repr=False)
class PollUpdate(Event):
    """A poll began, moved on, or ended.

    Sent on ``chatrooms.R.v2`` as PollUpdateEvent, about once a second while a poll runs. There is no
    poll id: another title, other choices or a grown ``remaining`` mean a new poll.

    Attributes:
        poll: The poll's state.
    """

    kind: ClassVar[str] = "poll_update"
    wire_names: ClassVar[tuple[str, ...]] = ("PollUpdateEvent",)

    poll: Poll

    @property
    def title(self) -> str:
        """The question."""
        return self.poll.title

    @property
    def options(self) -> tuple[PollOption, ...]:
        """The choices."""
        return self.poll.options

    @property
    def remaining(self) -> timedelta | None:
        """Time left."""
        return self.poll.remaining

    @property
    def is_finished(self) -> bool:
        """Whether voting is over."""
        return self.poll.is_finished


@frozen(kw_only=True, eq=False, repr=False)
class PollDelete(Event):
    """The poll was taken down.

    Sent on ``chatrooms.R.v2`` as PollDeleteEvent, with nothing in it.
    """

    kind: ClassVar[str] = "poll_delete"
    wire_names: ClassVar[tuple[str, ...]] = ("PollDeleteEvent",)
