"""Writes rows as CSV, JSON lines and plain text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import timezone
from typing import Any, Final, TextIO

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.events.values import dump, event_values
from kick_live.recording.rows import microseconds
from kick_live.recording.table import COLUMNS, user_of
from kick_live.safe import neutralise

__all__ = ["check_template", "write_csv", "write_jsonl", "write_text"]

#: What a spreadsheet may take for a formula, also in its wide form.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Controls but for tab and line feed, odd ends of lines, and what turns the reading direction around.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_CHAT: Final = "[{date} {clock} UTC] {username}: {message}"
_HAPPENED: Final = "[{date} {clock} UTC] * {username} {message}"
_BY_NOBODY: Final = "[{date} {clock} UTC] * {message}"


def write_csv(rows: Iterable[dict[str, Any]], file: TextIO) -> int:
    """Write rows as CSV, with a header; no cell is taken for a formula.

    Returns:
        How many there were.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
        count += 1
    return count


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, list):
        value = " ".join(value)
    elif not isinstance(value, str):
        return value.astimezone(timezone.utc).isoformat()
    value = "'" + value if value.startswith(_FORMULA) else value
    return _CONTROLS.sub("\ufffd", value)


def write_jsonl(events: Iterable[tuple[Event, dict[str, Any]]], file: TextIO) -> int:
    """Write events as lines of JSON, the fields of messages as chat-downloader names them.

    Returns:
        How many there were.
    """
    count = 0
    for event, row in events:
        file.write(dump(_object(event, row)) + "\n")
        count += 1
    return count


def _object(event: Event, row: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "message_id": row["message_id"],
        "message_type": row["type"],
        "timestamp": microseconds(row["time"]),
        "received_timestamp": microseconds(row["received_at"]),
        "time_in_seconds": row["time_in_seconds"],
        "time_text": time_text(row["time_in_seconds"]),
        "channel": row["channel"],
        "message": row["message"],
    }
    if isinstance(event, ChatMessage):
        values["content"] = row["content"]
    user = user_of(event)
    if row["username"] is not None:
        values["author"] = {
            "id": row["user_id"],
            "name": user.slug if user is not None else None,
            "display_name": row["username"],
            "colour": row["color"],
            "badges": [
                {"name": badge.type, "title": badge.text, "count": badge.count}
                for badge in (user.badges if user is not None else ())
            ],
        }
    if isinstance(event, ChatMessage):
        values["emotes"] = [
            {
                "id": emote.id,
                "name": emote.name,
                "images": [{"id": "source", "url": emote.url}],
            }
            for emote in event.emotes
        ]
        if row["reply_to"] is not None:
            values["in_reply_to"] = row["reply_to"]
    else:
        if row["amount"] is not None:
            values["amount"] = row["amount"]
        shared = ("type", "channel", "received_at", "historical", "topic")
        values["data"] = {k: v for k, v in event_values(event).items() if k not in shared}
    return values


def time_text(seconds: float) -> str:
    """Seconds as ``1:02:03``, below an hour as ``2:03``.

    Example:
        >>> time_text(3723.4), time_text(-5)
        ('1:02:03', '-0:05')
    """
    whole = total = int(abs(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, whole = divmod(rest, 60)
    sign = "-" if seconds < 0 < total else ""
    return f"{sign}{hours}:{minutes:02}:{whole:02}" if hours else f"{sign}{minutes}:{whole:02}"


def check_template(template: str) -> None:
    """Refuse a template that names no fields that exist.

    Raises:
        ValueError: It cannot be filled; the message lists the fields.
    """
    try:
        template.format_map(_fields(dict.fromkeys(COLUMNS)))
    except KeyError as error:
        raise _no_template(f"There is no field {{{error.args[0]}}}") from error
    except (IndexError, ValueError, AttributeError, TypeError) as error:
        raise _no_template(f"{template!r} is no template ({error})") from error


def _no_template(what: str) -> ValueError:
    names = ", ".join(f"{{{name}}}" for name in ("date", "clock", "time_text", *COLUMNS))
    return ValueError(f"{what}. The fields are {names}; a brace itself is written twice.")


def write_text(rows: Iterable[dict[str, Any]], file: TextIO, template: str | None) -> int:
    """Write rows as lines of text, safe to show in a terminal.

    Returns:
        How many there were.
    """
    count = 0
    for row in rows:
        usual = _CHAT if row["type"] == ChatMessage.kind else _HAPPENED
        shape = template or (usual if row["username"] else _BY_NOBODY)
        file.write(neutralise(shape.format_map(_fields(row))) + "\n")
        count += 1
    return count


def _fields(row: dict[str, Any]) -> dict[str, str]:
    """A row's values as texts, so that a template can neither fail on them nor look into them."""
    time, seconds = row["time"], row["time_in_seconds"]
    fields = {name: _plain(value) for name, value in row.items()}
    utc = time.astimezone(timezone.utc) if time is not None else None
    fields["date"] = f"{utc:%Y-%m-%d}" if utc is not None else ""
    fields["clock"] = f"{utc:%H:%M:%S}" if utc is not None else ""
    fields["time_text"] = time_text(seconds) if seconds is not None else ""
    return fields


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, list) else str(value)
