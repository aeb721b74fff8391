"""The files of a recording that was divided by size or time."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["next_part", "parts_of"]


def parts_of(path: Path) -> list[Path]:
    """The existing files of a recording in order: the file itself, then ``name.0002.jsonl`` and on.

    Raises:
        OSError: The directory cannot be read.
    """
    stem, ending = _split(path)
    pattern = re.compile(re.escape(stem) + r"\.(\d{4,})" + re.escape(ending))
    numbered = []
    for sibling in path.parent.iterdir():
        match = pattern.fullmatch(sibling.name)
        if match is not None and int(match[1]) >= 2:
            numbered.append((int(match[1]), sibling))
    first = [path] if path.exists() else []
    return first + [part for _, part in sorted(numbered)]


def next_part(path: Path) -> Path:
    """The file that follows the last one of a recording."""
    existing = parts_of(path)
    stem, ending = _split(path)
    number = 2
    if existing and existing[-1] != path:
        number = int(existing[-1].name[len(stem) + 1 : -len(ending) or None]) + 1
    return path.with_name(f"{stem}.{number:04}{ending}")


def _split(path: Path) -> tuple[str, str]:
    """A name before and from its suffixes: ``chat`` and ``.jsonl.gz``."""
    packing = path.suffix if path.suffix.lower() in (".gz", ".gzip", ".zst", ".zstd") else ""
    inner = Path(path.name[: len(path.name) - len(packing)])
    return inner.stem, inner.suffix + packing
