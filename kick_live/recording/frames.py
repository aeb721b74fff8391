"""Tables for pandas, polars and Parquet."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, Literal

from kick_live.errors import MissingExtra
from kick_live.recording.selecting import Source, events_of, video_start
from kick_live.recording.table import COLUMNS, Tabulator
from kick_live.words import how_to_install

__all__ = ["to_dataframe", "write_parquet"]

_BATCH: Final = 10_000
_INTEGERS: Final = ("user_id", "amount")
_TIMES: Final = ("time", "received_at")
_LISTS: Final = ("emotes", "badges")
_REPEATED: Final = ("channel", "type", "username", "color")
_LARGEST: Final = 2**63


def to_dataframe(events: Source, library: Literal["pandas", "polars"] = "pandas") -> Any:
    """A table of events, one row each, with typed columns.

    The columns: ``time`` (Kick's, else the arrival; UTC), ``received_at``, ``time_in_seconds`` (since
    the first event), ``channel``, ``type``, ``username``, ``user_id``, ``message`` (to be read:
    emotes as ``:names:``), ``content`` (as Kick has it, with emotes' ids), ``text`` (without emotes),
    ``emotes`` and ``badges`` (lists), ``color``, ``amount`` (subscriptions, Kicks, months,
    viewers, where a goal stands), ``message_id``, ``reply_to``, ``historical``. Rows stand in the
    order of arrival. Blocks until the events end.

    Args:
        events: A recording's path, a ``Replay``, a list of events, ``client.events(timeout=60)``.
        library: ``"pandas"`` or ``"polars"``.

    Returns:
        A ``DataFrame`` of that library.

    Raises:
        MissingExtra: The library is not installed.
        RecordingError: The recording cannot be read.
        ValueError: There is no such library.

    Example:
        >>> from kick_live import ChatMessage, User
        >>> from kick_live.recording import to_dataframe
        >>> messages = [ChatMessage(id="1", sender=User(username="Maple"), content="gg")]
        >>> to_dataframe(messages)[["username", "message"]].values.tolist()
        [['Maple', 'gg']]
    """
    if library not in ("pandas", "polars"):
        raise ValueError(f"library must be 'pandas' or 'polars', not {library!r}.")
    module = _load(library, f"A {library} table", "export" if library == "pandas" else "polars")
    rows = _rows(events)
    return _pandas(module, _columns(rows)) if library == "pandas" else _polars(module, rows)


def _pandas(module: Any, columns: dict[str, list[Any]]) -> Any:
    table: dict[str, Any] = dict(columns)
    for name in _TIMES:
        table[name] = module.Series(columns[name], dtype="datetime64[us, UTC]")
    for name in _INTEGERS:
        table[name] = module.array(columns[name], dtype="Int64")
    table["type"] = module.Series(columns["type"], dtype="category")
    table["channel"] = module.Series(columns["channel"], dtype="category")
    return module.DataFrame(table)


def _polars(module: Any, rows: Iterator[dict[str, Any]]) -> Any:
    types = dict.fromkeys(COLUMNS, module.String)
    types |= dict.fromkeys(_TIMES, module.Datetime("us", "UTC"))
    types |= dict.fromkeys(_INTEGERS, module.Int64)
    types |= dict.fromkeys(_LISTS, module.List(module.String))
    types |= {"time_in_seconds": module.Float64, "historical": module.Boolean}
    # In pieces: as objects of Python a million rows need some 3 GiB, in polars a tenth of that.
    pieces = [module.DataFrame(schema=types)]
    while (columns := _columns(islice(rows, _BATCH)))["type"]:
        pieces.append(module.DataFrame(columns, schema=types))
    return module.concat(pieces, rechunk=True)


def write_parquet(rows: Iterable[dict[str, Any]], file: Any) -> int:
    """Write rows as Parquet, in groups of ten thousand.

    Returns:
        How many there were.

    Raises:
        MissingExtra: pyarrow is not installed.
    """
    arrow = _load("pyarrow", "Parquet", "export")
    parquet = importlib.import_module("pyarrow.parquet")
    types = dict.fromkeys(COLUMNS, arrow.string())
    types |= dict.fromkeys(_TIMES, arrow.timestamp("us", "UTC"))
    types |= dict.fromkeys(_INTEGERS, arrow.int64())
    types |= dict.fromkeys(_LISTS, arrow.list_(arrow.string()))
    types |= {"time_in_seconds": arrow.float64(), "historical": arrow.bool_()}
    schema = arrow.schema(list(types.items()))
    count, iterator = 0, iter(rows)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := [_fitting(row) for row in islice(iterator, _BATCH)]:
            writer.write_table(arrow.Table.from_pylist(batch, schema))
            count += len(batch)
    return count


def _rows(events: Source) -> Iterator[dict[str, Any]]:
    source = events_of(events)
    tabulator = Tabulator(functools.partial(video_start, source))
    for event in source:
        yield _fitting(tabulator.row(event))


def _columns(rows: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    known: dict[Any, Any] = {}
    for row in rows:
        for name in _REPEATED:
            # The same few names and colours come again and again: one object each is enough.
            row[name] = known.setdefault(row[name], row[name])
        for name, values in columns.items():
            values.append(row[name])
    return columns


def _fitting(row: dict[str, Any]) -> dict[str, Any]:
    """A row that typed columns take: numbers within 64 bits, no halves of surrogate pairs."""
    for name in _INTEGERS:
        value = row[name]
        if value is not None and not -_LARGEST <= value < _LARGEST:
            row[name] = None
    for name, value in row.items():
        if isinstance(value, str) and not value.isascii():
            row[name] = value.encode("utf-8", "replace").decode()
    return row


def _load(name: str, what: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"{what} needs the package {name}, which is not installed: "
            f"run {how_to_install(extra)}.",
            extra=extra,
        ) from error
