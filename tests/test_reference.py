"""Everything public is in the reference, and every documented command line is a real one."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import runpy
import shlex
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import kick_live

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

#: The modules whose ``__all__`` is the public interface; those of the models are added below.
PUBLIC_MODULES = (
    "kick_live",
    "kick_live.events",
    "kick_live.errors",
    "kick_live.recording",
    "kick_live.testing",
    "kick_live.notebook",
    *(
        module.name
        for module in pkgutil.walk_packages(kick_live.__path__, "kick_live.")
        if module.name.startswith("kick_live.models.")
    ),
)
#: Names that modules of the models share among themselves; no user needs them.
INTERNAL = {
    "kick_live.models.base.Value",
    "kick_live.models.base.field_names",
    "kick_live.models.content.Fragment",
    "kick_live.models.content.parse_content",
    "kick_live.models.content.plain_text",
    "kick_live.models.content.readable_text",
    "kick_live.models.pictures.BADGES",
    "kick_live.models.pictures.EMOTES",
    "kick_live.models.pictures.badge_label",
    "kick_live.models.pictures.badge_picture",
    "kick_live.models.pictures.emote_picture",
    "kick_live.models.pictures.worn_badges",
    "kick_live.models.time.Time",
}


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names that the built reference holds."""
    out = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-W", "ignore", "-m", "sphinx", "-q", "-b", "html", str(DOCS)]
    subprocess.run([*command, str(out)], check=True, timeout=170)
    # Sphinx's inventory: four lines of text, then a packed line for each target.
    packed = (out / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(packed).decode().splitlines()
    return {line.split(" ")[0] for line in lines if line.split(" ")[1].startswith("py:")}


@pytest.mark.timeout(180)
def test_everything_public_is_in_the_reference(documented: set[str]) -> None:
    """Each name in ``__all__`` of a public module has an entry, by its own or its short name."""
    missing = []
    for home in PUBLIC_MODULES:
        module = importlib.import_module(home)
        for name in module.__all__:
            value = getattr(module, name)
            names = {f"{home}.{name}", f"{getattr(value, '__module__', home)}.{name}"}
            if not {*names, f"kick_live.{name}"} & documented and not names & INTERNAL:
                missing.append(f"{home}.{name}")
    assert not missing


def _console_lines() -> Iterator[tuple[str, str]]:
    """Every ``kick-live`` command of a block, a unit, a Dockerfile or within a line; its page."""
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("**/*.md")):
        if "_build" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        page = str(path.relative_to(ROOT))
        for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if line.lstrip().startswith("$ "):
                    for part in re.split(r" && | \| ", line.lstrip()[2:]):
                        if part.startswith("kick-live "):
                            yield page, part
        for line in re.findall(r"^ExecStart=\S*/(kick-live .+)$", text, re.MULTILINE):
            yield page, line
        for words in re.findall(r'^ENTRYPOINT \["kick-live"\]\nCMD \[(.+)\]$', text, re.MULTILINE):
            yield page, shlex.join(["kick-live", *json.loads(f"[{words}]")])
        for code in re.findall(r"(?<!`)`(kick-live [^`\n]+)`(?!`)", text):
            yield page, code


COMMANDS = sorted(set(_console_lines()))


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: value)
def test_documented_commands_parse(
    page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command of the documentation has only options and values that the program knows."""
    from kick_live.cli.app import app

    line = re.split(r" (?:>>?|2>) ", line)[0]
    words = shlex.split(line)[1:]
    if words[0].startswith("-"):
        assert words[0] in {"--help", "-h", "--version"}
        return
    command = app.commands.get(words[0])
    assert command is not None, f"{page} names the unknown command {words[0]!r}"
    if len(words) > 1:
        monkeypatch.chdir(tmp_path)
        for word in words:
            if re.fullmatch(r"(docs/examples/)?[\w.-]+\.(db|jsonl(\.gz|\.zst)?)", word):
                Path(word).parent.mkdir(parents=True, exist_ok=True)
                Path(word).touch()  # what an earlier command would have made
        assert command.make_context(words[0], words[1:], resilient_parsing=False).params


def test_every_option_of_a_command_is_documented() -> None:
    """The page of the command line and the program have the same commands and options."""
    from kick_live.cli.app import app

    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    sections = re.split(r"^## kick-live (\w+).*$", page, flags=re.MULTILINE)
    described = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert set(described) == set(app.commands)
    shared = {option for part in described.values() for option in _options(part)}
    for name, command in app.commands.items():
        known = {"-h", "--help"}
        for parameter in command.params:
            known.update(parameter.opts, parameter.secondary_opts)
        assert _options(described[name]) <= known, name
        for parameter in command.params:
            both = (*parameter.opts, *parameter.secondary_opts)  # one half of a pair is enough
            spelled = {word for word in both if word.startswith("-")} - {"--help"}
            assert not spelled or spelled & shared, f"{name} {parameter.opts}"


def _options(section: str) -> set[str]:
    """The options in the first column of a section's tables."""
    cells = re.findall(r"^\| ([^|]*(?:\\\|[^|]*)*) \|", section, re.MULTILINE)
    # ``-vv`` is ``-v`` twice.
    return {word for cell in cells for word in re.findall(r"(?<![\w-])(--?[a-z][\w-]*)", cell)} - {
        "-vv"
    }


def test_commands_are_found() -> None:
    """The documentation shows each subcommand at least once."""
    from kick_live.cli.app import app

    shown = {shlex.split(line)[1] for _, line in COMMANDS}
    assert set(app.commands) <= shown


def test_diagrams_are_what_their_script_draws() -> None:
    """The pictures in the documentation were drawn by the script beside them."""
    script = runpy.run_path(str(DOCS / "diagrams" / "draw.py"))
    for name, draw in script["DIAGRAMS"].items():
        assert (DOCS / "diagrams" / name).read_text(encoding="utf-8") == draw(), name
