"""What it means that two competitors give the same answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

TOLERANCE = 1e-4  # of a score, relative to 1 + |score|


class Ranked(NamedTuple):
    """The best candidates, best first: ids int64 or object [K], scores float32 [K]."""

    ids: npt.NDArray[Any]
    scores: npt.NDArray[np.float32]


def best_of(ids: npt.NDArray[Any], scores: npt.NDArray[np.float32], k: int) -> Ranked:
    """The best k by the usual numpy idiom."""
    best = np.argpartition(-scores, k)[:k] if k < len(scores) else np.arange(len(scores))
    best = best[np.argsort(-scores[best], kind="stable")]
    return Ranked(ids[best], scores[best])


def compare_rankings(
    mine: Callable[[int], Ranked],
    theirs: Callable[[int], Ranked],
    everything: int,
    k: int,
    tolerance: float = TOLERANCE,
) -> float:
    """The largest difference of two scores, relative to 1 + |score|.

    Args:
        mine: ranks the same candidates, the best `k` of them.
        theirs: the same, by another.
        everything: how many candidates there are.
        k: how many are timed.
        tolerance: what two scores may differ by, relative to 1 + |score|.

    Raises:
        AssertionError: other ids, a score that differs by more than the tolerance, or an order that is not explained by
            scores that are equal within it.
    """
    a, b = mine(everything), theirs(everything)
    order, of_b = np.argsort(a.ids), np.argsort(b.ids)
    assert len(a.ids) == everything, f"{len(a.ids)} of {everything} candidates came back"
    np.testing.assert_array_equal(a.ids[order], b.ids[of_b], err_msg="other ids came back")
    error = relative_error(a.scores[order], b.scores[of_b])
    assert error <= tolerance, f"the scores differ by {error:.1e}, more than {tolerance}"
    for name, best, other in (("recfast", mine(k), b), ("the peer", theirs(k), a)):
        assert len(set(best.ids.tolist())) == len(best.ids) == min(k, everything), f"{name}: not {k} different ids"
        at = np.argsort(other.ids)
        scores = other.scores[at][np.searchsorted(other.ids[at], best.ids)]
        misplaced = relative_error(scores, other.scores[: len(best.ids)])
        assert misplaced <= tolerance, f"{name}: the order of the best {k} differs by {misplaced:.1e}"
    return error


def relative_error(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    """max |a - b| / (1 + |b|), in float64."""
    wide = b.astype(np.float64)
    return float(np.max(np.abs(a - wide) / (1 + np.abs(wide))))
