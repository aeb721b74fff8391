"""The tables of a store, and how those of older stores become those of newer ones."""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "INDEXED", "MIGRATIONS", "VERSION"]

#: Marks a SQLite file as a store ("KLIV").
APPLICATION_ID: Final = 0x4B4C4956

_FIRST: Final = """
CREATE TABLE channels (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL,
    chatroom_id INTEGER,
    user_id INTEGER,
    username TEXT
);
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL,
    slug TEXT,
    color TEXT,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL
);
CREATE TABLE names (
    username TEXT NOT NULL COLLATE NOCASE,
    user_id INTEGER NOT NULL,
    PRIMARY KEY (username, user_id)
) WITHOUT ROWID;
CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    channel_id INTEGER NOT NULL,
    user_id INTEGER,
    username TEXT NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    content TEXT NOT NULL,
    type TEXT NOT NULL,
    reply_to TEXT,
    badges TEXT NOT NULL,
    color TEXT,
    removed_at INTEGER,
    removed_by TEXT,
    UNIQUE (id, channel_id)
);
CREATE INDEX messages_at ON messages (at);
CREATE INDEX messages_user ON messages (user_id, at);
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    channel_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    username TEXT,
    amount INTEGER,
    data TEXT NOT NULL
);
CREATE INDEX events_at ON events (kind, at);
CREATE TABLE removals (
    key TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    channel_id INTEGER NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX removals_target ON removals (scope, channel_id, target, at);
CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    until INTEGER NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5 (
    text, author, channel,
    content = '',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
CREATE VIEW chat AS
SELECT
    strftime('%Y-%m-%d %H:%M:%S', messages.at / 1000000, 'unixepoch') AS time,
    channels.slug AS channel,
    messages.username,
    messages.content,
    messages.removed_by,
    messages.id
FROM messages LEFT JOIN channels ON channels.id = messages.channel_id
ORDER BY messages.at;
"""

#: Searches by user, by channel, in a span, and among what was removed, without reading every row:
#: of a million messages those took up to 300 ms, now a few (November 2026).
_SECOND: Final = """
DROP INDEX messages_user;
CREATE INDEX messages_user ON messages (user_id);
CREATE INDEX messages_channel ON messages (channel_id);
CREATE INDEX messages_removed ON messages (user_id, number) WHERE removed_at IS NOT NULL;
CREATE INDEX messages_gone ON messages (number) WHERE removed_at IS NOT NULL;
CREATE TABLE spans (
    block INTEGER PRIMARY KEY,
    earliest INTEGER NOT NULL,
    latest INTEGER NOT NULL
);
INSERT INTO spans SELECT number / 1000, min(at), max(at) FROM messages GROUP BY 1;
CREATE VIRTUAL TABLE removed_words USING fts5 (
    text, author, channel,
    content = '',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
INSERT INTO removed_words (rowid, text, author, channel)
SELECT number, fold(content), 'u' || user_id, 'c' || channel_id FROM messages
WHERE removed_at IS NOT NULL;
CREATE TRIGGER messages_marked AFTER UPDATE OF removed_at ON messages
WHEN old.removed_at IS NULL AND new.removed_at IS NOT NULL BEGIN
    INSERT INTO removed_words (rowid, text, author, channel)
    VALUES (new.number, fold(new.content), 'u' || new.user_id, 'c' || new.channel_id); END;
"""

#: Beginnings of words are found by an index of their own: without it ``w*`` took 1 to 4 s among a million
#: messages, now 1 ms. It makes the file a quarter larger (November 2026). Signs can be searched for, too.
#: What is in these tables, and in the marks of messages, is filled in by ``upgrading.py``.
_THIRD: Final = """
DROP TRIGGER messages_marked;
DROP TABLE words;
DROP TABLE removed_words;
CREATE VIRTUAL TABLE words USING fts5 (
    text, marks, author, channel,
    content = '',
    prefix = '1 2 3 4 5',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
CREATE VIRTUAL TABLE removed_words USING fts5 (
    text, marks, author, channel,
    content = '',
    prefix = '1 2 3 4 5',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'"
);
CREATE TRIGGER messages_marked AFTER UPDATE OF removed_at ON messages
WHEN old.removed_at IS NULL AND new.removed_at IS NOT NULL BEGIN
    INSERT INTO removed_words (rowid, text, marks, author, channel)
    VALUES (new.number, fold(new.content), marks(new.content), 'u' || new.user_id,
        'c' || new.channel_id); END;
"""

#: Until when a recording was read told nothing where its clock had been set back since.
_FOURTH: Final = """
ALTER TABLE sources ADD COLUMN file INTEGER;
ALTER TABLE sources ADD COLUMN byte INTEGER;
ALTER TABLE sources ADD COLUMN beginning BLOB
"""

#: What takes a store of version n to version n + 1. Never changed once released, only added to.
MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH)
VERSION: Final = len(MIGRATIONS)
#: What the index is given of a message.
INDEXED: Final = "number, fold(content), marks(content), 'u' || user_id, 'c' || channel_id"
