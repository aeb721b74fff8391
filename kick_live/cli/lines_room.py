"""How moderation, polls, predictions and changes of the chatroom read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from kick_live.cli.lines import Part, name, says
from kick_live.cli.words import span
from kick_live.events.chatroom import ChatroomClear, ChatroomUpdated, ChatSettingsChanged
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.polls import PollDelete, PollUpdate
from kick_live.events.predictions import PredictionDeleted, PredictionEvent
from kick_live.recording.wording import poll_pieces, prediction_pieces, rules
from kick_live.safe import neutralise

__all__: list[str] = []


@says(UserBanned, "🔨", "red")
def _banned(event: UserBanned) -> Iterator[Part]:
    yield name(event.user)
    yield " was timed out" if event.is_timeout else " was banned"
    if event.duration is not None:
        yield f" for {span(event.duration)}"
    if event.banned_by is not None and event.banned_by.id != 0:
        yield Text(" by ", "dim")
        yield name(event.banned_by)


@says(UserUnbanned, "🔓", "green")
def _unbanned(event: UserUnbanned) -> Iterator[Part]:
    yield name(event.user)
    yield " may chat again" if event.permanent is False else " is no longer banned"
    if event.unbanned_by is not None and event.unbanned_by.id != 0:
        yield Text(", says ", "dim")
        yield name(event.unbanned_by)


@says(PollUpdate, "📊", "blue")
def _poll(event: PollUpdate) -> Iterator[Part]:
    return _in_bold(poll_pieces(event.poll))


@says(PollDelete, "📊", "dim")
def _poll_gone(event: PollDelete) -> Iterable[Part]:
    return ("the poll was taken down",)


@says(PredictionEvent, "🔮", "magenta")
def _prediction(event: PredictionEvent) -> Iterator[Part]:
    return _in_bold(prediction_pieces(event.prediction))


@says(PredictionDeleted, "🔮", "dim")
def _prediction_gone(event: PredictionDeleted) -> Iterable[Part]:
    return ("the prediction was removed",)


@says(ChatroomClear, "🧹", "yellow")
def _clear(event: ChatroomClear) -> Iterable[Part]:
    return ("the chat was cleared",)


@says(ChatroomUpdated, "🔧", "yellow")
@says(ChatSettingsChanged, "🔧", "yellow")
def _rules(event: ChatroomUpdated | ChatSettingsChanged) -> Iterable[Part]:
    return (rules(event),)


def _in_bold(pieces: Iterator[tuple[str, bool]]) -> Iterator[Part]:
    for words, stands_out in pieces:
        yield Text(neutralise(words), "bold" if stands_out else "")
