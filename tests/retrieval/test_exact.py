"""Ids and scores of a retriever against brute force in float64: equal, for every kind of vectors."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .brute_force import KINDS, Floats, best, make_queries, scores

DTYPES = ("i8", "f16", "f32")
METRICS = ("inner_product", "cosine")


def check(
    top: rf.TopK,
    vectors: Floats,
    queries: Floats,
    k: int,
    *,
    metric: str = "inner_product",
    bias: Floats | None = None,
    eligible: npt.NDArray[np.bool_] | None = None,
) -> None:
    """Every query of a batch; the ids are row numbers."""
    for i, query in enumerate(queries):
        exact = scores(vectors, query, metric, bias)
        rows = best(exact, k, eligible)
        assert top.counts[i] == len(rows)
        np.testing.assert_array_equal(top.ids[i][: len(rows)], rows, err_msg=f"query {i}")
        np.testing.assert_array_equal(top.scores[i][: len(rows)], exact[rows], err_msg=f"query {i}")
        assert (top.ids[i][len(rows) :] == -1).all()
        assert (top.scores[i][len(rows) :] == -np.inf).all()
    assert top.certified
    assert top.rescored >= top.counts.sum()


@given(
    kind=st.sampled_from(sorted(KINDS)),
    n=st.one_of(st.integers(0, 600), st.integers(2000, 3000)),
    dim=st.sampled_from([1, 2, 3, 7, 8, 9, 16, 31, 64, 65]),
    k=st.sampled_from([1, 2, 10, 99, 100, 10_000]),
    metric=st.sampled_from(METRICS),
    bias=st.sampled_from([None, 1.0, 1e-6, 1e30, 1e-42]),
    threads=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
def test_any_vectors(
    kind: str, n: int, dim: int, k: int, metric: Any, bias: float | None, threads: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors = KINDS[kind](rng, n, dim)
    queries = make_queries(rng, vectors, int(rng.integers(1, 9)))
    added = None if bias is None else (rng.standard_normal(n) * bias).astype(np.float32)
    for dtype in DTYPES:
        top = rf.Retriever(vectors, dtype=dtype, metric=metric, bias=added).search(queries, k, threads=threads)
        check(top, vectors, queries, k, metric=metric, bias=added)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_catalogue_of_many_blocks(kind: str, dtype: Any) -> None:
    rng = np.random.default_rng(7)
    vectors = KINDS[kind](rng, 40_000, 16)
    queries = make_queries(rng, vectors, 14)
    for metric in METRICS:
        retriever = rf.Retriever(vectors, dtype=dtype, metric=metric)
        top = retriever.search(queries, 50)
        check(top, vectors, queries, 50, metric=metric)
        several = retriever.search(queries, 50, threads=3)
        np.testing.assert_array_equal(several.ids, top.ids)
        np.testing.assert_array_equal(several.scores, top.scores)
        assert several.rescored == top.rescored
        for i in (0, 5, 13):
            one = retriever.search(queries[i], 50)
            np.testing.assert_array_equal(one.ids, top.ids[i])
            np.testing.assert_array_equal(one.scores, top.scores[i])


@given(
    kind=st.sampled_from(sorted(KINDS)),
    dim=st.sampled_from([1, 3, 8, 16, 31, 64, 65]),
    k=st.sampled_from([1, 10, 60]),
    share=st.sampled_from([0.005, 0.03, 0.1, 0.4]),
    metric=st.sampled_from(METRICS),
    bias=st.sampled_from([None, 1.0, 1e-6, 1e30]),
    together=st.sampled_from([1, 2, 5]),
    seed=st.integers(0, 2**32),
)
def test_few_eligible_rows(
    kind: str, dim: int, k: int, share: float, metric: Any, bias: float | None, together: int, seed: int
) -> None:
    """Few of many rows are read where they are, not scanned; the share decides which."""
    rng = np.random.default_rng(seed)
    vectors = KINDS[kind](rng, 20_000, dim)
    queries = make_queries(rng, vectors, 5)
    added = None if bias is None else (rng.standard_normal(len(vectors)) * bias).astype(np.float32)
    eligible = rng.random(len(vectors)) < share
    for dtype in DTYPES:
        retriever = rf.Retriever(vectors, dtype=dtype, metric=metric, bias=added, attributes={"in": eligible})
        top = retriever.search(queries[:together], k, where=rf.col("in") == True, threads=2)  # noqa: E712
        check(top, vectors, queries[:together], k, metric=metric, bias=added, eligible=eligible)


def test_few_of_few_eligible_rows_are_scored_exactly() -> None:
    rng = np.random.default_rng(1)
    vectors = KINDS["random"](rng, 200_000, 64)
    eligible = rng.random(len(vectors)) < 0.05
    for metric in METRICS:
        retriever = rf.Retriever(vectors, metric=metric, attributes={"in": eligible})
        top = retriever.search(vectors[3], 100, where=rf.col("in") == True)  # noqa: E712
        assert 100 <= top.rescored <= 105


@pytest.mark.parametrize(("dtype", "most"), [("i8", 300), ("f16", 110), ("f32", 105)])
def test_few_rows_are_scored_exactly(dtype: Any, most: int) -> None:
    rng = np.random.default_rng(1)
    vectors = KINDS["random"](rng, 50_000, 64)
    queries = KINDS["random"](rng, 8, 64)
    top = rf.Retriever(vectors, dtype=dtype).search(queries, 100)
    check(top, vectors, queries, 100)
    assert 100 <= top.rescored / len(queries) <= most


@pytest.mark.parametrize("metric", METRICS)
def test_rows_whose_f32_sums_are_infinite(metric: Any) -> None:
    """A scan of f32 cannot bound them: infinity minus infinity."""
    rng = np.random.default_rng(9)
    vectors = KINDS["random"](rng, 400, 4)
    vectors[::7] *= np.float32(2e37)
    vectors[3::7] *= np.float32(1e-37)
    queries = KINDS["random"](rng, 40, 4) * np.float32(10) ** rng.integers(-38, 37, (40, 1)).astype("f4")
    for dtype in DTYPES:
        check(rf.Retriever(vectors, dtype=dtype, metric=metric).search(queries, 9), vectors, queries, 9, metric=metric)


@pytest.mark.parametrize("dim", [127, 128, 511, 1024, 65536])
def test_long_vectors(dim: int) -> None:
    rng = np.random.default_rng(dim)
    vectors = np.vstack([KINDS["random"](rng, 300, dim), np.ones((2, dim), np.float32), -np.ones((2, dim), np.float32)])
    queries = np.vstack([KINDS["random"](rng, 2, dim), np.ones((1, dim), np.float32)])
    for dtype in DTYPES:
        check(rf.Retriever(vectors, dtype=dtype).search(queries, 20), vectors, queries, 20)


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 255, 256, 257, 511, 512, 513])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 127, 129])
def test_every_number_of_rows_and_queries(rows: int, count: int) -> None:
    rng = np.random.default_rng(rows)
    vectors = KINDS["tied"](rng, rows, 5)
    queries = make_queries(rng, vectors, count)
    for dtype in DTYPES:
        check(rf.Retriever(vectors, dtype=dtype).search(queries, 4), vectors, queries, 4)


def test_vectors_are_read_where_they_are() -> None:
    rng = np.random.default_rng(3)
    wide = KINDS["random"](rng, 700, 40)
    queries = KINDS["random"](rng, 3, 9)
    for vectors in (wide[:, 5:14], wide[::3, :9], wide[:, :36:4], wide[::-1, 2:11], np.asfortranarray(wide[:, :9])):
        for dtype in DTYPES:
            check(rf.Retriever(vectors, dtype=dtype).search(queries, 25), vectors, queries, 25)


def test_the_retriever_keeps_its_vectors_alive() -> None:
    rng = np.random.default_rng(4)
    vectors = KINDS["random"](rng, 5000, 8)
    queries = KINDS["random"](rng, 2, 8)
    retriever = rf.Retriever(vectors.copy(), dtype="f32")
    check(retriever.search(queries, 9), vectors, queries, 9)


def test_equal_scores_come_in_the_order_of_rows() -> None:
    vectors = np.zeros((1000, 3), np.float32)
    vectors[::2] = [0, 1, 0]
    for dtype in DTYPES:
        for metric in METRICS:
            top = rf.Retriever(vectors, dtype=dtype, metric=metric).search(np.float32([0, 1, 0]), 600)
            np.testing.assert_array_equal(top.ids, [*range(0, 1000, 2), *range(1, 200, 2)])


def test_a_tie_that_only_rounding_makes() -> None:
    """1 + 2**-30 and 1 are one number in f32: the lower row is first, though its float64 sum is smaller."""
    vectors = np.float32([[1, 0], [1, 2**-30], [1, 2**-20], [1, 0]])
    for dtype in DTYPES:
        top = rf.Retriever(vectors, dtype=dtype).search(np.float32([1, 1]), 2)
        assert top.ids.tolist() == [2, 0]


def test_every_isa_finds_the_same() -> None:
    """In processes of their own: which ISA runs is decided once."""
    code = (
        "import numpy as np, recfast as rf\n"
        "rng = np.random.default_rng(5)\n"
        "x, q = (rng.standard_normal((n, 33)).astype('f4') for n in (20000, 6))\n"
        "x[::9] = x[0]\n"
        "for dtype in ('i8', 'f16', 'f32'):\n"
        "  for metric in ('inner_product', 'cosine'):\n"
        "    top = rf.Retriever(x, dtype=dtype, metric=metric).search(q, 40)\n"
        "    print(rf.hash64(top.ids.astype(str).ravel().tolist()).tolist(), top.scores.tobytes().hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "RECFAST_ISA": isa},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for isa in rf.cpu.available()
    }
    assert len(found) == 1
    assert found.pop().count("\n") == 6


@pytest.mark.slow
def test_a_million_queries_over_small_catalogues() -> None:
    rng = np.random.default_rng(20)
    left = 1_000_000
    while left > 0:
        for kind, make in KINDS.items():
            vectors = make(rng, int(rng.integers(1, 600)), int(rng.integers(1, 12)))
            _check_batches(rng, vectors, 4000, kind)
            left -= 4000


def test_many_queries_over_small_catalogues() -> None:
    rng = np.random.default_rng(21)
    for kind, make in KINDS.items():
        _check_batches(rng, make(rng, int(rng.integers(1, 600)), int(rng.integers(1, 12))), 1000, kind)


def _check_batches(rng: np.random.Generator, vectors: Floats, count: int, kind: str) -> None:
    """Like `check`, for all queries at once."""
    k = int(rng.integers(1, 20))
    queries = make_queries(rng, vectors, count)
    dtype, metric = rng.choice(DTYPES), rng.choice(METRICS)
    exact = scores(vectors[None], queries[:, None], metric)
    order = np.argsort(-exact, axis=1, kind="stable")[:, :k]
    top = rf.Retriever(vectors, dtype=dtype, metric=metric).search(queries, k)
    wrong = np.flatnonzero((top.ids != order).any(axis=1))
    assert wrong.size == 0, f"{kind}, {dtype}, {metric}: {wrong.size} of {count} queries, the first: {wrong[0]}"
    np.testing.assert_array_equal(top.scores, np.take_along_axis(exact, order, axis=1))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["random", "clustered", "tied", "tiny", "huge", "outliers"])
def test_a_million_rows(kind: str) -> None:
    """1,000 queries with the other kinds; scored in order where a float64 product leaves a doubt."""
    rng = np.random.default_rng(22)
    vectors = KINDS[kind](rng, 1_000_000, 32)
    queries = np.vstack([KINDS["random"](rng, 160, 32), vectors[rng.integers(0, 1_000_000, 7)]])
    top = rf.Retriever(vectors).search(queries, 100, threads=2)
    wide = vectors.astype(np.float64)
    for i, query in enumerate(queries):
        rough = wide @ query.astype(np.float64)
        bar = min(np.partition(rough, -100)[-100], np.finfo(np.float32).max)
        doubtful = np.flatnonzero(rough >= bar - abs(bar) * 2.0**-20 - 2.0**-148)  # denormal scores tie
        exact = scores(vectors[doubtful], query)
        rows = best(exact, 100)
        np.testing.assert_array_equal(top.ids[i], doubtful[rows])
        np.testing.assert_array_equal(top.scores[i], exact[rows])
