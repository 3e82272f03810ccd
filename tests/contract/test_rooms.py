"""Dependencies point down only: read from the includes and imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

STRATUM = {
    "base": 1,
    "kernels": 2,
    "program": 3,
    "table": 3,
    "hash": 3,
    "split": 3,
    "backends": 4,
    "retrieval": 4,
    "catalog": 4,
    "features": 4,
    "filters": 4,
    "ranking": 4,
    "python": 5,
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def cpp_includes(root: Path) -> Iterator[tuple[Path, str, str]]:
    """(file relative to cpp/, quote, what it includes)."""
    cpp = root / "cpp"
    for path in sorted(cpp.rglob("*")):
        if path.suffix in (".h", ".cpp", ".def", ".cu", ".cuh"):
            for quote, included in INCLUDE.findall(path.read_text(encoding="utf-8")):
                yield path.relative_to(cpp), quote, included


def python_imports(folder: Path) -> Iterator[tuple[Path, str]]:
    """(file, dotted module) of every absolute import, the ones inside of functions too."""
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.pyi")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield path, node.module
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def test_every_room_has_a_stratum(root: Path) -> None:
    assert {path.name for path in (root / "cpp").iterdir() if path.is_dir()} <= STRATUM.keys()


def test_own_includes_are_relative_to_cpp_and_exist(root: Path) -> None:
    assert [
        f"{path}: {included}"
        for path, quote, included in cpp_includes(root)
        if quote == '"' and not (root / "cpp" / included).is_file()
    ] == []


def test_no_room_includes_one_above_it(root: Path) -> None:
    assert [
        f"{path}: {included}"
        for path, quote, included in cpp_includes(root)
        if quote == '"' and STRATUM[included.split("/")[0]] > STRATUM[path.parts[0]]
    ] == []


def test_rooms_of_one_stratum_do_not_need_each_other(root: Path) -> None:
    needs: dict[str, set[str]] = {}
    for path, quote, included in cpp_includes(root):
        if quote == '"' and included.split("/")[0] != path.parts[0]:
            needs.setdefault(path.parts[0], set()).add(included.split("/")[0])
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of rooms: {error.args[1]}")


def test_only_the_bindings_know_python(root: Path) -> None:
    assert [
        f"{path}: {included}"
        for path, _, included in cpp_includes(root)
        if (included.startswith("pybind11/") or included == "Python.h") and path.parts[0] != "python"
    ] == []


def test_recfast_imports_the_standard_library_and_numpy_alone(root: Path) -> None:
    allowed = sys.stdlib_module_names | {"numpy", "recfast"}
    assert [
        f"{path.relative_to(root)}: {module}"
        for path, module in python_imports(root / "python" / "recfast")
        if module.split(".")[0] not in allowed
    ] == []


def test_training_uses_the_public_api_alone(root: Path) -> None:
    assert [
        f"{path.relative_to(root)}: {module}"
        for path, module in python_imports(root / "training")
        if module.split(".")[0] == "recfast" and any(part.startswith("_") for part in module.split(".")[1:])
    ] == []


def test_importing_recfast_loads_nothing_else() -> None:
    code = "import sys, recfast, recfast.cli, recfast.artifact; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stderr == ""
    heavy = {"torch", "polars", "pyarrow", "pandas", "scipy", "rich", "onnxruntime", "recfast_training"}
    assert not heavy & set(found.stdout.split())
