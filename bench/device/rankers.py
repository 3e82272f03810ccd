"""Rankers on the device beside the CPU executor and others on the same device: answers first, then times in turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import recfast as rf

from ..answers import Ranked
from ..competitors import assemble, made_by
from ..interleave import OWN, Pace, interleave
from ..machine import describe
from ..ranking.measure import Rank, compare_all, with_scorer
from ..ranking.networks import NetworkFiles
from ..ranking.recfast import Recfast
from ..ranking.setting import Setting
from ..ranking.shop import Question, Shop
from ..ranking.workshop import Workshop
from ..result import Result

ON_THE_CPU = "recfast on the CPU"
WITH_ENGINE = "recfast with a TensorRT engine, f16"
HALF = 5e-3  # what scores of half precision may differ by, relative to 1 + |score|


class OnDevice:
    """A Ranker whose pair stage runs on CUDA's first device."""

    def __init__(self, files: NetworkFiles, shop: Shop, setting: Setting) -> None:
        model = rf.load(files.recfast, device="cuda")
        self.ranker = rf.Ranker(model, rf.Catalog(model, shop.items, setting.catalogue))

    def rank(self, question: Question, k: int) -> Ranked:
        """The raw request and the ids of resident candidates to the best k."""
        top = self.ranker.rank(question.request, question.candidates, k=k)
        return Ranked(top.ids, top.scores)


class Turns:
    """What `interleave` asks of pytest-benchmark, without it."""

    stats = True

    def pedantic(self, call: Callable[..., Any], setup: Callable[[], Any], rounds: int) -> None:
        """Call it so often."""
        for _ in range(rounds):
            arguments, options = setup()
            call(*arguments, **options)


def peers_of(files: NetworkFiles, shop: Shop, setting: Setting, folder: Path) -> Mapping[str, Callable[[], Any]]:
    """Makers of the others by name."""
    most = setting.candidates
    return {
        WITH_ENGINE: made_by(__package__, "with_engine.WithEngine", files, shop, setting, folder),
        "torch CUDA": made_by(__package__, "torch_cuda.TorchCuda", files),
        "ONNX Runtime CUDA": made_by(__package__, "onnxruntime_cuda.OnnxRuntimeCuda", files),
        "TensorRT": made_by(__package__, "tensorrt.TensorRt", files, most),
    }


def competitors(workshop: Workshop, setting: Setting, folder: Path) -> tuple[Rank, dict[str, Rank], dict[str, str]]:
    """The Ranker on the device, the others by name, and the reasons of those that are absent."""
    files, shop = workshop.files(setting), workshop.shop(setting)
    present, absent = assemble(peers_of(files, shop, setting, folder))
    ranks: dict[str, Rank] = {}
    for name, peer in present.items():
        ranks[name] = peer.rank if name == WITH_ENGINE else peer if name == "torch CUDA" else with_scorer(peer)
    cpu: Recfast = workshop.recfast(setting)
    return OnDevice(files, shop, setting).rank, {ON_THE_CPU: cpu.rank, **ranks}, absent


def compare_and_time(setting: Setting, folder: Path, pace: Pace | None, case: str = "") -> Result | dict[str, Any]:
    """One point.

    Args:
        setting: the point.
        folder: an empty one for files.
        pace: how long to measure; None compares only.
        case: its name in the results.

    Returns:
        The result; the largest errors by competitor where nothing was timed.

    Raises:
        AssertionError: a competitor's answer is another one.
    """
    workshop = Workshop(folder, None)
    mine, others, absent = competitors(workshop, setting, folder)
    questions = workshop.shop(setting).questions(workshop.layout(setting), setting.candidates)
    half = {name: rank for name, rank in others.items() if name == WITH_ENGINE}
    full = {name: rank for name, rank in others.items() if name not in half}
    errors = compare_all(mine, full, questions, setting)
    errors |= compare_all(mine, half, questions, setting, max(HALF, setting.tolerance))
    if pace is None:
        return errors
    k = setting.top_k
    title = f"{setting.network.name}, {setting.candidates:,} of {setting.items:,} items, catalogue {setting.catalogue}"
    calls = {
        name: (lambda number, rank=rank: rank(questions[number % len(questions)], k))
        for name, rank in {OWN: mine, **others}.items()
    }
    return Result(
        scenario="gpu",
        case=case,
        title=title,
        times=interleave(Turns(), calls, pace),
        errors=errors,
        bound=f"{setting.bound}; {HALF:.0e} with an engine in f16",
        absent=absent,
        yardsticks=(ON_THE_CPU, WITH_ENGINE),
        machine={**describe(), "device": [device.name for device in rf.cuda.status().devices]},
    )
