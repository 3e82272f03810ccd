from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..competitors import assemble, made_by
from ..interleave import OWN, Pace
from ..machine import describe
from ..ranking.measure import Rank, compare_all, time_all
from ..ranking.setting import Setting
from ..ranking.workshop import Workshop
from ..result import Result, times_as_fast

NAIVE, CAREFUL = "pandas + mmh3 + onnxruntime", "matrix + dict + mmh3 + onnxruntime"
STACKS = {NAIVE: "naive.Naive", CAREFUL: "careful.Careful"}


def test_rank_raw(
    benchmark: Any,
    reference: Setting,
    workshop: Workshop,
    pace: Pace,
    publish: Callable[[Result], None],
    peers: Collection[str] | None,
    tmp_path: Path,
) -> None:
    setting = replace(reference, keys="str", injective=find_spec("mmh3") is not None)
    shop, layout, files = workshop.shop(setting), workshop.layout(setting), workshop.files(setting)
    questions = shop.questions(layout, setting.candidates)
    makers = {name: made_by(__package__, entry, files, shop, layout, tmp_path) for name, entry in STACKS.items()}
    stacks, absent = assemble(makers, None if peers is None or {"onnxruntime", "mmh3"} <= set(peers) else ())
    ranks: dict[str, Rank] = {name: stack.rank for name, stack in stacks.items()}
    recfast = workshop.recfast(setting)
    errors = compare_all(recfast.rank, ranks, questions, setting)
    times = time_all(benchmark, {OWN: recfast.rank, **ranks}, questions, setting, pace)
    publish(
        Result(
            scenario="rank_raw",
            title=f"DeepFM, a raw request and {setting.candidates:,} string ids of {setting.items:,} items",
            times=times,
            errors=errors,
            bound=f"{setting.bound}; the peers' rows lie where mmh3 puts them",
            goals=[*times_as_fast(times, NAIVE, 17), *times_as_fast(times, CAREFUL, 5.5)],
            absent=absent,
            machine=describe(),
        )
    )
