from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from ..competitors import assemble, made_by
from ..interleave import OWN, Call, Pace, Times, interleave
from ..machine import describe
from ..result import MILLISECONDS, Goal, Result, no_slower_than, ratios, times_as_fast
from .scenario import FILTERS, TOP_K, Filter, Items, Tuned, compare, expected, make_filter, make_items

ITEMS = 2_000_000
UNFILTERED, COLD = "recfast, no filter", "recfast, new filter"
PEERS = {"faiss": "faiss.Faiss", "hnswlib": "hnswlib.Hnswlib", "numpy": "numpy.Numpy"}
MOST = {"0.01 %": 5.0, "0.1 %": 5.0, "1 %": 5.0, "10 %": 8.0}  # ms


@pytest.fixture(scope="module")
def items(quick: bool) -> Items:
    return make_items(20_000 if quick else ITEMS)


@pytest.fixture(scope="module")
def competitors(items: Items, peers: Collection[str] | None) -> tuple[dict[str, Any], dict[str, str]]:
    present, absent = assemble({name: made_by(__package__, entry, items) for name, entry in PEERS.items()}, peers)
    return {OWN: made_by(__package__, "recfast.Recfast", items)(), **present}, absent


@pytest.mark.parametrize("share", FILTERS)
def test_filtered_topk(
    benchmark: Any,
    share: str,
    items: Items,
    competitors: tuple[dict[str, Any], dict[str, str]],
    pace: Pace,
    publish: Callable[[Result], None],
) -> None:
    present, absent = competitors
    chosen = make_filter(items, *FILTERS[share])
    recalls: dict[str, float] = {}
    for name, made in present.items():
        recall = partial(_recall, made, items, chosen)
        if isinstance(made, Tuned):
            made.choose(recall)
        recalls[name] = recall()
        assert not made.exact or recalls[name] > 0.98, f"{name} says it is exact, and found {recalls[name]:.1%}"
    mine = present[OWN]
    for i in range(2):
        right = expected(items, chosen.mask, items.queries[i], TOP_K)
        np.testing.assert_array_equal(mine.search(i, chosen), right)
        np.testing.assert_array_equal(mine.search_cold(i, chosen), right)
    calls: dict[str, Call] = {name: partial(_search, made.search, chosen) for name, made in present.items()}
    calls[UNFILTERED] = partial(_search, mine.search, None)
    calls[COLD] = partial(_search, mine.search_cold, chosen)
    times = interleave(benchmark, calls, pace)
    publish(
        Result(
            scenario="filtered_topk",
            case=share,
            title=f"the best {TOP_K} of the {share} of {len(items.vectors):,} x 64 items that pass a price-and-brand "
            "filter",
            times=times,
            errors=dict.fromkeys(present),
            bound="ids identical to float64 sums in recfast; recall in values",
            goals=_goals(times, share, recalls),
            absent=absent,
            yardsticks=[UNFILTERED, COLD],
            unit=MILLISECONDS,
            values={f"recall of {name}": recall for name, recall in recalls.items()}
            | {f"breadth of {name}": made.breadth for name, made in present.items() if isinstance(made, Tuned)},
            machine=describe(),
        )
    )


def _goals(times: Times, share: str, recalls: Mapping[str, float]) -> list[Goal]:
    slower = 1 / ratios(times)[UNFILTERED]
    goals = [Goal(what="of the time without a filter", measured=slower, wanted=1.2, at_least=False, peer=UNFILTERED)]
    if share in MOST:
        goals.append(no_slower_than(times, MILLISECONDS, MOST[share]))
    for peer in PEERS:
        for goal in times_as_fast(times, peer, 1.0):
            found = "" if recalls[peer] == 1 else f", which finds {recalls[peer]:.0%}"
            goals.append(replace(goal, what=goal.what + found))
    return goals


def _recall(made: Any, items: Items, chosen: Filter) -> float:
    return min(compare(made.search(i, chosen), items, chosen.mask, items.queries[i], TOP_K) for i in range(2))


def _search(search: Callable[[int, Any], Any], chosen: Any, number: int) -> Any:
    return search(number, chosen)
