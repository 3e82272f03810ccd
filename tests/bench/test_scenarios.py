"""`make bench` in small: every scenario runs, and a wrong peer fails it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import report

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

ROOT = Path(__file__).parents[2]
WRONG_PEER = """
import pytest

@pytest.fixture(autouse=True)
def _wrong(monkeypatch):
    from bench.ranking.onnxruntime import OnnxRuntime
    right = OnnxRuntime.__call__
    monkeypatch.setattr(OnnxRuntime, "__call__", lambda self, rows: right(self, rows) + (rows.numbers[:, -1] > 0))
"""
WRONG_VERSION = """
import pytest

@pytest.fixture(autouse=True)
def _wrong(monkeypatch):
    from recfast import Ranker
    right = Ranker.rank

    def wrong(*arguments, **options):
        top = right(*arguments, **options)
        object.__setattr__(top, "version", max(1, top.version - 40))
        return top

    monkeypatch.setattr(Ranker, "rank", wrong)
"""


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--quick", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_scenario_runs_and_is_reported(tmp_path: Path) -> None:
    run = bench("bench", "--peers", "onnxruntime,torch,xxhash", "--results", tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    folders = {path.parent.name for path in (ROOT / "bench").glob("*/test_*.py")}
    assert {path.stem for path in tmp_path.glob("*.json")} == folders
    assert report.main([str(tmp_path)]) == 0
    pages = {folder: (tmp_path / f"{folder}.md").read_text(encoding="utf-8") for folder in folders}
    assert all(page.startswith(f"# {folder}\n") for folder, page in pages.items())
    assert any("absent: left out by --peers" in page for page in pages.values())
    assert "## Goals" in (tmp_path / "results.md").read_text(encoding="utf-8")


def test_a_wrong_peer_fails_and_is_not_timed(tmp_path: Path) -> None:
    (tmp_path / "wrong_peer.py").write_text(WRONG_PEER, encoding="utf-8")
    plugin = ["-p", "wrong_peer", "-o", f"pythonpath={tmp_path}"]
    run = bench(*plugin, "bench/rank_fresh", "--peers", "onnxruntime", "--results", tmp_path / "results")
    assert run.returncode == 1, run.stdout + run.stderr
    (failures,) = (tmp_path / "results").glob("*.json")
    assert failures.name == "failures.json"
    assert all("the scores differ by" in failure["reason"] for failure in json.loads(failures.read_text()))


def test_a_result_of_another_version_fails(tmp_path: Path) -> None:
    (tmp_path / "wrong_version.py").write_text(WRONG_VERSION, encoding="utf-8")
    plugin = ["-p", "wrong_version", "-o", f"pythonpath={tmp_path}"]
    run = bench(*plugin, "bench/snapshots", "--results", tmp_path / "results")
    assert run.returncode == 1, run.stdout + run.stderr
    (failures,) = (tmp_path / "results").glob("*.json")
    (failure,) = json.loads(failures.read_text())
    assert failure["test"] == "bench/snapshots/test_snapshots.py::test_snapshots"
