"""An answer, and what it means that two answers are the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

TOLERANCE = 1e-4  # of a score, relative to 1 + |score|


class Ranked(NamedTuple):
    """The best candidates, best first: int64 [K] and float32 [K]."""

    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]


def compare(everything: Ranked, best: Ranked, expected: Ranked) -> float:
    """The largest difference of two scores, relative to 1 + |score|.

    Args:
        everything: all candidates, ranked.
        best: the first of them, as they are timed.
        expected: all candidates, ranked by another.

    Raises:
        AssertionError: other ids, a score that differs by more than the tolerance, or an order that is not explained by
            scores that are equal within it.
    """
    order, of_expected = np.argsort(everything.ids), np.argsort(expected.ids)
    np.testing.assert_array_equal(everything.ids[order], expected.ids[of_expected])
    error = _relative(everything.scores[order], expected.scores[of_expected])
    assert error <= TOLERANCE, f"the scores differ by {error:.1e}, more than {TOLERANCE}"
    assert len(set(best.ids.tolist())) == len(best.ids), "an id came back twice"
    theirs = expected.scores[of_expected][np.searchsorted(expected.ids[of_expected], best.ids)]
    misplaced = _relative(theirs, expected.scores[: len(best.ids)])
    assert misplaced <= TOLERANCE, f"the order of the best {len(best.ids)} differs by {misplaced:.1e}"
    return error


def _relative(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    wide = b.astype(np.float64)
    return float(np.max(np.abs(a - wide) / (1 + np.abs(wide))))
