from __future__ import annotations

from collections.abc import Callable, Collection
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from ..competitors import assemble, made_by
from ..interleave import OWN, Call, Pace, interleave
from ..machine import describe
from ..result import MILLISECONDS, Result
from .complete_journey import make_complete_journey
from .scenario import DIM, TOP_K, Floats, Trained
from .simulated_shop import make_simulated
from .sweep import Index, choose

EXACT, OTHER = "faiss flat", "recfast, f32"
VARIANTS = {OWN: "i8", OTHER: "f32"}
PEERS = {
    EXACT: "faiss.Flat",
    "faiss IVF": "faiss.InvertedLists",
    "faiss HNSW": "faiss.Graph",
    "hnswlib": "hnswlib.Hnswlib",
    "usearch": "usearch.Usearch",
    "scann": "scann.Scann",
}
CASES: dict[str, tuple[str, Callable[[bool], Trained]]] = {
    "The Complete Journey": (
        "purchases of The Complete Journey",
        lambda quick: make_complete_journey(weeks=1 if quick else 8),
    ),
    "simulated shop": (
        "simulated purchases",
        lambda quick: make_simulated(2_000, 100) if quick else make_simulated(270_000, 50_000),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_recall_topk(
    benchmark: Any,
    case: str,
    quick: bool,
    peers: Collection[str] | None,
    pace: Pace,
    publish: Callable[[Result], None],
) -> None:
    what, make = CASES[case]
    trained = make(quick)
    present, absent = assemble({name: made_by(__package__, entry, trained) for name, entry in PEERS.items()}, peers)
    own = {name: made_by(__package__, "recfast.Recfast", trained, dtype)() for name, dtype in VARIANTS.items()}
    calls: dict[str, Call] = {}
    values: dict[str, float | str] = dict(trained.facts)
    for name, index in {**own, **present}.items():
        start = perf_counter()
        index.build()
        values[f"seconds to build {name}"] = round(perf_counter() - start, 1)
        values[f"MB of {name}"] = round(index.size_bytes() / 2**20)
        chosen = choose(index, trained)
        index.use(chosen.setting)
        setting = [index.made_with, *(f"{option} {value}" for option, value in chosen.setting.items())]
        values[f"setting of {name}"] = ", ".join(filter(None, setting))
        values[f"recall of {name}"] = round(chosen.recall, 4)
        calls[name] = _call(index, index.form(trained.judging))
    for index in own.values():
        _compare(index, trained)
    if EXACT in present:
        assert values[f"recall of {EXACT}"] > 0.999, "a flat index is exact"
    publish(
        Result(
            scenario="recall_topk",
            case=case,
            title=f"the best {TOP_K} of {len(trained.vectors):,} x {DIM} two-tower vectors, trained on "
            f"{trained.facts['interactions']:,} {what}",
            times=interleave(benchmark, calls, pace),
            errors=dict.fromkeys(calls),
            bound="ids identical to float64 sums in recfast; recall in values",
            absent=absent,
            yardsticks=[OTHER],
            unit=MILLISECONDS,
            values=values,
            machine=describe(),
        )
    )


def _call(index: Index, queries: Floats) -> Call:
    return lambda number: index.search(queries[number % len(queries)])


def _compare(index: Index, trained: Trained) -> None:
    for query, right in zip(index.form(trained.judging), trained.best_judging, strict=True):
        np.testing.assert_array_equal(index.ids(index.search(query)), right.ids)
