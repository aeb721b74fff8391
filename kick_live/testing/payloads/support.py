"""Subscriptions, gifts, Kicks, rewards and goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from kick_live.testing.payloads import Payload
from kick_live.testing.payloads.chat import Person
from kick_live.testing.texts import Ids, colour_of, milliseconds, nanoseconds

__all__ = [
    "GIFT_CATALOGUE",
    "activity",
    "announcement",
    "gift_chunks",
    "kicks",
    "ranking",
    "reward",
]

_PICTURE: Final = "https://kick.com/img/default-profile-pictures/default-avatar-1.webp"

#: Kicks gifts that were seen, by id: name, amount, type, tier, character limit, seconds pinned.
GIFT_CATALOGUE: Final[Mapping[str, tuple[str, int, str, str, int, int]]] = {
    "hell_yeah": ("Hell Yeah", 1, "BASIC", "BASIC", 0, 0),
    "hype": ("Hype", 10, "BASIC", "BASIC", 0, 0),
    "skull_emoji": ("Skull Emoji", 50, "BASIC", "BASIC", 0, 0),
    "full_send": ("Full Send", 100, "BASIC", "BASIC", 0, 0),
    "rage_quit": ("Rage Quit", 500, "LEVEL_UP", "MID", 150, 600),
}


def announcement(
    ids: Ids,
    room: int,
    user: Person,
    when: datetime,
    *,
    action: str,
    months: int | None = None,
    text: str | None = None,
    gifts: int = 0,
    lifetime: int = 0,
) -> Payload:
    """Build the payload of ChatMessageSentEvent, which carries the words of a resub."""
    picture = f"https://files.kick.com/images/user/{user.id}/profile_image/conversion"
    return {
        "message": {
            "id": ids.uuid(),
            "message": "",
            "type": "info",
            "replied_to": None,
            "is_info": False,
            "link_preview": None,
            "chatroom_id": room,
            "role": "user",
            "created_at": int(when.timestamp()),
            "action": action,
            "optional_message": text,
            "months_subscribed": months,
            "subscriptions_count": gifts,
            "giftedUsers": [],
        },
        "user": {
            "id": user.id,
            "username": user.username,
            "role": "user",
            "isSuperAdmin": None,
            "profile_thumb": f"{picture}/{ids.uuid()}-medium.webp",
            "verified": False,
            "follower_badges": [],
            "is_subscribed": False,
            "is_founder": False,
            "months_subscribed": None,
            "quantity_gifted": lifetime,
        },
    }


def activity(channel: int, kind: str, username: str, when: datetime, **fields: Any) -> Payload:
    """Build the payload of NewActivityFeedEvent."""
    return {
        "channel_id": channel,
        "type": kind,
        "username": username,
        "metadata": fields,
        "created_at": milliseconds(when),
    }


def gift_chunks(
    ids: Ids,
    room: int,
    gifter: str | None,
    names: Sequence[str],
    *,
    lifetime: int,
    chunks: int,
) -> list[Payload]:
    """Build the payloads of GiftedSubscriptionsEvent, the names spread over the chunks."""
    correlation = ids.digits()
    size, extra = divmod(len(names), chunks)
    result: list[Payload] = []
    start = 0
    for index in range(chunks):
        end = start + size + (index < extra)
        details = None
        if chunks > 1:
            details = {
                "correlation_id": correlation,
                "chunk_index": index,
                "total_chunks": chunks,
            }
        result.append(
            {
                "chatroom_id": room,
                "correlation_id": correlation,
                "gifted_usernames": list(names[start:end]),
                "gifter_username": gifter,
                "gifted_total": len(names),
                "gifter_total": lifetime,
                "chunk_details": details,
            }
        )
        start = end
    return result


def kicks(
    ids: Ids,
    sender: Person,
    gift: Mapping[str, Any],
    when: datetime,
    *,
    message: str | None,
    pinned: float,
) -> Payload:
    """Build the payload of KicksGifted; the time a gift stays pinned is in nanoseconds."""
    rest = ids.number(1000)
    result: Payload = {"gift_transaction_id": ids.uuid()}
    if message is not None:
        result["message"] = message
    result["sender"] = {
        "id": sender.id,
        "username": sender.username,
        "username_color": colour_of(sender.username),
        "profile_picture": _PICTURE,
    }
    result["gift"] = {**gift, "pinned_time": round(pinned * 10**9)}
    result["created_at"] = nanoseconds(when, rest)
    if pinned:
        result["expires_at"] = nanoseconds(when + timedelta(seconds=pinned), rest)
    return result


def ranking(totals: Mapping[str, int], people: Mapping[str, int]) -> list[Payload]:
    """The ten first of a leaderboard."""
    first = sorted(totals.items(), key=lambda item: -item[1])[:10]
    return [
        {"user_id": people[name], "username": name, "quantity": quantity}
        for name, quantity in first
    ]


def reward(channel: int, user: Person, title: str, text: str) -> Payload:
    """Build the payload of RewardRedeemedEvent."""
    return {
        "reward_title": title,
        "user_id": user.id,
        "channel_id": channel,
        "username": user.username,
        "user_input": text,
        "reward_background_color": "#00a3ff",
    }
