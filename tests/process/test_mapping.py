"""Processes that load the same file share one copy of its tables."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ..shop_artifact import write_shop

SCRIPT = Path(__file__).with_name("map_tables.py")
SMAPS = Path("/proc/self/smaps")
BRANDS = 2_000_000  # 32 MB


@pytest.fixture(scope="module")
def big_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("big") / "shop.recfast", brands=BRANDS).resolve()


@pytest.mark.skipif(not SMAPS.exists(), reason="needs /proc/PID/smaps")
@pytest.mark.parametrize("verify", ["yes", "no"])
def test_the_second_process_has_next_to_nothing_of_its_own(big_shop: Path, verify: str) -> None:
    processes: list[subprocess.Popen[str]] = []
    costs = []
    try:
        for _ in range(2):
            command = [sys.executable, str(SCRIPT), str(big_shop), verify]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            processes.append(process)
            assert process.stdout is not None
            costs.append(json.loads(process.stdout.readline()))
        for process in processes:
            process.communicate(timeout=60)
            assert process.returncode == 0
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    size = big_shop.stat().st_size / 1024
    first, second = costs
    assert first["Rss"] >= 0.9 * size  # all of it was read
    assert second["Rss"] >= 0.9 * size
    assert second["Private_Clean"] + second["Private_Dirty"] <= 0.1 * size
    assert second["Anonymous"] == 0
