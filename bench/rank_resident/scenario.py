"""The reference point and its axes; cases are named for full sizes, titles tell the real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..interleave import Times
from ..ranking.networks import TITLES
from ..ranking.setting import Setting
from ..result import MICROSECONDS, Goal, no_slower_than, times_as_fast, times_the_fastest

COLD = "cold cache"


def _network(**changes: Any) -> Callable[[Setting], Setting]:
    return lambda reference: replace(reference, network=replace(reference.network, **changes))


CASES: Mapping[str, Callable[[Setting], Setting]] = {
    "": lambda reference: reference,
    COLD: lambda reference: reference,
    "1 candidate": lambda reference: replace(reference, candidates=1),
    "10 candidates": lambda reference: replace(reference, candidates=max(2, reference.candidates // 100)),
    "100 candidates": lambda reference: replace(reference, candidates=reference.candidates // 10),
    "10,000 candidates": lambda reference: replace(reference, candidates=reference.candidates * 10),
    "10,000 items": lambda reference: replace(reference, items=reference.items // 10),
    "1,000,000 items": lambda reference: replace(reference, items=reference.items * 10),
    "uniform ids": lambda reference: replace(reference, ids="uniform"),
    "i8 tables": _network(tables="i8"),
    "f16 catalogue": lambda reference: replace(reference, catalogue="f16"),
    "i8 catalogue": lambda reference: replace(reference, catalogue="i8"),
    "DCN-V2": _network(name="dcnv2"),
    "DCN-V2, low rank": _network(name="dcnv2_low_rank"),
    "DLRM": _network(name="dlrm"),
    "MLP": _network(name="mlp"),
}


AXES = {"": "reference", "1 candidate": "candidates"}
AXES |= {case: case.split()[1] for case in CASES if case.endswith((" candidates", " items"))}


def title(setting: Setting, case: str) -> str:
    """What is ranked."""
    network = setting.network
    what = f"{TITLES[network.name]}, {setting.candidates:,} of {setting.items:,} resident items"
    stored = "" if setting.catalogue == "f32" else f" in {setting.catalogue}"
    return f"{what}{stored}, tables {network.tables}, {setting.ids} ids, {'cold' if case == COLD else 'warm'}"


def goals(case: str, times: Times) -> list[Goal]:
    """What the reference point and small requests are to reach."""
    if case == "":
        return [*times_as_fast(times, "onnxruntime", 5), *times_the_fastest(times, 4.5)]
    limits_us = {"1 candidate": 20.0, "100 candidates": 150.0}
    return [no_slower_than(times, MICROSECONDS, limits_us[case])] if case in limits_us else []
