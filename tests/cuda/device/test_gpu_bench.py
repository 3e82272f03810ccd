"""bench/gpu.py: what it times is compared first. On the emulator its answers, on a device beside whoever is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.answers import Ranked
from bench.device import rankers
from bench.interleave import Pace
from bench.ranking.setting import QUICK
from bench.result import Result

pytestmark = pytest.mark.gpu


def test_rankers_are_compared_and_timed(tmp_path: Path) -> None:
    result = rankers.compare_and_time(QUICK, tmp_path, Pace(turns=2, burst=1))
    assert isinstance(result, Result)
    assert result.errors.keys() | result.absent.keys() >= {rankers.ON_THE_CPU, "torch CUDA", "TensorRT"}
    assert all(error is not None and error <= QUICK.tolerance for error in result.errors.values())
    assert result.times.keys() == {"recfast", *result.errors}
    assert all(len(times) == 2 and (times > 0).all() for times in result.times.values())


@pytest.mark.skipif("RECFAST_EMULATOR_ORDER" not in os.environ, reason="a device has the real package, or none")
def test_an_engine_takes_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    from ...tensorrt import fake_tensorrt

    monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt)
    monkeypatch.setattr(fake_tensorrt, "__name__", "tensorrt")
    errors = rankers.compare_and_time(QUICK, tmp_path, None)
    assert isinstance(errors, dict)
    assert 0 < errors[rankers.WITH_ENGINE] <= rankers.HALF


def test_another_answer_is_not_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = rankers.OnDevice.rank

    def wrong(self: rankers.OnDevice, question: rankers.Question, k: int) -> Ranked:
        top = right(self, question, k)
        return Ranked(top.ids, top.scores + np.float32(0.01))

    monkeypatch.setattr(rankers.OnDevice, "rank", wrong)
    with pytest.raises(AssertionError, match="the scores differ by"):
        rankers.compare_and_time(QUICK, tmp_path, Pace(turns=2, burst=1))
