"""The order of the rooms: imports point one way, each foreign library has one door."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kick_live

ROOT = Path(kick_live.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)

#: From the ground up; each tier may import from itself and from those before it.
TIERS = (
    ("display",),
    ("errors", "stats", "words", "quantities", "safe", "colors", "arguments", "latch"),
    ("models",),
    ("events",),
    ("protocols",),
    ("net",),
    ("session",),
    ("dispatcher",),
    ("listening",),
    ("client",),
    ("__init__",),
    ("recording",),
    ("testing", "notebook"),
    ("cli",),
    ("__main__",),
)
#: These know nothing beside them in their tier.
ISLANDS = (
    *("errors", "stats", "words", "quantities", "safe", "colors", "arguments", "latch"),
    *("testing", "notebook"),
)

#: The only files that may import a library.
DOORS = {
    "websocket": {"net/websocket.py"},
    "pyee": {"dispatcher.py"},
    "requests": {"net/http_session.py", "net/http_sockets.py"},
    "curl_adapter": {"net/http_session.py"},
    "platformdirs": {"net/id_cache.py"},
    "certifi": {"net/websocket.py"},
}
#: The folders that may import a library.
ROOMS = {
    "msgspec": ("events/", "models/", "protocols/", "net/", "recording/"),
    "click": ("cli/", "__main__.py"),
    "rich": ("cli/",),
    "werkzeug": ("testing/",),
    "wsproto": ("testing/",),
    "pytest": ("testing/pytest_plugin.py",),
}
FORBIDDEN = ("asyncio", "trio", "anyio", "aiohttp", "websockets", "httpx")
#: Not needed by `import kick_live`, so not imported by it.
LAZY = (
    *("requests", "urllib3", "websocket", "click", "rich", "werkzeug", "wsproto", "platformdirs"),
    *("curl_cffi", "curl_adapter", "asyncio", "http.client"),
    *("IPython", "ipywidgets", "kick_live.notebook"),
)


def name_of(path: Path) -> str:
    """The file's name, relative to the package."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, at any depth; and whether only for type checkers."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in for_types
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            if node.module == "kick_live":
                for alias in node.names:
                    part = ROOT / alias.name
                    is_module = part.is_dir() or part.with_suffix(".py").is_file()
                    yield f"kick_live.{alias.name}" if is_module else "kick_live", False
            else:
                yield node.module, id(node) in for_types


def room_of(module: str) -> str:
    """The first part of a module's name inside the package."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def tier_of(room: str) -> int:
    """The number of a room's tier."""
    tiers = [number for number, rooms in enumerate(TIERS) if room in rooms]
    assert tiers, f"{room} has no place in TIERS yet"
    return tiers[0]


def own_room(path: Path) -> str:
    """The room that a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    """A file imports from its own tier and from those below, never from above."""
    room = own_room(path)
    for module, _ in imports(path):
        if module.split(".")[0] == "kick_live":
            other = room_of(module)
            assert tier_of(other) <= tier_of(room), f"{name_of(path)} imports {module}"
            if room in ISLANDS:
                assert other == room or tier_of(other) < tier_of(room)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_foreign_libraries_come_through_their_doors(path: Path) -> None:
    """Each third-party library is imported in its file or folder only; asyncio nowhere."""
    name = name_of(path)
    for module, only_types in imports(path):
        library = module.split(".")[0]
        assert library not in FORBIDDEN, f"{name} imports {module}"
        if only_types:
            continue
        if library in DOORS:
            assert name in DOORS[library], f"{name} imports {module}"
        if library in ROOMS:
            assert name.startswith(ROOMS[library]), f"{name} imports {module}"


@pytest.mark.parametrize("door", sorted(DOORS))
def test_every_door_is_used(door: str) -> None:
    """A door that nobody goes through would hide a library that has moved."""
    users = {
        name_of(path)
        for path in FILES
        for module, _ in imports(path)
        if module.split(".")[0] == door
    }
    assert users & DOORS[door]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_command_line_prints(path: Path) -> None:
    """A library has its loggers; and none of its files adds handlers to them."""
    if name_of(path).startswith(("cli/", "__main__")):
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "logging.basicConfig"), f"{name_of(path)}:{node.lineno}"
            assert not called.endswith(".addHandler"), f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_sleeps_and_no_global_switch_is_thrown(path: Path) -> None:
    """Waits are on events that can be set; websocket-client's switches belong to the program."""
    switches = ("enableTrace", "setdefaulttimeout", "setReconnect", "signal.signal")
    allowed = ("cli/", "testing/", "__main__")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            where = f"{name_of(path)}:{node.lineno}"
            if not name_of(path).startswith(allowed):
                assert called not in ("time.sleep", "sleep"), where
            if not name_of(path).startswith(("cli/", "__main__")):
                assert not called.endswith(switches), where


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_importing_the_package_imports_only_what_it_needs() -> None:
    """Optional and heavy libraries come with their first use."""
    code = f"import sys, kick_live; print([m for m in {LAZY!r} if m in sys.modules])"
    assert run(code) == "[]"


def test_importing_the_package_starts_nothing() -> None:
    """No thread, no socket, no log handler, no warning, no output."""
    code = (
        "import sys, warnings, threading, logging; warnings.simplefilter('error'); "
        "import kick_live; "
        "print(threading.active_count(), 'socket' in repr(threading.enumerate()), "
        "logging.getLogger('kick_live').handlers, logging.root.handlers)"
    )
    assert run(code) == "1 False [] []"


def test_the_public_names_are_there() -> None:
    """Everything in __all__ exists, once."""
    assert len(kick_live.__all__) == len(set(kick_live.__all__))
    assert all(hasattr(kick_live, name) for name in kick_live.__all__)


def test_what_comes_with_its_first_use_is_there_all_the_same() -> None:
    """A name that is imported late is listed, and is what its module has; another is none."""
    from kick_live.session.connector import Transport

    assert kick_live.Transport is Transport
    assert {"KickAPI", "Transport"} <= set(dir(kick_live))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        kick_live.Nothing  # noqa: B018


def test_the_package_says_that_it_is_typed() -> None:
    """Type checkers look for the marker."""
    assert (ROOT / "py.typed").is_file()
