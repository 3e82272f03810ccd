"""recfast beside ONNX Runtime on the same network and the same candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch

from ..interleave import interleave
from ..machine import describe
from ..result import Result
from .onnxruntime import OnnxRuntime
from .ranked import compare
from .recfast import Recfast
from .scenario import CANDIDATES, ITEMS, REQUESTS, TOP_K, Scenario, make_scenario

ROUNDS, WARM_UP = 400, 32
GOALS = {"onnxruntime": 5.0}


@pytest.fixture(scope="module")
def scenario() -> Iterator[Scenario]:
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:  # 350 MB
        yield make_scenario(Path(folder))


def test_rank_resident(benchmark: Any, scenario: Scenario, publish: Callable[[Result], None]) -> None:
    recfast, onnxruntime = Recfast(scenario), OnnxRuntime(scenario)
    errors = [
        compare(recfast.rank(i, CANDIDATES), recfast.rank(i), onnxruntime.rank(i, CANDIDATES)) for i in range(REQUESTS)
    ]
    machine = describe(["onnxruntime"])
    calls = {"recfast": recfast.rank, "onnxruntime": onnxruntime.rank}
    times = interleave(benchmark, calls, rounds=ROUNDS, warm_up=WARM_UP)
    result = Result(
        scenario="rank_resident",
        title=f"DeepFM, {CANDIDATES:,} candidates of {ITEMS:,} resident items, top {TOP_K}",
        threads=1,
        times=times,
        max_error=max(errors),
        goals=GOALS,
        machine=machine,
    )
    publish(result)
