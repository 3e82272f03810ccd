from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import numpy as np
import pytest

from ..competitors import assemble, made_by
from ..interleave import OWN, Pace, Times, interleave
from ..limits import RandomRows
from ..machine import describe
from ..result import Goal, Result, nanoseconds_per, ratios, times_as_fast
from .scenario import DIM, Bags, Tables, compare, make_batches, make_tables

ROWS, BAGS = 1_000_000, 1_000
LIMIT = "random rows (limit)"
PEERS = {"torch": "torch.Torch", "fbgemm": "fbgemm.Fbgemm"}
CASES = {f"{dtype}, {length} per bag": (dtype, length) for dtype in ("f32", "i8", "i4") for length in (1, 20)}


@pytest.fixture(scope="module")
def tables(quick: bool) -> Tables:
    import torch

    torch.set_num_threads(1)
    return make_tables(2_000 if quick else ROWS)  # 1.3 GB


@pytest.mark.parametrize("case", CASES)
def test_embedding_bag(
    benchmark: Any,
    case: str,
    tables: Tables,
    quick: bool,
    peers: Collection[str] | None,
    pace: Pace,
    publish: Callable[[Result], None],
) -> None:
    dtype, length = CASES[case]
    batches = make_batches(tables, 20 if quick else BAGS, length)
    makers = {name: made_by(__package__, entry, tables, dtype, batches) for name, entry in PEERS.items()}
    competitors = {OWN: made_by(__package__, "recfast.Recfast", tables, dtype, batches)()}
    present, absent = assemble(makers, peers)
    competitors |= present
    errors: dict[str, float | None] = {
        name: max(compare(made.sums(i), tables, batches[i], dtype) for i in range(2))
        for name, made in competitors.items()
    }
    limit, no_limit = assemble({LIMIT: lambda: RandomRows(competitors[OWN].table.data, [bags.ids for bags in batches])})
    calls: dict[str, Any] = dict(competitors)
    for name, rows in limit.items():
        np.testing.assert_array_equal(rows(batches[0].ids), rows.expected(batches[0].ids))
        calls[name] = partial(_touch, rows, batches)
    times = interleave(benchmark, calls, pace)
    publish(
        Result(
            scenario="embedding_bag",
            case=case,
            title=f"{tables.count} tables of {tables.rows:,} x {DIM} in {dtype}, {BAGS:,} bags each, {length} random "
            f"ids per bag",
            times=times,
            errors=errors,
            bound="of the exact sum of the f32 weights: eps · L · Σ|w| in f32; in i8 and i4 half a step per row "
            "and the rounding of scale and offset to f16",
            goals=_goals(times, length) if dtype != "i4" else [],
            absent=absent | no_limit,
            yardsticks=[LIMIT],
            unit=nanoseconds_per("row", len(batches[0].ids)),
            machine=describe(),
        )
    )


def _goals(times: Times, length: int) -> list[Goal]:
    if length == 1:
        return [*times_as_fast(times, "torch", 1.2), *times_as_fast(times, "fbgemm", 2.5)]
    goals = times_as_fast(times, "torch", 1.1)
    if LIMIT in times:
        over = 1 / ratios(times)[LIMIT]
        goals.append(Goal(what="of the limit's time", measured=over, wanted=1.1, at_least=False, peer=LIMIT))
    return goals


def _touch(rows: RandomRows, batches: list[Bags], number: int) -> None:
    rows(batches[number % len(batches)].ids)
