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


def peers_of(files: NetworkFiles, most: int) -> Mapping[str, Callable[[], Any]]:
    """Makers of the others by name."""
    return {
        "torch CUDA": made_by(__package__, "torch_cuda.TorchCuda", files),
        "ONNX Runtime CUDA": made_by(__package__, "onnxruntime_cuda.OnnxRuntimeCuda", files),
        "TensorRT": made_by(__package__, "tensorrt.TensorRt", files, most),
    }


def competitors(workshop: Workshop, setting: Setting) -> tuple[Rank, dict[str, Rank], dict[str, str]]:
    """The Ranker on the device, the others by name, and the reasons of those that are absent."""
    files, shop = workshop.files(setting), workshop.shop(setting)
    present, absent = assemble(peers_of(files, setting.candidates))
    ranks = {name: peer if name == "torch CUDA" else with_scorer(peer) for name, peer in present.items()}
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
    mine, others, absent = competitors(workshop, setting)
    questions = workshop.shop(setting).questions(workshop.layout(setting), setting.candidates)
    errors = compare_all(mine, others, questions, setting)
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
        bound=setting.bound,
        absent=absent,
        yardsticks=(ON_THE_CPU,),
        machine={**describe(), "device": [device.name for device in rf.cuda.status().devices]},
    )
