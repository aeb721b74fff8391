"""Channel ids on disk, so that a name has to be looked up only once a month."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import frozen

from kick_live.events.tolerant import ConversionError, convert, parse_json
from kick_live.models.channel import Channel
from kick_live.net.hosts import is_loopback

__all__ = ["CACHE_DIR_VARIABLE", "IdCache", "Remembered"]

logger = logging.getLogger(__name__)

#: Names another directory; empty, it switches remembering off.
CACHE_DIR_VARIABLE: Final = "KICK_LIVE_CACHE_DIR"
#: Seconds after which ids are looked up again if possible.
MAX_AGE: Final = 30 * 86400.0
#: The most channels that are kept for a site; the oldest go first.
MAX_ENTRIES: Final = 5000
_MAX_FILE: Final = 8 * 1024 * 1024


@frozen(kw_only=True)
class Remembered:
    """Ids that were looked up earlier.

    Attributes:
        channel: The channel.
        is_stale: Whether that was more than 30 days ago.
    """

    channel: Channel
    is_stale: bool


class IdCache:
    """Remembers channels by site and slug, in one JSON file.

    May be used by several threads and processes: the file is replaced as a whole. A file that is
    missing, damaged or cannot be written is not an error; then nothing is remembered. Sites on this
    machine are never remembered.

    Args:
        directory: Where the file lies. If not given, the environment variable
            ``KICK_LIVE_CACHE_DIR`` decides (empty: nothing is remembered), else it is the user's
            directory for caches.
        clock: The wall clock, in seconds since 1970.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str] | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._lock = threading.Lock()

    @property
    def path(self) -> Path | None:
        """The file, or ``None`` where nothing is remembered."""
        directory = self._directory
        if directory is None:
            directory = os.environ.get(CACHE_DIR_VARIABLE)
        if directory is None:
            directory = _user_directory()
        return Path(directory) / "channels.json" if directory else None

    def get(self, site: str, slug: str) -> Remembered | None:
        """What is remembered of a channel, or ``None``.

        Args:
            site: The site's base address.
            slug: The name.
        """
        path = self.path
        if path is None or _is_local(site):
            return None
        entry = _read(path).get(site, {}).get(slug.lower())
        if not isinstance(entry, dict):
            return None
        try:
            channel = convert(entry, Channel)
        except ConversionError:
            return None
        if channel.channel_id <= 0 or channel.chatroom_id <= 0:
            return None
        saved_at = _saved_at(entry)
        # A time in the future means that a clock was wrong: do not trust it for ever.
        is_stale = not 0 <= self._clock() - saved_at <= MAX_AGE
        return Remembered(channel=channel, is_stale=is_stale)

    def put(self, site: str, slug: str, channel: Channel) -> None:
        """Remember a channel under a name, and under its own slug.

        Args:
            site: The site's base address.
            slug: The name under which it was found, or what stands for one.
            channel: The channel.
        """
        entry = {
            "slug": channel.slug,
            "channel_id": channel.channel_id,
            "chatroom_id": channel.chatroom_id,
            "user_id": channel.user_id,
            "username": channel.username,
            "saved_at": self._clock(),
        }

        def add(entries: dict[str, Any]) -> None:
            entries[slug.lower()] = entries[channel.slug.lower()] = entry
            for oldest in sorted(entries, key=lambda name: _saved_at(entries[name]))[:-MAX_ENTRIES]:
                del entries[oldest]

        self._change(site, add)

    def forget(self, site: str, slug: str) -> None:
        """Forget what is remembered under a name.

        Args:
            site: The site's base address.
            slug: The name.
        """
        self._change(site, lambda entries: entries.pop(slug.lower(), None))

    def _change(self, site: str, change: Callable[[dict[str, Any]], object]) -> None:
        path = self.path
        if path is None or _is_local(site):
            return
        with self._lock:
            sites = _read(path)
            before = dict(sites.get(site, {}))
            entries = sites.setdefault(site, {})
            change(entries)
            if entries == before:
                return
            try:
                _replace(path, json.dumps({"version": 1, "sites": sites}, indent=1))
            except OSError as error:
                logger.debug("cannot remember channel ids: %s", error)


def _user_directory() -> str | None:
    try:
        import platformdirs

        return platformdirs.user_cache_dir("kick_live", appauthor=False)
    except (ImportError, OSError, RuntimeError, KeyError) as error:
        logger.debug("no directory for caches: %s", error)
        return None


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """The file's entries by site and slug; whatever is damaged is left out."""
    try:
        with path.open("rb") as file:
            content = parse_json(file.read(_MAX_FILE))
    except (OSError, ConversionError) as error:
        if not isinstance(error, FileNotFoundError):
            logger.debug("cannot read remembered channel ids: %s", error)
        return {}
    sites = content.get("sites") if isinstance(content, dict) else None
    if not isinstance(sites, dict):
        return {}
    return {site: entries for site, entries in sites.items() if isinstance(entries, dict)}


def _replace(path: Path, text: str) -> None:
    """Write a file so that readers see the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _saved_at(entry: Any) -> float:
    value = entry.get("saved_at") if isinstance(entry, dict) else None
    try:
        return float(value) if isinstance(value, (int, float)) else 0.0
    except OverflowError:
        return 0.0


def _is_local(site: str) -> bool:
    try:
        return is_loopback(urlsplit(site).hostname or "")
    except ValueError:
        return False
