"""Log what moderators do to a database: bans, deletions, pins, clears.

python moderation_log.py NAME [--file moderation.db]
sqlite3 moderation.db "SELECT * FROM log"
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import OrderedDict
from pathlib import Path

from chat_source import arguments, open_client, printable

from kick_live import (
    ChatMessage,
    ChatroomClear,
    Event,
    KickClient,
    MessageDeleted,
    PinnedMessageCreated,
    PinnedMessageDeleted,
    UserBanned,
    UserUnbanned,
)

REMEMBERED = 10_000
TABLE = """
CREATE TABLE IF NOT EXISTS log (
    at TEXT NOT NULL, channel TEXT, action TEXT NOT NULL, user TEXT, moderator TEXT, detail TEXT
)
"""


def main(client: KickClient, path: Path) -> None:
    """Write a row for each action; each is on the disk before the next is looked at."""
    # A deletion names only the id, so the last messages are remembered.
    said: OrderedDict[str, ChatMessage] = OrderedDict()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(TABLE)

        def log(event: Event, user: str | None, moderator: str | None, detail: str | None) -> None:
            where = event.channel.slug if event.channel else None
            row = (event.received_at.isoformat(), where, event.kind, user, moderator, detail)
            with database:
                database.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", row)
            print(" | ".join(printable(value or "-") for value in row[1:]), flush=True)

        @client.on(ChatMessage)
        def remember(message: ChatMessage) -> None:
            said[message.id] = message
            if len(said) > REMEMBERED:
                said.popitem(last=False)

        @client.on(MessageDeleted)
        def deleted(event: MessageDeleted) -> None:
            message = said.get(event.message_id)
            log(
                event,
                message.sender.username if message else None,
                "automatic" if event.ai_moderated else None,
                message.content if message else f"message {event.message_id}",
            )

        @client.on(UserBanned)
        def banned(event: UserBanned) -> None:
            moderator = event.banned_by.username if event.banned_by else None
            length = "permanent" if event.permanent else str(event.duration)
            log(event, event.user.username, moderator, length)

        @client.on(UserUnbanned)
        def unbanned(event: UserUnbanned) -> None:
            moderator = event.unbanned_by.username if event.unbanned_by else None
            log(event, event.user.username, moderator, None)

        @client.on(PinnedMessageCreated)
        def pinned(event: PinnedMessageCreated) -> None:
            moderator = event.pinned_by.username if event.pinned_by else None
            log(event, event.message.sender.username, moderator, event.message.content)

        client.on(PinnedMessageDeleted, lambda event: log(event, None, None, None))
        client.on(ChatroomClear, lambda event: log(event, None, None, None))
        client.run()


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--file", type=Path, default=Path("moderation.db"))
    options = parser.parse_args()
    with open_client(options, demo_rate=20) as client:  # there is little to moderate
        main(client, options.file)
