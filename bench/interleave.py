"""Times competitors in turns, so that what the machine does meanwhile hits all of them alike."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from time import perf_counter, perf_counter_ns
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Call = Callable[[int], Any]
Times = dict[str, npt.NDArray[np.float64]]

OWN = "recfast"
LEAST, MOST = 10, 400  # turns
WARM = 1e-3  # seconds: a turn of short calls goes on for as long, so that most of them find caches as calls in a row do
LONGEST = 40  # calls in a turn


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long to measure.

    Attributes:
        seconds: roughly, one scenario.
        turns: exactly, instead of what fits in the seconds.
        burst: timed calls per turn at least; one call that is not timed goes before.
    """

    seconds: float = 8.0
    turns: int | None = None
    burst: int = 3


def interleave(
    benchmark: Any, calls: Mapping[str, Call], pace: Pace, *, before: Callable[[], None] | None = None
) -> Times:
    """Let the competitors take turns: one call each that brings its data back into the caches, then the timed ones.

    Args:
        benchmark: the fixture of pytest-benchmark; its own figures are those of whole turns of "recfast", whose calls
            are timed here, in the same loop as everybody's.
        calls: by name, among them "recfast"; each gets a number that says which request it is.
        pace: how long to measure.
        before: runs before every call, which is then alone in its turn (for cold caches).

    Returns:
        Microseconds of each call by name, float64 [turns * burst], in the order in which they were made.
    """
    burst = 1 if before else _burst(calls, pace)
    turns = pace.turns or min(MOST, max(LEAST, round(pace.seconds / _seconds_of_a_turn(calls, burst, before))))
    spent: dict[str, list[int]] = {name: [] for name in calls}
    numbers = count(step=burst)

    def own_turn(number: int) -> None:
        spent[OWN] += _turn(calls[OWN], number, burst, before)

    def turn_of_the_others() -> tuple[tuple[int], dict[str, Any]]:
        number = next(numbers)
        for name, call in calls.items():
            if name != OWN:
                spent[name] += _turn(call, number, burst, before)
        return (number,), {}

    gc.collect()
    gc.disable()
    try:
        benchmark.pedantic(own_turn, setup=turn_of_the_others, rounds=turns)
    finally:
        gc.enable()
    if benchmark.stats is None:
        pytest.skip("benchmarks are disabled: the answers were compared, nothing was timed")
    return {name: np.array(nanoseconds) / 1e3 for name, nanoseconds in spent.items()}


def _turn(call: Call, number: int, burst: int, before: Callable[[], None] | None) -> list[int]:
    """Nanoseconds of the timed calls of one turn."""
    _make_ready(call, number, before)
    spent = []
    for i in range(number, number + burst):
        start = perf_counter_ns()
        call(i)
        spent.append(perf_counter_ns() - start)
    return spent


def _make_ready(call: Call, number: int, before: Callable[[], None] | None) -> None:
    if before:
        before()
    else:
        call(number)


def _burst(calls: Mapping[str, Call], pace: Pace) -> int:
    """How many calls of each competitor make a turn: more of short ones."""
    if pace.turns:
        return pace.burst
    shortest = min(_turn(call, 0, pace.burst, None)[-1] for call in calls.values()) / 1e9
    return max(pace.burst, min(LONGEST, round(WARM / shortest)))


def _seconds_of_a_turn(calls: Mapping[str, Call], burst: int, before: Callable[[], None] | None) -> float:
    """Of all competitors, after a first one that warms them up."""
    for _ in range(2):
        start = perf_counter()
        for call in calls.values():
            _turn(call, 0, burst, before)
    return perf_counter() - start
