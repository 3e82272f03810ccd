"""Wrong answers to a search fail its benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from bench.exact_topk.scenario import TOP_K, compare, make_search

SEARCH = make_search(3_000, 2)
RIGHT = np.argsort(-SEARCH.exact.astype(np.float32), axis=1, kind="stable")[:, : TOP_K + 1]


def test_the_right_answer_passes() -> None:
    assert compare(RIGHT[:, :TOP_K], SEARCH, exact=True, identical=True) == 1


def test_one_that_is_missing_fails() -> None:
    wrong = np.delete(RIGHT, 50, axis=1)
    with pytest.raises(AssertionError, match="a better one is missing"):
        compare(wrong, SEARCH, exact=True)
    assert compare(wrong, SEARCH, exact=False) == pytest.approx(0.99)


def test_another_order_fails_where_ids_must_be_identical() -> None:
    wrong = RIGHT[:, :TOP_K].copy()
    wrong[:, :2] = wrong[:, 1::-1]
    assert compare(wrong, SEARCH, exact=True) == 1
    with pytest.raises(AssertionError):
        compare(wrong, SEARCH, exact=True, identical=True)


def test_one_that_comes_twice_fails() -> None:
    wrong = RIGHT[:, :TOP_K].copy()
    wrong[:, 1] = wrong[:, 0]
    with pytest.raises(AssertionError, match="twice"):
        compare(wrong, SEARCH, exact=False)
