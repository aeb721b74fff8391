"""Messages, their senders, and what moderators do to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from kick_live.arguments import check_list
from kick_live.testing.payloads import Payload
from kick_live.testing.texts import (
    Ids,
    colour_of,
    microseconds,
    milliseconds,
    seconds,
    slug_of,
)

__all__ = [
    "BadgeSpec",
    "Person",
    "badge",
    "badge_list",
    "ban",
    "celebration_metadata",
    "deletion",
    "history_item",
    "message",
    "metadata",
    "pin",
    "reply_metadata",
    "unban",
]

#: A badge: its type, its type with a count (months, gifts), or the object itself.
BadgeSpec = str | tuple[str, int] | Mapping[str, Any]

_BADGES: Final = {
    "broadcaster": ("Broadcaster", 3),
    "vip": ("VIP", 5),
    "founder": ("Founder", 6),
    "og": ("OG", 7),
    "sub_gifter": ("Sub Gifter", 8),
    "subscriber": ("Subscriber", 9),
    "moderator": ("Moderator", 12),
    "verified": ("Verified channel", 14),
    "staff": ("Staff", None),
    "bot": ("Bot", None),
    "sidekick": ("Sidekick", None),
}


#: Makes the names of pictures look as arbitrary as Kick's; a level's picture keeps its name.
_PICTURE_STEP: Final = 0x01F3A7


@frozen
class Person:
    """Somebody in chat.

    Attributes:
        id: Their user id.
        username: Their name as displayed.
    """

    id: int
    username: str

    def short(self) -> Payload:
        """The form that moderation events use."""
        return {"id": self.id, "username": self.username, "slug": slug_of(self.username)}


def badge_list(specs: Sequence[BadgeSpec]) -> list[Payload]:
    """Write out somebody's badges.

    Raises:
        TypeError: They are no list, or there is something else among them.
    """
    check_list("badges", specs, "a list of types like 'vip' and pairs like ('subscriber', 3)")
    for index, spec in enumerate(specs):
        if isinstance(spec, tuple):
            kind, count = spec if len(spec) == 2 else (None, None)
            known = isinstance(kind, str) and isinstance(count, int)
        else:
            known = isinstance(spec, (str, Mapping))
        if not known:
            raise TypeError(
                f"badges[{index}] must be a type like 'vip', a pair like ('subscriber', 3), or a "
                f"dictionary, not {spec!r}."
            )
    return [badge(spec) for spec in specs]


def badge(spec: BadgeSpec) -> Payload:
    """Write out a badge.

    Example:
        >>> badge(("subscriber", 14))
        {'type': 'subscriber', 'text': 'Subscriber', 'count': 14, 'sort_order': 9}
    """
    if isinstance(spec, Mapping):
        return dict(spec)
    kind, count = spec if isinstance(spec, tuple) else (spec, None)
    text, order = _BADGES.get(kind, (kind.replace("_", " ").title(), None))
    result: Payload = {"type": kind, "text": text}
    if count is not None:
        result["count"] = count
    if order is not None:
        result["sort_order"] = order
    return result


def message(
    ids: Ids,
    room: int,
    sender: Person,
    content: str,
    when: datetime,
    *,
    kind: str = "message",
    badges: Sequence[BadgeSpec] = (),
    color: str | None = None,
    metadata: Any = None,
    thread: str | None = None,
) -> Payload:
    """Build the payload of ChatMessageEvent."""
    level = sender.id % 57 + 1
    picture = f"https://ext.cdn.kick.com/chat/badges/{level}_{level * _PICTURE_STEP:08x}.png"
    result: Payload = {
        "id": ids.uuid(),
        "chatroom_id": room,
        "content": content,
        "type": kind,
        "created_at": seconds(when),
        "sender": {
            **sender.short(),
            "identity": {
                "color": colour_of(sender.username) if color is None else color,
                "badges": badge_list(badges),
                "badges_v2": [
                    {
                        "name": "level",
                        "badge_type": "global",
                        "image_url": picture,
                        "metadata": {"level": level},
                        "selected": sender.id % 3 == 0,
                        "sort_order": 1,
                    }
                ],
            },
        },
        "metadata": metadata,
    }
    if thread is not None:
        result["thread_parent_id"] = thread
    return result


def metadata(when: datetime, **fields: Any) -> Payload:
    """The metadata of a message that a person has typed."""
    return {**fields, "message_ref": str(milliseconds(when))}


def reply_metadata(parent: Payload, when: datetime) -> Payload:
    """The metadata of an answer to another message."""
    sender = parent["sender"]
    return metadata(
        when,
        original_sender={"id": sender["id"], "username": sender["username"]},
        original_message={"id": parent["id"], "content": parent["content"]},
    )


def celebration_metadata(ids: Ids, months: int, when: datetime) -> Payload:
    """The metadata of a shared renewal."""
    celebration = {
        "id": ids.ulid("chceleb_"),
        "type": "subscription_renewed",
        "total_months": months,
        "created_at": microseconds(when),
    }
    return metadata(when, celebration=celebration)


def deletion(ids: Ids, message_id: str, *, ai: bool, rules: Sequence[str]) -> Payload:
    """Build the payload of MessageDeletedEvent."""
    return {
        "id": ids.uuid(),
        "message": {"id": message_id},
        "aiModerated": ai,
        "violatedRules": list(rules),
    }


def ban(ids: Ids, user: Person, moderator: Person, minutes: int | None, when: datetime) -> Payload:
    """Build the payload of UserBannedEvent; ``minutes`` makes it a timeout."""
    result: Payload = {
        "id": ids.uuid(),
        "user": user.short(),
        "banned_by": moderator.short(),
        "permanent": minutes is None,
    }
    if minutes is not None:
        result["duration"] = minutes
        result["expires_at"] = seconds(when + timedelta(minutes=minutes))
    return result


def unban(ids: Ids, user: Person, moderator: Person, *, permanent: bool) -> Payload:
    """Build the payload of UserUnbannedEvent; ``permanent`` tells what was lifted."""
    return {
        "id": ids.uuid(),
        "user": user.short(),
        "unbanned_by": moderator.short(),
        "permanent": permanent,
    }


def pin(message: Payload, duration: int, moderator: Person) -> Payload:
    """Build the payload of PinnedMessageCreatedEvent; the duration is text, in seconds."""
    pinned_by = {
        **moderator.short(),
        "identity": {
            "color": colour_of(moderator.username),
            "badges": [{**badge("moderator"), "active": True}],
        },
    }
    return {
        "message": {**message, "thread_parent_id": message.get("thread_parent_id", "")},
        "duration": str(duration),
        "pinnedBy": pinned_by,
    }


def history_item(message: Payload, channel: int, when: datetime, metadata: str | None) -> Payload:
    """Turn a live message into the form of the chat history."""
    return {
        "id": message["id"],
        "chat_id": channel,
        "user_id": message["sender"]["id"],
        "content": message["content"],
        "type": message["type"],
        "metadata": metadata,
        "sender": message["sender"],
        "created_at": microseconds(when),
    }
