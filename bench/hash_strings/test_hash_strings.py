from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ..competitors import assemble, made_by
from ..interleave import OWN, Call, Pace, Times, interleave
from ..machine import describe
from ..result import Goal, Result, nanoseconds_per, no_slower_than, times_as_fast

STRINGS = 20_000
LIST = {
    OWN: "recfast.RecfastList",
    "mmh3": "mmh3.Mmh3",
    "xxhash": "xxhash.XxHash",
    "pandas": "pandas.Pandas",
    "polars": "polars.PolarsList",
    "scikit-learn": "scikit_learn.ScikitLearn",
}
ARROW = {OWN: "recfast.RecfastArrow", "polars": "polars.PolarsSeries", "xxhash": "xxhash.XxHash"}
CASES = {"list[str]": LIST, "Arrow": ARROW}


@pytest.mark.parametrize("case", CASES)
def test_hash_strings(
    benchmark: Any, case: str, quick: bool, peers: Collection[str] | None, pace: Pace, publish: Callable[[Result], None]
) -> None:
    strings = [f"item_{i:08d}" for i in np.random.default_rng(0).permutation(200 if quick else STRINGS)]
    makers = {name: made_by(__package__, entry, strings) for name, entry in CASES[case].items()}
    present, absent = assemble(makers, None if peers is None else [OWN, *peers])
    mine = present[OWN].hashes()
    errors = {
        name: compare(mine, peer.hashes(), hasattr(peer, "same")) for name, peer in present.items() if name != OWN
    }
    calls: dict[str, Call] = {name: lambda _number, hashed=hashed: hashed() for name, hashed in present.items()}
    times = interleave(benchmark, calls, pace)
    unit = nanoseconds_per("string", len(strings))
    publish(
        Result(
            scenario="hash_strings",
            case=case,
            title=f"{case}, {len(strings):,} different strings of {len(strings[0])} bytes",
            times=times,
            errors=errors,
            bound="xxhash: bit for bit; the others are other hashes: as many different ones as strings, up to the "
            "collisions of 30 bits",
            goals=[no_slower_than(times, unit, {"list[str]": 20.0, "Arrow": 4.0}[case]), *_goals(case, times)],
            absent=absent,
            unit=unit,
            machine=describe(),
        )
    )


def compare(mine: npt.NDArray[Any], theirs: npt.NDArray[Any], same: bool) -> None:
    """Check a peer's hashes.

    Raises:
        AssertionError: the same hash function and other hashes, or another one that drops information.
    """
    assert len(mine) == len(theirs)
    if same:
        np.testing.assert_array_equal(mine, theirs)
    assert len(np.unique(theirs)) >= 0.999 * len(np.unique(mine)), "many strings share a hash"


def _goals(case: str, times: Times) -> list[Goal]:
    if case == "Arrow":
        return []
    return [*times_as_fast(times, "mmh3", 6), *times_as_fast(times, "scikit-learn", 80)]
