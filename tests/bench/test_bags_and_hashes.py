"""Wrong sums and hashes fail a benchmark."""

from __future__ import annotations

import numpy as np
import pytest

import recfast as rf
from bench.embedding_bag import scenario
from bench.hash_strings.test_hash_strings import compare as compare_hashes

TABLES = scenario.make_tables(50, count=3)
(BAGS, *_) = scenario.make_batches(TABLES, 4, 5)


@pytest.mark.parametrize(("dtype", "error"), [("f32", 1e-6), ("i8", 0.01), ("i4", 0.2)])
def test_the_right_sums_pass(dtype: str, error: float) -> None:
    sums = rf.Table(TABLES.weights, dtype).bag(BAGS.ids, BAGS.offsets)  # type: ignore[arg-type]
    assert scenario.compare(sums, TABLES, BAGS, dtype) < error


@pytest.mark.parametrize("dtype", ["f32", "i8", "i4"])
def test_one_wrong_row_fails(dtype: str) -> None:
    ids = BAGS.ids.copy()
    ids[7] = (ids[7] + 1) % 50
    sums = rf.Table(TABLES.weights, dtype).bag(ids, BAGS.offsets)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="times what"):
        scenario.compare(sums, TABLES, BAGS, dtype)


def test_f32_is_held_to_more_than_i8() -> None:
    sums = rf.Table(TABLES.weights, "i8").bag(BAGS.ids, BAGS.offsets)
    with pytest.raises(AssertionError, match="times what f32 allows"):
        scenario.compare(sums, TABLES, BAGS, "f32")


def test_another_hash_of_the_same_name_fails() -> None:
    hashes = rf.hash64(["a", "b", "c"])
    compare_hashes(hashes, hashes, same=True)
    with pytest.raises(AssertionError):
        compare_hashes(hashes, hashes + np.uint64(1), same=True)


def test_a_hash_that_drops_strings_fails() -> None:
    with pytest.raises(AssertionError, match="share a hash"):
        compare_hashes(np.arange(9), np.zeros(9), same=False)
