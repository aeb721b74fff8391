"""The rules that a chatroom is under.

Kick describes them in two forms. ``ChatroomUpdated`` and the chatroom endpoint count slow mode in
seconds but followers' and accounts' age in minutes; ``ChatSettingsChanged`` and the settings endpoint
count everything in seconds. Here everything is a timedelta.
"""

from __future__ import annotations

from datetime import timedelta

from kick_live.models.base import Value

__all__ = ["AgeMode", "BotProtection", "ChatSettings", "SlowMode", "TimedMode", "Toggle"]


class Toggle(Value, frozen=True, kw_only=True):
    """A rule that is on or off."""

    enabled: bool = False


class SlowMode(Toggle, frozen=True, kw_only=True):
    """Slow mode.

    Attributes:
        message_interval: Time between two messages of a user; keeps its value while disabled.
    """

    message_interval: timedelta | None = None


class AgeMode(Toggle, frozen=True, kw_only=True):
    """A rule about the age of a follow or of an account.

    Attributes:
        min_duration: The least age; zero means any.
    """

    min_duration: timedelta | None = None


class BotProtection(Toggle, frozen=True, kw_only=True):
    """Kick's protection against floods of bots.

    Attributes:
        remaining_time: How long it will stay on.
    """

    remaining_time: timedelta | None = None


class TimedMode(Toggle, frozen=True, kw_only=True):
    """A rule with a duration, in the form of ``ChatSettings``.

    Attributes:
        duration: Its length; zero or one second mean "any follower" for followers-only mode.
    """

    duration: timedelta | None = None


_OFF = Toggle()
_OFF_TIMED = TimedMode()


class ChatSettings(Value, frozen=True, kw_only=True):
    """A chatroom's rules in the form of 2026.

    Attributes:
        channel_id: The channel.
        rules: The streamer's rules as text.
        allow_links: Whether links may be posted.
        emotes_only_mode: Emotes only.
        followers_only_mode: Only those who followed long enough.
        minimum_account_age: Only accounts that are old enough.
        slow_mode: Time between two messages of a user.
        subscribers_only_mode: Subscribers only.
    """

    channel_id: int | None = None
    rules: str | None = None
    allow_links: Toggle = _OFF
    emotes_only_mode: Toggle = _OFF
    followers_only_mode: TimedMode = _OFF_TIMED
    minimum_account_age: TimedMode = _OFF_TIMED
    slow_mode: TimedMode = _OFF_TIMED
    subscribers_only_mode: Toggle = _OFF
