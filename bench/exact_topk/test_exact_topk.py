from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from ..competitors import assemble, made_by
from ..interleave import OWN, Pace, Times, interleave
from ..machine import describe
from ..result import MILLISECONDS, Goal, Result, times_as_fast
from .scenario import BATCHES, DIM, TOP_K, compare, make_search

ROWS = 1_000_000
INSTALLED, PRODUCTS, CODES = "faiss", "faiss, blas threshold 20", "faiss SQ8"
PEERS: dict[str, tuple[Any, ...]] = {
    INSTALLED: ("faiss.Flat",),
    PRODUCTS: ("faiss.Flat", 20),
    CODES: ("faiss.Codes",),
    "usearch": ("usearch.Usearch",),
    "numpy": ("numpy.Numpy",),
    "torch": ("torch.Torch",),
}
OTHERS = {"recfast, f16": "f16", "recfast, f32": "f32"}
CASES = {"1 query": 1, "64 queries": 64}
GOALS = {"1 query": {INSTALLED: 3.5}, "64 queries": {INSTALLED: 5.0, PRODUCTS: 1.2}}


@pytest.mark.parametrize("case", CASES)
def test_exact_topk(
    benchmark: Any,
    case: str,
    quick: bool,
    peers: Collection[str] | None,
    pace: Pace,
    publish: Callable[[Result], None],
) -> None:
    queries = CASES[case]
    search = make_search(5_000 if quick else ROWS, queries)
    makers = {name: made_by(__package__, entry, search, *more) for name, (entry, *more) in PEERS.items()}
    present, absent = assemble(makers, peers)
    own = {name: made_by(__package__, "recfast.Recfast", search, dtype)() for name, dtype in OTHERS.items()}
    mine = made_by(__package__, "recfast.Recfast", search, "i8")()
    calls: dict[str, Any] = {OWN: mine, **own, **present}
    recalls = {
        name: compare(made.ids(0), search, exact=made.exact, identical=name in (OWN, *OTHERS))
        for name, made in calls.items()
    }
    rescored = sum(mine(i).rescored for i in range(BATCHES)) / (BATCHES * queries)
    del search.__dict__["exact"]  # half a gigabyte
    times = interleave(benchmark, calls, pace)
    publish(
        Result(
            scenario="exact_topk",
            case=case,
            title=f"the best {TOP_K} of {len(search.vectors):,} x {DIM} random vectors for {case} at once",
            times=times,
            errors=dict.fromkeys(calls),
            bound="ids identical to float64 sums in recfast; the same ids up to float32 rounding in exact peers; the "
            "recall of others in values",
            goals=_goals(times, case),
            absent=absent,
            yardsticks=list(OTHERS),
            unit=MILLISECONDS,
            values={f"recall of {name}": recall for name, recall in recalls.items()}
            | {"rows scored exactly per query": rescored},
            machine=describe(),
        )
    )


def _goals(times: Times, case: str) -> list[Goal]:
    return [goal for peer, wanted in GOALS[case].items() for goal in times_as_fast(times, peer, wanted)]
