"""Messages, moderation, polls and the rules of the room."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from kick_live.events import chat, chatroom, moderation, polls
from kick_live.models.chatroom import (
    AgeMode,
    BotProtection,
    ChatSettings,
    SlowMode,
    TimedMode,
    Toggle,
)
from kick_live.models.user import Badge
from kick_live.testing.defaults.base import (
    IDS,
    Defaults,
    Fields,
    Moment,
    person,
)
from kick_live.testing.texts import milliseconds

__all__ = ["DEFAULTS"]


def _message(at: Moment) -> Fields:
    return {
        "id": IDS.uuid(),
        "sender": person(
            "Maple_Harbor", Badge(type="subscriber", text="Subscriber", count=14, sort_order=9)
        ),
        "content": "good evening from the back row [emote:39001:WaveHi]",
        "chatroom_id": at.channel.chatroom_id,
        "created_at": at.when,
        "metadata": chat.MessageMetadata(message_ref=str(milliseconds(at.when))),
    }


def _pin(at: Moment) -> Fields:
    return {
        "message": chat.ChatMessage(
            channel=at.channel, topic=_chat_topic(at), received_at=at.when, **_message(at)
        ),
        "duration": timedelta(minutes=20),
        "pinned_by": person("Gate_Keeper", Badge(type="moderator", text="Moderator")),
    }


def _ban(at: Moment) -> Fields:
    return {
        "id": IDS.uuid(),
        "user": person("spamlink"),
        "banned_by": person("Gate_Keeper"),
        "duration": timedelta(minutes=5),
        "expires_at": at.when + timedelta(minutes=5),
    }


def _unban(at: Moment) -> Fields:
    names = {"user": person("spamlink"), "unbanned_by": person("Gate_Keeper")}
    return {"id": IDS.uuid(), **names, "permanent": False}


def _poll(at: Moment) -> Fields:
    options = (
        polls.PollOption(id=0, label="Desert", votes=31),
        polls.PollOption(id=1, label="Harbour", votes=24),
    )
    return {
        "poll": polls.Poll(
            title="Where next?",
            options=options,
            duration=timedelta(seconds=30),
            remaining=timedelta(seconds=12),
            result_display_duration=timedelta(seconds=15),
        )
    }


def _rules(at: Moment) -> Fields:
    return {
        "id": at.channel.chatroom_id,
        "slow_mode": SlowMode(enabled=True, message_interval=timedelta(seconds=5)),
        "subscribers_mode": Toggle(),
        "followers_mode": AgeMode(min_duration=timedelta(0)),
        "emotes_mode": Toggle(),
        "advanced_bot_protection": BotProtection(remaining_time=timedelta(0)),
        "account_age": AgeMode(min_duration=timedelta(0)),
    }


def _settings(at: Moment) -> Fields:
    settings = ChatSettings(
        channel_id=at.channel.channel_id,
        rules="Be kind.",
        allow_links=Toggle(enabled=True),
        slow_mode=TimedMode(enabled=True, duration=timedelta(seconds=5)),
    )
    return {"settings": settings, "id": IDS.uuid(), "created_at": at.when}


def _chat_topic(at: Moment) -> str:
    return f"chatrooms.{at.channel.chatroom_id}.v2"


DEFAULTS: Final[Defaults] = {
    chat.ChatMessage: _message,
    chat.MessageDeleted: lambda at: {
        "id": IDS.uuid(),
        "message": chat.MessageRef(id=IDS.uuid()),
        "ai_moderated": False,
    },
    chat.PinnedMessageCreated: _pin,
    moderation.UserBanned: _ban,
    moderation.UserUnbanned: _unban,
    polls.PollUpdate: _poll,
    chatroom.ChatroomUpdated: _rules,
    chatroom.ChatSettingsChanged: _settings,
    chatroom.ChatroomClear: lambda at: {"id": IDS.uuid()},
}
