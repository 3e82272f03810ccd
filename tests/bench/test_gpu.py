"""bench/gpu.py where there is no GPU, and its tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import recfast as rf
from bench.device.cards import CARDS, Card, card_of
from bench.device.kernels import floors_table, resources_table, times_table

ROOT = Path(__file__).parents[2]
CASE = {"kernel": "linear", "shape": "10 x 2 -> 3", "bytes": 3_000_000, "operations": 2_000_000}


@pytest.mark.skipif(rf.cuda.status().available, reason="a CUDA device can be used here")
def test_without_a_device_it_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.gpu", "--results", tmp_path / "gpu"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == f"bench.gpu needs a CUDA device: {rf.cuda.status().reason}"
    assert not (tmp_path / "gpu").exists()


@pytest.mark.parametrize(("gigabytes", "teraflops", "floor"), [(1000, 1, 3.0), (3000, 1, 2.0)])
def test_a_floor_is_bytes_or_operations(gigabytes: float, teraflops: float, floor: float) -> None:
    assert Card("one", gigabytes, teraflops).floor_us(CASE) == pytest.approx(floor)


def test_cards_are_known_by_the_drivers_name() -> None:
    names = ["NVIDIA A100-SXM4-80GB", "NVIDIA H100 80GB HBM3", "NVIDIA L4"]
    assert [card_of(name) for name in names] == list(CARDS)
    assert card_of("NVIDIA L40S") is None


def test_tables() -> None:
    measured = {**CASE, "microseconds": [10.0] * 9 + [20.0], "error": 1e-7}
    assert "| `linear` | 10 x 2 -> 3 | 3.00 | 2.0 | 1.5 | 0.9 | 10.0 |" in floors_table([CASE])
    assert "| 10.00 | 19.10 | 300 | 10.0 | 1.0e-07 |" in times_table([measured], CARDS[2])
    assert "| 300 | unknown | 1.0e-07 |" in times_table([measured], None)
    found = {"linear": {"80": {"registers": 29, "spilled": 0}, "90": {"registers": 32, "spilled": 0}}}
    assert "| `linear` | 29 | 0 bytes | 32 | 0 bytes |" in resources_table(found)
