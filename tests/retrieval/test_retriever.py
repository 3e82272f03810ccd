"""Ids, exclusions, candidates, results and errors of a retriever; what it finds is in test_exact.py."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .brute_force import KINDS, Floats, best, scores

N, DIM = 700, 6
RNG = np.random.default_rng(0)
VECTORS: Floats = KINDS["tied"](RNG, N, DIM)
QUERIES: Floats = KINDS["random"](RNG, 5, DIM)
BY_NUMBER = rf.Retriever(VECTORS)
INTEGERS = rf.Retriever(VECTORS, ids=10 * np.arange(N) - 3000)
STRINGS = rf.Retriever(VECTORS, ids=[f"p{row}" for row in range(N)])


def expected(query: Floats, k: int, eligible: npt.NDArray[np.bool_]) -> list[int]:
    return best(scores(VECTORS, query), k, eligible).tolist()


@given(
    k=st.integers(1, 800),
    excluded=st.one_of(st.none(), st.lists(st.integers(-5, N + 5), max_size=900)),
    candidates=st.one_of(st.none(), st.lists(st.integers(0, N - 1), max_size=900)),
)
def test_only_what_may_come_back_does(k: int, excluded: list[int] | None, candidates: list[int] | None) -> None:
    eligible = np.full(N, candidates is None)
    eligible[candidates or []] = True
    eligible[[row for row in excluded or [] if 0 <= row < N]] = False
    unknown = sum(not 0 <= row < N for row in excluded or [])
    for retriever, name in (
        (BY_NUMBER, lambda row: row),
        (INTEGERS, lambda row: 10 * row - 3000),
        (STRINGS, lambda row: f"p{row}"),
    ):
        none, wanted = (None if rows is None else [name(row) for row in rows] for rows in (excluded, candidates))
        top = retriever.search(QUERIES[0], k, exclude=none, candidates=wanted)
        assert top.ids.tolist() == [name(row) for row in expected(QUERIES[0], k, eligible)]
        assert (top.ignored, top.skipped, top.version) == (unknown, 0, 0)
        batch = retriever.search(QUERIES[:2], k, exclude=none, candidates=wanted, threads=2)
        for i in range(2):
            rows = expected(QUERIES[i], k, eligible)
            assert batch.ids[i][: len(rows)].tolist() == [name(row) for row in rows]
        assert batch.ignored == 2 * unknown


def test_each_query_has_its_own_exclusions_and_candidates() -> None:
    excluded = [[], [1, 2, 3], list(range(0, N, 2)), [N + 1], list(range(N))]
    candidates = [list(range(N)), [1, 5, 5, 9], list(range(50, 90)), [], [3]]
    top = STRINGS.search(
        QUERIES,
        20,
        exclude=[[f"p{row}" for row in rows] for rows in excluded],
        candidates=[[f"p{row}" for row in rows] for rows in candidates],
    )
    assert top.counts.tolist() == [20, 2, 20, 0, 0]
    assert top.ignored == 1
    for i, query in enumerate(QUERIES):
        eligible = np.isin(np.arange(N), candidates[i]) & ~np.isin(np.arange(N), excluded[i])
        rows = expected(query, 20, eligible)
        assert top.ids[i].tolist() == [f"p{row}" for row in rows] + [None] * (20 - len(rows))


@pytest.mark.parametrize("make", [list, set, np.array, pa.array, lambda ids: pa.chunked_array([ids[:1], ids[1:]])])
def test_ids_come_from_anywhere(make: Any) -> None:
    names = [f"p{row}" for row in (3, 4, 8)]
    eligible = np.isin(np.arange(N), [3, 4, 8])
    wanted = [f"p{row}" for row in expected(QUERIES[0], 9, eligible)]
    assert STRINGS.search(QUERIES[0], 9, candidates=make(names)).ids.tolist() == wanted
    rest = STRINGS.search(QUERIES[0], N, exclude=make(names))
    assert len(rest.ids) == N - 3
    assert not set(names) & set(rest.ids)
    coded = pa.array(names).dictionary_encode()
    assert STRINGS.search(QUERIES[0], 9, candidates=coded).ids.tolist() == wanted


def test_unknown_candidates_are_an_error_or_left_out() -> None:
    with pytest.raises(KeyError, match=r"2 candidates are not in the catalogue, the first: .*x.*y.*; pass missing="):
        STRINGS.search(QUERIES[0], 3, candidates=["p1", "x", "y"])
    with pytest.raises(KeyError, match="query 1: 1 candidates are not"):
        BY_NUMBER.search(QUERIES[:2], 3, candidates=[[1], [-1]])
    top = STRINGS.search(QUERIES[0], 3, candidates=["p1", "x", "y"], missing="skip")
    assert (top.ids.tolist(), top.skipped) == (["p1"], 2)
    with pytest.raises(ValueError, match="candidates: position 1 is null"):
        STRINGS.search(QUERIES[0], 3, candidates=["p1", None])


@pytest.mark.parametrize("metric", ["inner_product", "cosine"])
def test_similar_leaves_the_row_itself_out(metric: Any) -> None:
    retriever = rf.Retriever(VECTORS, ids=[f"p{row}" for row in range(N)], metric=metric)
    exact = scores(VECTORS, VECTORS[17], metric)
    eligible = np.arange(N) != 17
    assert retriever.similar("p17", 30).ids.tolist() == [f"p{row}" for row in best(exact, 30, eligible)]
    eligible[:400] = False
    rows = best(exact, 30, eligible)
    top = retriever.similar("p17", 30, exclude=[f"p{row}" for row in range(400)] + ["x"])
    assert (top.ids.tolist(), top.ignored) == ([f"p{row}" for row in rows], 1)
    assert retriever.similar("p17", 5, candidates=["p17", "p2"]).ids.tolist() == ["p2"]
    with pytest.raises(KeyError, match=r"the id .*x.* is not there"):
        retriever.similar("x", 1)
    with pytest.raises(TypeError, match="id: the catalogue's ids are strings"):
        retriever.similar(17, 1)
    with pytest.raises(KeyError, match="the id 700 is not there"):
        BY_NUMBER.similar(N, 1)


@pytest.mark.parametrize("dtype", ["i8", "f16", "f32"])
def test_few_rows_or_none(dtype: Any) -> None:
    none = rf.Retriever(np.zeros((0, 4), np.float32), dtype=dtype)
    top = none.search(np.ones(4, np.float32), 3)
    assert (len(none), top.ids.tolist(), top.counts.tolist(), top.rescored) == (0, [], [0], 0)
    assert none.search(np.ones((2, 4), np.float32), 3).ids.shape == (2, 0)
    one = rf.Retriever(np.ones((1, 4), np.float32), ids=["a"], dtype=dtype, bias=np.float32([0.5]))
    top = one.search(np.ones(4, np.float32), 10**30, exclude=["b"])
    assert (top.ids.tolist(), top.scores.tolist(), top.ignored) == (["a"], [4.5], 1)
    assert one.search(np.ones(4, np.float32), 1, exclude=["a"]).ids.tolist() == []
    assert one.search(np.zeros((0, 4), np.float32), 1).ids.shape == (0, 0)


def test_scores_beyond_f32_are_infinite_and_tie() -> None:
    vectors = np.float32([[1, 1], [3e38, 3e38], [-3e38, -3e38], [2e38, 2e38]])
    for dtype in ("i8", "f16", "f32"):
        top = rf.Retriever(vectors, dtype=dtype).search(np.float32([1, 1]), 4)  # type: ignore[arg-type]
        assert top.ids.tolist() == [1, 3, 0, 2]
        assert top.scores.tolist() == [np.inf, np.inf, 2, -np.inf]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"vectors": [[1.0]]}, TypeError, "vectors must be float32, got float64: convert"),
        ({"vectors": np.zeros(3, np.float32)}, ValueError, r"vectors must be \[N, D\], got 1"),
        ({"vectors": np.zeros((3, 0), np.float32)}, ValueError, "from 1 to 65536 dimensions, got 0"),
        ({"vectors": np.zeros((3, 65537), np.float32)}, ValueError, "from 1 to 65536 dimensions, got 65537"),
        (
            {"vectors": np.broadcast_to(np.zeros((1, 2), np.float32), (2**31, 2))},
            ValueError,
            r"at most 2\*\*31 - 1 vectors, got 2,147,483,648",
        ),
        ({"vectors": np.float32([[1, 2], [1, np.nan]])}, ValueError, "row 1 holds nan at position 1"),
        ({"vectors": np.float32([[1, 2], [-np.inf, 1]])}, ValueError, "row 1 holds -inf at position 0"),
        ({"ids": ["a"]}, ValueError, "ids: one per vector is needed; got 1 for 2 vectors"),
        ({"ids": np.broadcast_to(np.int64(1), 2**31)}, ValueError, "ids: one per vector is needed; got 2147483648 for"),
        ({"ids": range(2**31)}, ValueError, "ids: one per vector is needed; got 2147483648 for"),
        (
            {"attributes": {"price": np.broadcast_to(np.int64(1), 2**31)}},
            ValueError,
            "attributes: one row per vector is needed; got 2147483648 for 2 vectors",
        ),
        ({"attributes": {"price": "ab"}}, TypeError, "column 'price': expected an Arrow column"),
        ({"bias": np.broadcast_to(np.float32(1), 2**31)}, ValueError, r"bias must be \[N\] for 2 vectors, got \[2147"),
        ({"ids": ["a", "a"]}, ValueError, "'a' for the second time"),
        ({"ids": [1.0, 2.0]}, TypeError, "'ids': expected strings or integers"),
        ({"ids": [1, None]}, ValueError, "row 1 is null"),
        ({"dtype": "i4"}, ValueError, "dtype is .* got 'i4'"),
        ({"metric": "l2"}, ValueError, "metric is .* got 'l2'"),
        ({"bias": [1.0, 2.0]}, TypeError, "bias must be float32"),
        ({"bias": np.zeros(3, np.float32)}, ValueError, r"bias must be \[N\] for 2 vectors, got \[3\]"),
        ({"bias": np.float32([0, np.inf])}, ValueError, "bias must be finite: row 1 has inf"),
    ],
)
def test_what_a_retriever_refuses(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    given = {"vectors": np.ones((2, 2), np.float32)} | arguments
    for dtype in ("i8", "f16", "f32"):
        with pytest.raises(error, match=message):
            rf.Retriever(**{"dtype": dtype} | given)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"queries": np.ma.masked_array(np.zeros(DIM, np.float32), True)}, TypeError, "masked array"),
        ({"queries": np.zeros(DIM)}, TypeError, "queries must be float32, got float64"),
        ({"queries": np.zeros(DIM + 1, np.float32)}, ValueError, r"queries must be \[6\] or \[B, 6\], got \[7\]"),
        ({"queries": np.zeros((1, 1, DIM), np.float32)}, ValueError, "got .1, 1, 6"),
        ({"queries": np.float32([0, 0, np.nan, 0, 0, 0])}, ValueError, "^a query must be finite: .* nan at position 2"),
        ({"queries": np.float32([[0] * 6, [np.inf] * 6])}, ValueError, "query 1: a query must be finite"),
        ({"k": 0}, ValueError, "k must be at least 1, got 0"),
        ({"k": -3}, ValueError, "got -3"),
        ({"k": 1.0}, TypeError, "k is an int, got float"),
        ({"k": True}, TypeError, "k is an int, got bool"),
        ({"threads": 0}, ValueError, "threads is in"),
        ({"threads": "2"}, TypeError, "threads is an int"),
        ({"missing": "raise"}, ValueError, "missing is"),
        ({"exclude": ["a"]}, TypeError, "exclude: the ids are row numbers"),
        ({"candidates": [1.5]}, TypeError, "candidates: the ids are row numbers"),
        ({"queries": QUERIES, "exclude": [[1], [2]]}, ValueError, "exclude is given per query: 2 for 5 queries"),
    ],
)
def test_what_a_search_refuses(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    given = {"queries": QUERIES[0], "k": 3} | arguments
    with pytest.raises(error, match=message):
        BY_NUMBER.search(**given)


@pytest.mark.parametrize("make", [np.array, lambda _: pa.array([], pa.float64()), lambda _: pa.chunked_array([[], []])])
def test_nothing_excluded_is_nothing_whatever_its_type(make: Any) -> None:
    """numpy makes an array of floats of an empty list."""
    for retriever in (BY_NUMBER, STRINGS):
        top = retriever.search(QUERIES[0], 5, exclude=make([]))
        assert top.ids.tolist() == retriever.search(QUERIES[0], 5).ids.tolist()
        assert retriever.search(QUERIES[0], 5, candidates=make([])).ids.tolist() == []
    with pytest.raises(TypeError, match="exclude: expected strings, got numpy float64"):
        STRINGS.search(QUERIES[0], 5, exclude=np.array([1.0]))


def test_numbers_of_numpy_are_numbers() -> None:
    top = INTEGERS.search(QUERIES[0], 5)
    for k in (np.int8(5), np.uint64(5)):
        assert INTEGERS.search(QUERIES[0], k).ids.tolist() == top.ids.tolist()  # type: ignore[arg-type]
    assert len(INTEGERS.search(QUERIES[0], np.int64(2**62)).ids) == N  # type: ignore[arg-type]
    assert INTEGERS.similar(np.int16(-3000), 3).ids.tolist() == INTEGERS.similar(-3000, 3).ids.tolist()  # type: ignore[arg-type]


def test_what_it_says_about_itself() -> None:
    assert (len(STRINGS), STRINGS.dim, STRINGS.dtype, STRINGS.metric) == (N, DIM, "i8", "inner_product")
    assert repr(STRINGS).startswith("Retriever(700 rows, dim 6, inner_product, i8, 0.1 MB)")
    sizes = {dtype: rf.Retriever(np.ones((10_000, 64), np.float32), dtype=dtype).size_bytes for dtype in ("i8", "f16")}
    assert 640_000 < sizes["i8"] < 740_000
    assert 1_280_000 < sizes["f16"] < 1_380_000
    assert rf.Retriever(np.ones((10_000, 64), np.float32), dtype="f32").size_bytes < 50_000
    vectors = np.ones((10_000, 1), np.float32)
    bare = rf.Retriever(vectors).size_bytes
    assert rf.Retriever(vectors, ids=np.arange(10_000)).size_bytes >= bare + 80_000
    assert rf.Retriever(vectors, attributes={"price": np.zeros(10_000)}).size_bytes >= bare + 80_000


def test_the_vectors_live_as_long_as_the_retriever() -> None:
    vectors = VECTORS.copy()
    alive = weakref.ref(vectors)
    retriever = rf.Retriever(vectors)
    del vectors
    gc.collect()
    assert alive() is not None
    del retriever
    gc.collect()
    assert alive() is None
