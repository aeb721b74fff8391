"""Channel ids on disk."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from kick_live.models.channel import Channel
from kick_live.net import id_cache
from kick_live.net.id_cache import CACHE_DIR_VARIABLE, IdCache

SITE = "https://kick.example"
AMBER = Channel(
    slug="amber-quokka", channel_id=7733190, chatroom_id=7712045, user_id=9, username="Amber"
)


def test_what_is_put_is_got(tmp_path: Path) -> None:
    """A channel is found again by both names, in any case, also by another object."""
    IdCache(tmp_path / "new" / "directory").put(SITE, "Amber_Quokka", AMBER)
    other = IdCache(tmp_path / "new" / "directory")
    for name in ("amber_quokka", "AMBER-quokka"):
        found = other.get(SITE, name)
        assert found is not None
        assert found.channel == AMBER
        assert (found.channel.user_id, found.channel.username) == (9, "Amber")
        assert not found.is_stale


def test_sites_are_apart(tmp_path: Path) -> None:
    """The same name on another site is another channel."""
    cache = IdCache(tmp_path)
    cache.put(SITE, "amber-quokka", AMBER)
    assert cache.get("https://other.example", "amber-quokka") is None


@pytest.mark.parametrize(("age", "is_stale"), [(0, False), (29, False), (31, True), (-1, True)])
def test_age(tmp_path: Path, age: int, is_stale: bool) -> None:
    """After thirty days ids are stale, as are those from the future."""
    now = 1_790_000_000.0
    IdCache(tmp_path, clock=lambda: now).put(SITE, "amber-quokka", AMBER)
    found = IdCache(tmp_path, clock=lambda: now + age * 86400).get(SITE, "amber-quokka")
    assert found is not None
    assert found.is_stale is is_stale


def test_forget(tmp_path: Path) -> None:
    """A forgotten name is gone; forgetting an unknown one does nothing."""
    cache = IdCache(tmp_path)
    cache.put(SITE, "amber-quokka", AMBER)
    cache.forget(SITE, "nobody")
    assert cache.get(SITE, "amber-quokka") is not None
    cache.forget(SITE, "Amber-Quokka")
    assert cache.get(SITE, "amber-quokka") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"sites": 5}',
        b'{"sites": {"https://kick.example": []}}',
        b'{"sites": {"https://kick.example": {"amber-quokka": 7}}}',
        b'{"sites": {"https://kick.example": {"amber-quokka": {"slug": "x"}}}}',
        b'{"sites": {"https://kick.example": {"amber-quokka": {"slug": "x", "channel_id": -1,'
        b' "chatroom_id": 1, "saved_at": "y"}}}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_no_error(tmp_path: Path, content: bytes) -> None:
    """Whatever the file holds, nothing is found in it and it can be written again."""
    (tmp_path / "channels.json").write_bytes(content)
    cache = IdCache(tmp_path)
    assert cache.get(SITE, "amber-quokka") is None
    cache.put(SITE, "amber-quokka", AMBER)
    assert cache.get(SITE, "amber-quokka") is not None


@pytest.mark.parametrize("saved_at", ["1" + "0" * 400, "1" + "0" * 5000, "NaN", "-1e999"])
def test_a_damaged_time_is_no_error(tmp_path: Path, saved_at: str) -> None:
    """Ids that were remembered at no time are looked up again, and other ids can be remembered."""
    cache = IdCache(tmp_path)
    cache.put(SITE, "amber-quokka", AMBER)
    saved = json.loads((tmp_path / "channels.json").read_text())
    saved["sites"][SITE]["amber-quokka"]["saved_at"] = "here"
    text = json.dumps(saved).replace('"here"', saved_at)
    (tmp_path / "channels.json").write_text(text)
    found = cache.get(SITE, "amber-quokka")
    assert found is None or found.is_stale
    cache.put(SITE, "other", Channel(slug="other", channel_id=1, chatroom_id=2))
    assert cache.get(SITE, "other") is not None


def test_an_unusable_directory_is_no_error(tmp_path: Path) -> None:
    """Where the directory cannot be made, nothing is remembered and nothing is raised."""
    (tmp_path / "file").write_text("in the way")
    cache = IdCache(tmp_path / "file")
    cache.put(SITE, "amber-quokka", AMBER)
    assert cache.get(SITE, "amber-quokka") is None


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If replacing fails, the old ids stay and no other file is left behind."""
    cache = IdCache(tmp_path)
    cache.put(SITE, "amber-quokka", AMBER)

    def refuse(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(os, "replace", refuse)
    cache.put(SITE, "other", Channel(slug="other", channel_id=1, chatroom_id=2))
    assert [path.name for path in tmp_path.iterdir()] == ["channels.json"]
    assert cache.get(SITE, "amber-quokka") is not None
    assert cache.get(SITE, "other") is None


@pytest.mark.parametrize(
    "site", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:5", "https://127.9.9.9"]
)
def test_sites_on_this_machine_are_not_remembered(tmp_path: Path, site: str) -> None:
    """A simulator's invented ids never reach the disk."""
    cache = IdCache(tmp_path)
    cache.put(site, "amber-quokka", AMBER)
    assert cache.get(site, "amber-quokka") is None
    assert list(tmp_path.iterdir()) == []


def test_the_environment_names_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KICK_LIVE_CACHE_DIR decides where the file is; empty, nothing is remembered."""
    monkeypatch.setenv(CACHE_DIR_VARIABLE, str(tmp_path / "here"))
    IdCache().put(SITE, "amber-quokka", AMBER)
    assert (tmp_path / "here" / "channels.json").exists()
    monkeypatch.setenv(CACHE_DIR_VARIABLE, "")
    assert IdCache().path is None
    IdCache().put(SITE, "amber-quokka", AMBER)
    assert IdCache().get(SITE, "amber-quokka") is None


def test_the_default_is_the_users_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable platformdirs decides; without platformdirs nothing is remembered."""
    monkeypatch.delenv(CACHE_DIR_VARIABLE, raising=False)
    path = IdCache().path
    assert path is not None
    assert path.name == "channels.json"
    assert "kick_live" in str(path)
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert IdCache().path is None


def test_the_oldest_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not grow without end."""
    monkeypatch.setattr(id_cache, "MAX_ENTRIES", 3)
    times = iter(range(1_790_000_000, 1_790_000_100))
    cache = IdCache(tmp_path, clock=lambda: float(next(times)))
    for number in range(1, 6):
        cache.put(SITE, f"c{number}", Channel(slug=f"c{number}", channel_id=number, chatroom_id=1))
    saved = json.loads((tmp_path / "channels.json").read_text())
    assert sorted(saved["sites"][SITE]) == ["c3", "c4", "c5"]


def test_threads_do_not_lose_entries(tmp_path: Path) -> None:
    """Several threads that put at once all find their entries afterwards."""
    cache = IdCache(tmp_path)

    def put(number: int) -> None:
        cache.put(SITE, f"c{number}", Channel(slug=f"c{number}", channel_id=number, chatroom_id=1))

    threads = [threading.Thread(target=put, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(cache.get(SITE, f"c{number}") for number in range(1, 9))
