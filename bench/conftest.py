from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from .interleave import Pace
from .ranking.setting import QUICK, REFERENCE, Setting
from .ranking.workshop import Workshop
from .result import RESULTS, Ledger, Result

LEDGER = pytest.StashKey[Ledger]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("recfast benchmarks")
    group.addoption("--quick", action="store_true", help="tiny sizes and a few calls: proves that the benchmarks work")
    group.addoption("--seconds", type=float, default=Pace.seconds, help="roughly, of measuring each case")
    group.addoption("--peers", help="only these competitors, e.g. onnxruntime,torch; the others count as absent")
    group.addoption("--results", type=Path, default=RESULTS / "last", help="folder for the JSON files")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "default")  # peers warn about themselves
    config.stash[LEDGER] = Ledger(config.getoption("--results"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: Any = yield
    if report.failed and call.excinfo is not None:
        item.config.stash[LEDGER].fail(item.nodeid, call.excinfo.exconly().splitlines()[0])
    return report


@pytest.fixture(scope="session")
def quick(pytestconfig: pytest.Config) -> bool:
    """Whether sizes are tiny."""
    return bool(pytestconfig.getoption("--quick"))


@pytest.fixture(scope="session")
def peers(pytestconfig: pytest.Config) -> Collection[str] | None:
    """The competitors that were asked for; None for all."""
    names = pytestconfig.getoption("--peers")
    return None if names is None else names.split(",")


@pytest.fixture(scope="session")
def pace(pytestconfig: pytest.Config, quick: bool) -> Pace:
    """How long a case is measured."""
    return Pace(turns=2, burst=1) if quick else Pace(seconds=pytestconfig.getoption("--seconds"))


@pytest.fixture(scope="session")
def reference(quick: bool) -> Setting:
    """The reference point of the scenarios that rank."""
    return QUICK if quick else REFERENCE


@pytest.fixture(scope="session")
def workshop(peers: Collection[str] | None) -> Iterator[Workshop]:
    """Makes networks, shops and peers."""
    import torch

    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        yield Workshop(Path(folder), peers)


@pytest.fixture
def publish(pytestconfig: pytest.Config) -> Callable[[Result], None]:
    """Keep a result in a file."""
    return pytestconfig.stash[LEDGER].add
