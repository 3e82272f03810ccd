"""Filters inside of the search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf


def shop(count: int, seed: int = 0) -> tuple[Any, dict[str, Any]]:
    """Vectors of small whole numbers, full of ties, and attributes."""
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-2, 3, (count, 5)).astype(np.float32)
    price = np.where(rng.random(count) < 0.1, np.nan, rng.random(count))
    return vectors, {"price": price, "brand": [f"b{i}" for i in rng.integers(0, 9, count)]}


@given(
    count=st.sampled_from([0, 1, 255, 256, 257, 1500]),
    k=st.sampled_from([1, 10, 2000]),
    below=st.sampled_from([-1.0, 0.001, 0.05, 0.5, 2.0]),
    brands=st.sets(st.sampled_from([f"b{i}" for i in range(12)])),
    dtype=st.sampled_from(["i8", "f16", "f32"]),
    excluded=st.integers(0, 40),
    some=st.booleans(),
    threads=st.sampled_from([1, 3]),
)
def test_exactly_the_best_of_what_is_true(
    count: int, k: int, below: float, brands: set[str], dtype: Any, excluded: int, some: bool, threads: int
) -> None:
    vectors, attributes = shop(count)
    retriever = rf.Retriever(vectors, dtype=dtype, attributes=attributes)
    query = np.float32([1, -2, 0, 1, 1])
    candidates = list(range(0, count, 2)) if some else None
    top = retriever.search(
        query,
        k,
        where=(rf.col("price") < below) & rf.col("brand").is_in(brands),
        exclude=list(range(excluded)),
        candidates=candidates,
        threads=threads,
    )
    eligible = (attributes["price"] < below) & np.isin(attributes["brand"], sorted(brands))
    eligible[:excluded] = False
    if some:
        eligible[1::2] = False
    rows = np.flatnonzero(eligible)
    scores = vectors[rows].astype(np.float64) @ query
    expected = rows[np.argsort(-scores, kind="stable")[:k]]
    assert top.ids.tolist() == expected.tolist()
    assert top.scores.tolist() == (vectors[expected].astype(np.float64) @ query).tolist()
    assert top.certified


def test_one_filter_for_all_queries_of_a_batch() -> None:
    vectors, attributes = shop(700)
    retriever = rf.Retriever(vectors, attributes=attributes)
    where = rf.col("brand") == "b3"
    queries = np.random.default_rng(1).integers(-2, 3, (9, 5)).astype(np.float32)
    batch = retriever.search(queries, 20, where=where, exclude=[[i] for i in range(9)])
    for i, query in enumerate(queries):
        assert batch.ids[i].tolist() == retriever.search(query, 20, where=where, exclude=[i]).ids.tolist()


def test_similar_items_that_pass() -> None:
    vectors, attributes = shop(700)
    retriever = rf.Retriever(vectors, attributes=attributes)
    found = retriever.similar(5, 10, where=rf.col("price") < 0.5).ids
    assert 5 not in found
    assert (attributes["price"][found] < 0.5).all()


def test_what_is_wrong_is_told() -> None:
    vectors, attributes = shop(10)
    query = np.zeros(5, np.float32)
    with pytest.raises(ValueError, match="give it attributes="):
        rf.Retriever(vectors).search(query, 1, where=rf.col("price") < 1)
    with pytest.raises(ValueError, match="one row per vector is needed; got 10 for 9"):
        rf.Retriever(vectors[:9], attributes=attributes)
    with pytest.raises(ValueError, match="'price', 'brand'"):
        rf.Retriever(vectors, attributes=attributes).search(query, 1, where=rf.col("size") < 1)
    with pytest.raises(TypeError, match="brand"):
        rf.Retriever(vectors, attributes=attributes).search(query, 1, where=rf.col("brand") < 1)
