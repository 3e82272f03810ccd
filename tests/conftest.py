"""`pytest --runtime`: only the test files that need no more than recfast, numpy and the test tools.

A file's own imports decide, so that a test lands on the right side by itself. Used on the interpreters that have no
torch (tools/test_interpreters.sh).
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from .shop_artifact import write_shop

RUNTIME = frozenset({"recfast", "numpy", "pytest", "hypothesis", "xxhash"}) | sys.stdlib_module_names
left_out: list[str] = []

# The same examples in every run, and no time limit: the machine is shared.
settings.register_profile("recfast", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("recfast")


def foreign_imports(source: str) -> set[str]:
    """The imported packages that the runtime does not have; an import by `pytest.importorskip` does not count."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names} - RUNTIME


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--runtime", action="store_true", help="only test files that need no torch, polars, pyarrow, ...")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not config.getoption("--runtime") or collection_path.suffix != ".py":
        return None
    foreign = foreign_imports(collection_path.read_text(encoding="utf-8"))
    if foreign:
        left_out.append(f"{collection_path.relative_to(config.rootpath)} ({', '.join(sorted(foreign))})")
    return bool(foreign) or None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left_out:
        terminalreporter.write_line("Not run, they need more than the runtime: " + "; ".join(left_out))


@pytest.fixture(scope="session")
def shop_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model, made without torch."""
    return write_shop(tmp_path_factory.mktemp("shop") / "shop.recfast")
