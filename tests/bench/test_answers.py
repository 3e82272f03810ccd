"""Wrong answers fail a benchmark before its clock starts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.answers import Ranked, best_of, compare_rankings

IDS = np.arange(100, 160)
SCORES = np.random.default_rng(3).normal(size=60).astype(np.float32)
K = 10


def peer(scores: npt.NDArray[np.float32], ids: npt.NDArray[Any] = IDS) -> Any:
    return lambda k: best_of(ids, scores, k)


def test_the_same_scores_are_the_same_answer() -> None:
    assert compare_rankings(peer(SCORES), peer(SCORES), 60, K) == 0


def test_an_error_within_the_tolerance_is_reported() -> None:
    assert 0 < compare_rankings(peer(SCORES), peer(SCORES + np.float32(1e-6)), 60, K) < 1e-4


def test_ties_may_come_in_any_order() -> None:
    tied = np.round(SCORES)
    reverse = slice(None, None, -1)
    assert compare_rankings(peer(tied), peer(tied[reverse], IDS[reverse]), 60, K) == 0


def test_ids_may_be_strings() -> None:
    names = np.array([f"item-{i}" for i in IDS], dtype=object)
    assert compare_rankings(peer(SCORES, names), peer(SCORES, names), 60, K) == 0


@pytest.mark.parametrize("at", [0, 59])
def test_a_wrong_score_fails(at: int) -> None:
    wrong = SCORES.copy()
    wrong[at] += 0.01
    with pytest.raises(AssertionError, match="the scores differ by"):
        compare_rankings(peer(SCORES), peer(wrong), 60, K)


def test_swapped_ids_fail() -> None:
    swapped = IDS.copy()
    swapped[[3, 40]] = swapped[[40, 3]]
    with pytest.raises(AssertionError, match="the scores differ by"):
        compare_rankings(peer(SCORES), peer(SCORES, swapped), 60, K)


def test_a_foreign_id_fails() -> None:
    foreign = IDS.copy()
    foreign[7] = 7
    with pytest.raises(AssertionError, match="other ids"):
        compare_rankings(peer(SCORES), peer(SCORES, foreign), 60, K)


def test_a_missing_candidate_fails() -> None:
    with pytest.raises(AssertionError, match="59 of 60 candidates"):
        compare_rankings(peer(SCORES[1:], IDS[1:]), peer(SCORES), 60, K)


@pytest.mark.parametrize("who", ["recfast", "the peer"])
def test_a_wrong_order_of_the_best_fails(who: str) -> None:
    def careless(k: int) -> Ranked:
        everything = best_of(IDS, SCORES, 60)
        return everything if k == 60 else Ranked(everything.ids[-k:], everything.scores[-k:])

    with pytest.raises(AssertionError, match=f"{who}: the order of the best 10"):
        compare_rankings(*((careless, peer(SCORES)) if who == "recfast" else (peer(SCORES), careless)), 60, K)


def test_an_id_that_comes_twice_fails() -> None:
    def twice(k: int) -> Ranked:
        best = best_of(IDS, SCORES, 60)
        return best if k == 60 else Ranked(best.ids[[0, *range(k - 1)]], best.scores[[0, *range(k - 1)]])

    with pytest.raises(AssertionError, match="not 10 different ids"):
        compare_rankings(peer(SCORES), twice, 60, K)
