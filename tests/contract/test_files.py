"""Small files with names that say what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 400
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}
SUFFIXES = {".py", ".pyi", ".h", ".cpp", ".cu", ".cuh", ".def", ".sh", ".md"}


def sources(root: Path) -> Iterator[Path]:
    for room in ("cpp", "python", "training", "tests", "bench", "tools", "docs"):
        yield from (path for path in sorted((root / room).rglob("*")) if path.suffix in SUFFIXES)


def test_no_file_is_longer_than_it_should_be(root: Path) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(root)}
    assert lengths
    assert {str(path.relative_to(root)): n for path, n in lengths.items() if n > MAX_LINES} == {}


def test_no_file_has_a_vague_name(root: Path) -> None:
    assert [str(path.relative_to(root)) for path in sources(root) if VAGUE & set(path.stem.lower().split("_"))] == []
