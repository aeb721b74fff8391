"""A whole, valid payload for every wire name; all people and rooms are invented."""

from __future__ import annotations

import json
from typing import Any

from golden import LINES

from kick_live.events.registry import BY_WIRE_NAME, short_name


def _from_golden() -> dict[str, Any]:
    payloads: dict[str, Any] = {}
    for line in LINES:
        if line["transport"] != "pusher" or line.get("malformed") or "event" not in line["expect"]:
            continue
        frame = json.loads(line["frame"])
        data = frame.get("data")
        try:
            payload = json.loads(data) if isinstance(data, str) else data
        except ValueError:
            continue
        name = short_name(frame["event"])
        richer = len(json.dumps(payload)) > len(json.dumps(payloads.get(name)))
        if name in BY_WIRE_NAME and isinstance(payload, dict) and richer:
            payloads[name] = payload
    return payloads


#: Payloads of the golden frames, and others for the names that these lack.
PAYLOADS: dict[str, Any] = {
    "PinnedMessageDeletedEvent": [],
    "PollDeleteEvent": [],
    "LuckyUsersWhoGotGiftSubscriptionsEvent": {
        "channel": {"id": 73, "slug": "amber-quokka"},
        "usernames": ["acorn_a", "acorn_b"],
        "gifter_username": "big_spruce",
    },
    "GoalCreatedEvent": {"id": "chgoal_1", "type": "followers", "target_value": 5},
    "GoalAchievedEvent": {"id": "chgoal_1", "status": "achieved", "current_value": 5},
    "PredictionDeleted": {"prediction": {"id": "p"}},
    "LivestreamUpdated": {
        "livestream": {
            "id": 9,
            "session_title": "new title",
            "viewer_count": 12,
            "category": {"id": 1, "name": "Games", "slug": "games", "tags": ["a"]},
            "channel": {"id": 73},
        }
    },
    "ChatMessage": {"id": "m", "sender": {"id": 1, "username": "maple"}, "content": "hi"},
    **_from_golden(),
}
