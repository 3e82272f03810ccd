"""Times competitors in turns, so that what the machine does meanwhile hits all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from time import perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Call = Callable[[int], Any]
Times = dict[str, npt.NDArray[np.float64]]


def interleave(benchmark: Any, calls: Mapping[str, Call], *, rounds: int, warm_up: int) -> Times:
    """Call every competitor once per round.

    Args:
        benchmark: the fixture of pytest-benchmark; its own figures are those of "recfast".
        calls: by name, among them "recfast"; each gets the number of the round.
        rounds: how many are timed.
        warm_up: how many go before, untimed.

    Returns:
        Microseconds by name, float64 [rounds].
    """
    numbers = count()
    peers = {name: call for name, call in calls.items() if name != "recfast"}
    spent: dict[str, list[int]] = {name: [] for name in peers}

    def turn_of_the_peers() -> tuple[tuple[int], dict[str, Any]]:
        number = next(numbers)
        for name, call in peers.items():
            start = perf_counter_ns()
            call(number)
            spent[name].append(perf_counter_ns() - start)
        return (number,), {}

    benchmark.pedantic(calls["recfast"], setup=turn_of_the_peers, rounds=rounds, warmup_rounds=warm_up)
    if benchmark.stats is None:
        pytest.skip("benchmarks are disabled: the answers were compared, nothing was timed")
    times = {"recfast": np.array(benchmark.stats.stats.data) * 1e6}
    return times | {name: np.array(nanoseconds[warm_up:]) / 1e3 for name, nanoseconds in spent.items()}
