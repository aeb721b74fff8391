"""Changes to the chatroom itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from attrs import frozen

from kick_live.events.base import Event, Time
from kick_live.events.units import as_object, minutes, seconds
from kick_live.models.chatroom import AgeMode, BotProtection, ChatSettings, SlowMode, Toggle

__all__ = [
    "ChatSettingsChanged",
    "ChatroomClear",
    "ChatroomUpdated",
    "shape_chat_settings",
    "shape_chatroom",
]

_TIMED_MODES = ("followers_only_mode", "minimum_account_age", "slow_mode")


def shape_chatroom(payload: dict[str, Any]) -> dict[str, Any]:
    """Turn the seconds and minutes of a chatroom's blocks into durations."""
    shaped = dict(payload)
    for block, key, unit in (
        ("slow_mode", "message_interval", seconds),
        ("followers_mode", "min_duration", minutes),
        ("account_age", "min_duration", minutes),
        ("advanced_bot_protection", "remaining_time", seconds),
    ):
        if isinstance(payload.get(block), dict):
            shaped[block] = {**payload[block], key: unit(payload[block].get(key))}
    return shaped


def shape_chat_settings(settings: Any) -> dict[str, Any]:
    """Turn the seconds of chat settings into durations."""
    shaped = as_object(settings)
    for block in _TIMED_MODES:
        if isinstance(shaped.get(block), dict):
            mode = shaped[block]
            shaped[block] = {**mode, "duration": seconds(mode.get("duration_seconds"))}
    return shaped


@frozen(kw_only=True, eq=False, repr=False)
class ChatroomUpdated(Event):
    """The chatroom's rules, as a whole, after a change.

    Sent on ``chatrooms.R.v2`` as ChatroomUpdatedEvent. Blocks that a frame lacks stay as they were
    and are ``None`` here. Its sibling since 2026 is ``ChatSettingsChanged``; use one of the two.

    Attributes:
        id: The chatroom.
        slow_mode: Time between two messages of a user (Kick sends seconds).
        subscribers_mode: Subscribers only.
        followers_mode: Only those who followed long enough (Kick sends minutes).
        emotes_mode: Emotes only.
        advanced_bot_protection: Missing in one of Kick's two forms.
        account_age: Only accounts that are old enough (Kick sends minutes).
    """

    kind: ClassVar[str] = "chatroom_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("ChatroomUpdatedEvent",)

    id: int | None = None
    slow_mode: SlowMode | None = None
    subscribers_mode: Toggle | None = None
    followers_mode: AgeMode | None = None
    emotes_mode: Toggle | None = None
    advanced_bot_protection: BotProtection | None = None
    account_age: AgeMode | None = None

    @property
    def slow_interval(self) -> timedelta | None:
        """Time between two messages of a user, or ``None`` while slow mode is off or unknown."""
        mode = self.slow_mode
        return mode.message_interval if mode is not None and mode.enabled else None

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Turn seconds and minutes into durations."""
        return shape_chatroom(payload)


@frozen(kw_only=True, eq=False, repr=False)
class ChatSettingsChanged(Event):
    """The chatroom's rules, as a whole, in the form of 2026.

    Sent on ``channel_C`` as ChatSettingsChanged, before or after its sibling ``ChatroomUpdated``.

    Attributes:
        settings: The rules (Kick sends seconds).
        id: The event's id.
        created_at: When.
    """

    kind: ClassVar[str] = "chat_settings_changed"
    wire_names: ClassVar[tuple[str, ...]] = ("ChatSettingsChanged",)

    settings: ChatSettings
    id: str | None = None
    created_at: Time | None = None

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Turn seconds into durations."""
        if "settings" not in payload:
            return payload
        return {**payload, "settings": shape_chat_settings(payload["settings"])}


@frozen(kw_only=True, eq=False, repr=False)
class ChatroomClear(Event):
    """The chat was cleared: remove everything shown.

    Sent on ``chatrooms.R.v2`` as ChatroomClearEvent (its payload was reported, never captured).

    Attributes:
        id: The event's id, where Kick sends one.
    """

    kind: ClassVar[str] = "chatroom_clear"
    wire_names: ClassVar[tuple[str, ...]] = ("ChatroomClearEvent",)

    id: str | None = None
