"""Chat and moderation of a simulated channel."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from attrs import frozen

from kick_live.arguments import check_instance, check_texts, check_whole
from kick_live.testing.channel_base import ChannelBase
from kick_live.testing.payloads import Payload, chat
from kick_live.testing.payloads.chat import BadgeSpec
from kick_live.testing.payloads.stream import room_settings, settings_changed
from kick_live.testing.texts import utc_now

__all__ = ["ChatActions", "HistoryEntry"]

_HISTORY_LIMIT: Final = 10_000


@frozen
class HistoryEntry:
    """A message in the chat history.

    Attributes:
        when: Its time, unique within the channel.
        message: The payload as it was sent live.
    """

    when: datetime
    message: Payload


class ChatActions(ChannelBase):
    """Messages, pins, deletions, bans and the settings of the room."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.history: deque[HistoryEntry] = deque(maxlen=_HISTORY_LIMIT)
        self.pinned: Payload | None = None
        self.banned: dict[str, int | None] = {}
        self._history_lock = threading.Lock()

    def chat(
        self,
        content: str,
        username: str = "Maple_Harbor",
        *,
        user_id: int | None = None,
        badges: Sequence[BadgeSpec] = (),
        color: str | None = None,
        metadata: Mapping[str, Any] | str | Literal["auto"] | None = "auto",
        live: bool = True,
    ) -> Payload:
        """Say something in chat; it also enters the history.

        Args:
            content: The text, with emotes as ``[emote:39001:WaveHi]``.
            username: Who says it.
            user_id: Their id; the same name keeps the same id if none is given.
            badges: Types, ``(type, count)`` pairs or whole objects.
            color: The name's colour as ``#RRGGBB``; one that belongs to the name if not given.
            metadata: ``"auto"`` for what a person's client adds, ``None`` as bots have it, or
                anything else as it is.
            live: Whether it is published; otherwise it is in the history alone, as if the
                publication had been lost.

        Returns:
            The payload.
        """
        when = self._tick()
        if metadata == "auto":
            metadata = chat.metadata(when)
        return self._say(
            content, username, when, live, user_id, badges=badges, color=color, metadata=metadata
        )

    def reply(
        self,
        content: str,
        to: str | Payload,
        username: str = "Fern_Gully",
        *,
        user_id: int | None = None,
        badges: Sequence[BadgeSpec] = (),
        live: bool = True,
    ) -> Payload:
        """Answer a message.

        Args:
            content: The text.
            to: The payload that :meth:`chat` returned, or the id of a message in the history.
            username: Who answers.
            user_id: Their id.
            badges: As for :meth:`chat`.
            live: As for :meth:`chat`.

        Raises:
            ValueError: No message in the history has this id.
        """
        to = self._message("to", to)
        when = self._tick()
        return self._say(
            content,
            username,
            when,
            live,
            user_id,
            kind="reply",
            badges=badges,
            metadata=chat.reply_metadata(to, when),
            thread=to["id"],
        )

    def celebrate(
        self, months: int = 13, username: str = "copperkite", text: str = "", *, live: bool = True
    ) -> Payload:
        """Share the renewal of a subscription in chat."""
        check_whole("months", months, 1)
        when = self._tick()
        return self._say(
            text,
            username,
            when,
            live,
            None,
            kind="celebration",
            badges=[("subscriber", months)],
            metadata=chat.celebration_metadata(self._world.ids, months, when),
        )

    def delete_message(
        self, message: str | Payload, *, ai: bool = False, rules: Sequence[str] = ()
    ) -> Payload:
        """Delete a message, from the history too.

        Args:
            message: Its id or its payload.
            ai: Whether the automatic moderation did it.
            rules: The rules it named, such as ``"is_spam-TRUE"``.
        """
        expected = "an id, or a payload that chat() returned"
        check_instance("message", message, (str, Mapping), expected)
        check_texts("rules", rules)
        if not isinstance(message, str) and "id" not in message:
            raise ValueError(f"message must be {expected}, not {message!r}.")
        message_id = message if isinstance(message, str) else str(message["id"])
        with self._history_lock:
            kept = [entry for entry in self.history if entry.message["id"] != message_id]
            self.history.clear()
            self.history.extend(kept)
        payload = chat.deletion(self._world.ids, message_id, ai=ai, rules=rules)
        self._room("MessageDeletedEvent", payload)
        return payload

    def ban(self, username: str, minutes: int | None = None, by: str = "Gate_Keeper") -> Payload:
        """Ban somebody for good, or for some minutes."""
        if minutes is not None:
            check_whole("minutes", minutes, 1)
        person, moderator = self._world.person(username), self._world.person(by)
        payload = chat.ban(self._world.ids, person, moderator, minutes, utc_now())
        self.banned[username.lower()] = minutes
        self._room("UserBannedEvent", payload)
        return payload

    def unban(self, username: str, by: str = "Gate_Keeper") -> Payload:
        """Lift a ban or a timeout."""
        person, moderator = self._world.person(username), self._world.person(by)
        permanent = self.banned.pop(username.lower(), None) is None
        payload = chat.unban(self._world.ids, person, moderator, permanent=permanent)
        self._room("UserUnbannedEvent", payload)
        return payload

    def pin(self, message: str | Payload, seconds: int = 1200, by: str = "Gate_Keeper") -> Payload:
        """Pin a message, given as for :meth:`reply`; nothing is sent when the time is over."""
        message = self._message("message", message)
        payload = chat.pin(message, seconds, self._world.person(by))
        self.pinned = payload
        self._room("PinnedMessageCreatedEvent", payload)
        return payload

    def unpin(self) -> list[Any]:
        """Take the pinned message down."""
        self.pinned = None
        payload: list[Any] = []
        self._room("PinnedMessageDeletedEvent", payload)
        return payload

    def clear(self) -> Payload:
        """Clear the chat for everyone."""
        payload = {"id": self._world.ids.uuid()}
        self._room("ChatroomClearEvent", payload)
        return payload

    def update_settings(self, **changes: Any) -> tuple[Payload, Payload]:
        """Change the chat's modes; published twice, in the older units and in the newer.

        Args:
            changes: Any of ``slow_mode_seconds``, ``followers_only_minutes``,
                ``account_age_minutes`` (``None`` turns a mode off), ``subscribers_only``,
                ``emotes_only``, ``allow_links`` and ``rules``.

        Returns:
            The payloads of ChatroomUpdatedEvent and ChatSettingsChanged.

        Raises:
            TypeError: There is no such mode.
        """
        unknown = changes.keys() - self.modes.keys()
        if unknown:
            raise TypeError(f"no such setting: {sorted(unknown)}; there are {sorted(self.modes)}")
        self.modes.update(changes)
        room = room_settings(self.chatroom_id, self.modes)
        changed = settings_changed(
            self._world.ids, self.channel_id, self.slug, self.modes, utc_now()
        )
        self._room("ChatroomUpdatedEvent", room)
        self.publish("ChatSettingsChanged", changed, f"channel_{self.channel_id}")
        return room, changed

    def history_entries(self) -> list[HistoryEntry]:
        """The history so far, oldest first."""
        with self._history_lock:
            return list(self.history)

    def _message(self, name: str, message: str | Payload) -> Payload:
        """A message that was passed itself, or by its id."""
        expected = "a payload that chat() returned, or the id of a message in the history"
        check_instance(name, message, (str, Mapping), expected)
        if not isinstance(message, str):
            if not message.keys() >= {"id", "content", "sender"}:
                raise ValueError(f"{name} must be {expected}, not {message!r}.")
            return message
        for entry in self.history_entries():
            if entry.message["id"] == message:
                return entry.message
        raise ValueError(
            f"{name} must be the id of a message in the history, not {message!r}. A message that is "
            "not there any more can be passed as the payload that chat() returned."
        )

    def _say(
        self,
        content: str,
        username: str,
        when: datetime,
        live: bool,
        user_id: int | None,
        **fields: Any,
    ) -> Payload:
        person = self._world.person(username, user_id)
        ids = self._world.ids
        payload = chat.message(ids, self.chatroom_id, person, content, when, **fields)
        with self._history_lock:
            self.history.append(HistoryEntry(when, payload))
        if live:
            self._room("ChatMessageEvent", payload)
        return payload

    def _tick(self) -> datetime:
        # The cursor of the history is a time in microseconds, so no two messages may share one.
        with self._history_lock:
            now = utc_now()
            if self.history and now <= self.history[-1].when:
                now = self.history[-1].when + timedelta(microseconds=1)
            return now
