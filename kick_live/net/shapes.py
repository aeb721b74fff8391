"""Brings what Kick's endpoints answer into the shape of the result classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from kick_live.errors import InvalidResponse, NotFound
from kick_live.events import ChatMessage, Decoder
from kick_live.events.chatroom import shape_chatroom
from kick_live.events.tolerant import ConversionError, convert
from kick_live.events.units import nanoseconds
from kick_live.models.channel import Channel
from kick_live.net.results import (
    ChatroomSettings,
    HistoryPage,
    KicksLeaderboard,
    PinnedMessage,
)

__all__ = [
    "chatroom_settings",
    "data_of",
    "history_page",
    "items_of",
    "kicks_gift",
    "kicks_leaderboard",
    "pinned_gift",
    "read",
    "read_items",
    "refuse_missing",
]

T = TypeVar("T")

_PERIODS: Final = ("lifetime", "week", "month")


def read(value: Any, cls: type[T], url: str) -> T:
    """Make a result; an unusable value costs its field.

    Raises:
        InvalidResponse: A required part is missing.
    """
    try:
        return convert(value, cls)
    except ConversionError as error:
        raise InvalidResponse(
            f"{url} answered with something else than a {cls.__name__} ({error}): Kick may have "
            "changed the endpoint. Look for a newer kick-live.",
            url=url,
            status=200,
        ) from error


def read_items(
    items: Any, cls: type[T], reshape: Callable[[dict[str, Any]], Any] | None = None
) -> tuple[T, ...]:
    """Make results of a list; an unusable item costs only itself."""
    return tuple(_readable(items, cls, reshape))


def _readable(
    items: Any, cls: type[T], reshape: Callable[[dict[str, Any]], Any] | None
) -> Iterator[T]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            try:
                yield convert(item if reshape is None else reshape(item), cls)
            except ConversionError:
                continue


def data_of(answer: Any) -> Any:
    """What is inside the envelope ``{"data": ...}``, if there is one."""
    return answer["data"] if isinstance(answer, dict) and "data" in answer else answer


def items_of(answer: Any, name: str, url: str) -> list[Any]:
    """The list in an answer: bare, in the envelope, or in it under a name.

    Raises:
        InvalidResponse: There is none.
    """
    data = data_of(answer)
    if isinstance(data, dict):
        data = data.get(name, data.get("data"))
        data = [] if data is None else data
    if data is None:
        return []
    if not isinstance(data, list):
        raise InvalidResponse(
            f"{url} answered without a list of {name}: Kick may have changed the endpoint.",
            url=url,
            status=200,
        )
    return data


def refuse_missing(answer: Any, url: str) -> None:
    """Raise NotFound for an answer with status 200 that says in its body that nothing is there."""
    if not isinstance(answer, dict):
        return
    data, status = answer.get("data"), answer.get("status")
    code = status.get("code") if isinstance(status, dict) and status.get("error") else status
    by_type = isinstance(data, dict) and data.get("type") == "Not Found"
    if by_type or (code == 404 and "id" not in answer):
        raise NotFound(f"{url} does not exist, says its answer.", url=url, status=404)


def history_page(data: Any, channel: Channel | None) -> HistoryPage:
    """A page of a chat's past, oldest message first."""
    data = data if isinstance(data, dict) else {}
    rows = data.get("messages")
    rows = rows if isinstance(rows, list) else []
    decoder = Decoder()
    found = [_message(decoder, row, channel) for row in reversed(rows)]
    messages = tuple(message for message in found if message is not None)
    cursor = data.get("cursor")
    return HistoryPage(
        messages=messages,
        cursor=str(cursor) if isinstance(cursor, (str, int)) and cursor else None,
        pinned_message=_pinned_message(decoder, data.get("pinned_message"), channel),
        skipped=len(found) - len(messages),
    )


def _message(decoder: Decoder, row: Any, channel: Channel | None) -> ChatMessage | None:
    event = decoder.decode("ChatMessageEvent", row, channel=channel, historical=True)
    return event if isinstance(event, ChatMessage) else None


def _pinned_message(decoder: Decoder, value: Any, channel: Channel | None) -> PinnedMessage | None:
    if not isinstance(value, dict):
        return None
    message = _message(decoder, value.get("message"), channel)
    if message is None:
        return None
    pinned_by = value.get("pinned_by", value.get("pinnedBy"))
    shaped = {"finish_at": value.get("finish_at"), "pinned_by": pinned_by}
    return convert({**shaped, "message": message}, PinnedMessage)


def chatroom_settings(value: Any, url: str) -> ChatroomSettings:
    """The older form of a chatroom's rules."""
    value = value if isinstance(value, dict) else {}
    pinned = _pinned_message(Decoder(), value.get("pinned_message"), None)
    return read({**shape_chatroom(value), "pinned_message": pinned}, ChatroomSettings, url)


def kicks_leaderboard(data: Any, url: str) -> KicksLeaderboard:
    """The leaderboard of Kicks."""
    data = data if isinstance(data, dict) else {}
    shaped: dict[str, Any] = {}
    for period in _PERIODS:
        rows = data.get(f"kicks_gifts_{period}", data.get(f"gifts_{period}"))
        shaped[period] = rows
        shaped[f"{period}_enabled"] = data.get(
            f"kicks_gifts_{period}_enabled", data.get(f"gifts_{period}_enabled")
        )
    return read(shaped, KicksLeaderboard, url)


def kicks_gift(value: dict[str, Any]) -> dict[str, Any]:
    """A gift with its nanoseconds turned into a duration."""
    return {**value, "pinned_time": nanoseconds(value.get("pinned_time"))}


def pinned_gift(value: dict[str, Any]) -> dict[str, Any]:
    """A pinned gift in the shape of ``PinnedGift``."""
    shaped = dict(value)
    gift, sender = value.get("gift"), value.get("sender")
    if isinstance(gift, dict):
        shaped["gift"] = kicks_gift(gift)
    if isinstance(sender, dict):
        shaped["sender"] = {**sender, "identity": {"color": sender.get("username_color")}}
    return shaped
