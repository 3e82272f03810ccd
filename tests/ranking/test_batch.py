"""Many requests in one call, and calls on several threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import recfast as rf

from .tiny_model import REQUEST, best, tiny_items, tiny_model, tiny_scores

MODEL = tiny_model()
ITEMS = tiny_items(range(500))
RANKER = rf.Ranker(MODEL, rf.Catalog(MODEL, ITEMS))
REQUESTS = [{"hour": i % 3, "counts": {"x": i, "y": 1}} for i in range(7)]
BAD_THREADS: list[tuple[Any, type[Exception], str]] = [
    (0, ValueError, r"threads is in \[1, 1024\], got 0"),
    (-1, ValueError, r"threads is in \[1, 1024\], got -1"),
    (1025, ValueError, "got 1025"),
    (2**70, ValueError, "got 1180591620717411303424"),
    (True, TypeError, "threads is an int, got bool"),
    (1.0, TypeError, "threads is an int, got float"),
    (None, TypeError, "threads is an int, got NoneType"),
]


@pytest.mark.parametrize("threads", [1, 2, np.int64(5), 1024])
def test_a_batch_is_its_requests_one_by_one(threads: int) -> None:
    candidates = [list(range(i, 500, i + 1)) for i in range(7)]
    exclude = [[i + 1, 10**9] for i in range(7)]
    top = RANKER.rank_batch(REQUESTS, candidates, k=200, exclude=exclude, threads=threads)
    assert top.ids.shape == top.scores.shape == (7, 200)
    assert top.ids.dtype == np.int64
    assert (top.version, top.skipped, top.ignored, top.certified) == (1, 0, 7, True)
    for i, request in enumerate(REQUESTS):
        one = RANKER.rank(request, candidates[i], k=200, exclude=exclude[i])
        count = int(top.counts[i])
        assert count == len(one.ids) == min(200, len(candidates[i]) - (i + 1 in candidates[i]))
        assert top.ids[i, :count].tolist() == one.ids.tolist()
        assert top.scores[i, :count].tolist() == one.scores.tolist()
        assert (top.ids[i, count:] == -1).all()
        assert (top.scores[i, count:] == -np.inf).all()


def test_candidates_and_items_for_all() -> None:
    for flat in ([3, 1, 2], np.array([3, 1, 2]), (3, 1, 2)):
        top = RANKER.rank_batch(REQUESTS, flat, k=2)
        for i, request in enumerate(REQUESTS):
            assert top.ids[i].tolist() == best(tiny_scores(request, ITEMS), [3, 1, 2], 2)
    fresh = tiny_items(range(30))
    top = RANKER.rank_batch(REQUESTS, items=fresh, k=9, exclude=[4, 5])
    for i, request in enumerate(REQUESTS):
        assert top.ids[i].tolist() == best(tiny_scores(request, fresh), [r for r in range(30) if r not in (4, 5)], 9)
        one = RANKER.rank(request, items=fresh, k=9, exclude=[4, 5])
        assert top.scores[i].tolist() == one.scores.tolist()


def test_strings_are_padded_with_none() -> None:
    ranker = rf.Ranker(MODEL, rf.Catalog(MODEL, tiny_items(["a", "b", "c"])))
    top = ranker.rank_batch(REQUESTS[:2], [["a"], ["b", "c"]], k=5)
    assert top.ids.shape == (2, 2)
    assert top.ids[0].tolist() == ["a", None]
    assert set(top.ids[1]) == {"b", "c"}
    assert top.counts.tolist() == [1, 2]


def test_an_empty_batch() -> None:
    top = RANKER.rank_batch([], [1], k=5)
    assert top.ids.shape == (0, 0)
    assert top.counts.tolist() == []


def test_errors_name_the_request() -> None:
    with pytest.raises(KeyError, match=r"request 1: 2 candidates are not in the catalogue, the first: 501, 502"):
        RANKER.rank_batch(REQUESTS[:3], [[1], [501, 502], [503]], k=5, threads=2)
    assert RANKER.rank_batch(REQUESTS[:2], [[1], [501, 2]], k=5, missing="skip").skipped == 1
    with pytest.raises(ValueError, match="candidates is given per request: 2 for 3 requests"):
        RANKER.rank_batch(REQUESTS[:3], [[1], [2]], k=5)
    with pytest.raises(ValueError, match="give either candidates"):
        RANKER.rank_batch(REQUESTS, k=5)
    with pytest.raises(TypeError, match="requests is a sequence of requests, got dict"):
        RANKER.rank_batch(REQUEST, [1], k=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown feature 'colour'"):
        RANKER.rank_batch([REQUEST, {**REQUEST, "colour": 1}], [1], k=5)
    with pytest.raises(ValueError, match="k must be at least 1"):
        RANKER.rank_batch(REQUESTS, [1], k=0)


@pytest.mark.parametrize(("threads", "error", "message"), BAD_THREADS)
def test_threads_are_checked(threads: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        RANKER.rank_batch(REQUESTS, [1], k=5, threads=threads)
    with pytest.raises(error, match=message):
        RANKER.recommend(REQUEST, k=5, threads=threads)
    with pytest.raises(error, match=message):
        MODEL.score({}, threads=threads)


def test_threads_do_not_change_what_is_recommended() -> None:
    items = tiny_items(range(20_000))
    ranker = rf.Ranker(MODEL, rf.Catalog(MODEL, items))
    one = ranker.recommend(REQUEST, k=1000, exclude=range(0, 20_000, 7))
    assert len(one.ids) == 1000
    assert not np.isin(one.ids, np.arange(0, 20_000, 7)).any()
    for threads in (2, 3, 64):
        several = ranker.recommend(REQUEST, k=1000, exclude=range(0, 20_000, 7), threads=threads)
        assert several.ids.tolist() == one.ids.tolist()
        assert several.scores.tolist() == one.scores.tolist()


def test_threads_do_not_change_scores() -> None:
    items = tiny_items(range(10_000))
    rows: dict[str, Any] = {name: [value] * 10_000 for name, value in REQUEST.items()} | items
    one = MODEL.score(rows)
    assert one.tolist() == MODEL.score(rows, threads=3).tolist()
    rows["price"] = [*rows["price"][:9_000], "x", *rows["price"][9_001:]]
    with pytest.raises(TypeError, match="price"):
        MODEL.score(rows, threads=3)
