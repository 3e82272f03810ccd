from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .tiny_model import REQUEST, REQUESTS, best, tiny_items, tiny_model, tiny_scores

MODEL = tiny_model()
PAIR_MODEL = tiny_model(pair=True)
INTS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), max_size=20, unique=True)
STRINGS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=20, unique=True)


def ranker_of(items: dict[str, list[Any]], model: rf.Model = MODEL) -> rf.Ranker:
    return rf.Ranker(model, rf.Catalog(model, items))


def assert_best(top: rf.TopK, ids: list[Any], scores: Any, rows: list[int], k: int) -> None:
    expected = best(scores, rows, k)
    assert top.ids.tolist() == [ids[row] for row in expected]
    assert top.scores.dtype == np.float32
    assert top.scores.tolist() == [scores[row] for row in expected]
    assert top.counts.tolist() == [len(expected)]


@given(data=st.data(), ids=INTS | STRINGS, request=REQUESTS, seed=st.integers(0, 99), k=st.integers(1, 40))
def test_rank_sorts_by_score_then_row_without_the_excluded(
    data: st.DataObject, ids: list[Any], request: dict[str, Any], seed: int, k: int
) -> None:
    items = tiny_items(ids, seed)
    ranker, scores = ranker_of(items), tiny_scores(request, items)
    some_rows = st.lists(st.sampled_from(range(len(ids))) if ids else st.nothing(), max_size=30 if ids else 0)
    rows, gone = data.draw(some_rows), data.draw(some_rows)
    unknown = [] if not ids else [u for u in ([2**62 + 1] if isinstance(ids[0], int) else ["unknown!"]) if u not in ids]
    exclude = [ids[row] for row in gone] + unknown
    eligible = [row for row in rows if row not in gone]
    top = ranker.rank(request, [ids[row] for row in rows], k=k, exclude=exclude)
    assert_best(top, ids, scores, eligible, k)
    assert (top.ignored, top.skipped, top.version) == (len(unknown), 0, 1)
    skipping = ranker.rank(request, [*unknown, *[ids[row] for row in rows], *unknown], k=k, missing="skip")
    assert_best(skipping, ids, scores, rows, k)
    assert skipping.skipped == 2 * len(unknown)
    everything = ranker.recommend(request, k=k, exclude=exclude)
    assert_best(everything, ids, scores, [row for row in range(len(ids)) if row not in gone], k)
    assert everything.ignored == len(unknown)
    fresh = ranker_of(tiny_items([])).rank(request, items=items, k=k, exclude=exclude)
    assert_best(fresh, ids, scores, [row for row in range(len(ids)) if row not in gone], k)
    assert fresh.version == 0


@given(data=st.data(), seed=st.integers(0, 99), request=REQUESTS, k=st.integers(1, 12))
def test_pair_columns_belong_to_the_candidates_in_order(
    data: st.DataObject, seed: int, request: dict[str, Any], k: int
) -> None:
    ids = list(range(100, 110))
    items, rows = tiny_items(ids, seed), data.draw(st.lists(st.integers(0, 9), max_size=15))
    discounts = [data.draw(st.none() | st.integers(0, 3)) for _ in rows]
    ranker = ranker_of(items, PAIR_MODEL)
    gone = data.draw(st.lists(st.sampled_from(ids), max_size=3))
    top = ranker.rank(request, [ids[r] for r in rows], k=k, pair={"discount": discounts}, exclude=gone)
    first = {row: discounts[rows.index(row)] for row in rows}  # of a candidate given twice the first row counts
    per_item = {"discount": [first.get(row) for row in range(10)]}
    scores = tiny_scores(request, items, per_item)
    assert_best(top, ids, scores, [row for row in rows if ids[row] not in gone], k)
    fresh = ranker.rank(request, items=items, k=k, pair=per_item)
    assert_best(fresh, ids, scores, list(range(10)), k)


def test_pair_rows_stay_with_their_candidates_when_others_are_skipped() -> None:
    items = tiny_items(["a", "b"])
    top = ranker_of(items, PAIR_MODEL).rank(
        REQUEST, ["?", "b", "?", "a"], k=9, pair={"discount": [99, 1, 98, 2]}, missing="skip"
    )
    assert_best(top, ["a", "b"], tiny_scores(REQUEST, items, {"discount": [2, 1]}), [0, 1], 9)


def test_pair_tables_that_do_not_fit_are_refused() -> None:
    ranker = ranker_of(tiny_items(["a", "b"]), PAIR_MODEL)
    with pytest.raises(
        ValueError, match=r"the model has pair features 'discount': pass them as pair=, one row per cand"
    ):
        ranker.rank(REQUEST, ["a"], k=1)
    with pytest.raises(ValueError, match="pair= has 1 rows for 2 candidates; it needs one row per candidate, in order"):
        ranker.rank(REQUEST, ["a", "b"], k=1, pair={"discount": [1]})
    with pytest.raises(ValueError, match="pair= has 3 rows for 2 items"):
        ranker.rank(REQUEST, items=tiny_items(["c", "d"]), k=1, pair={"discount": [1, 2, 3]})
    with pytest.raises(ValueError, match="unknown feature 'colour' in pair=; it has 'discount'"):
        ranker.rank(REQUEST, ["a"], k=1, pair={"discount": [1], "colour": [1]})
    with pytest.raises(TypeError, match="feature 'discount': expected numbers, got Python strings"):
        ranker.rank(REQUEST, ["a"], k=1, pair={"discount": ["x"]})
    with pytest.raises(ValueError, match=r"pair columns \['discount'\], which are given per candidate"):
        ranker.recommend(REQUEST, k=1)
    with pytest.raises(ValueError, match="unknown feature 'discount' in pair=; it has none"):
        ranker_of(tiny_items(["a"])).rank(REQUEST, ["a"], k=1, pair={"discount": [1]})


@pytest.mark.parametrize("count", [1, 5, 6, 95, 96, 97, 300, 3000])
def test_any_number_of_candidates(count: int) -> None:
    ids = list(range(count))
    items = tiny_items(ids)
    top = ranker_of(items).rank(REQUEST, ids[::-1], k=count)
    assert_best(top, ids, tiny_scores(REQUEST, items), ids, count)


def test_results_do_not_depend_on_what_was_ranked_before() -> None:
    big, small = tiny_items(range(500)), tiny_items(range(3), seed=7)
    ranker = ranker_of(big)
    for _ in range(3):
        assert len(ranker.recommend(REQUEST, k=400).ids) == 400
        fresh = ranker.rank(REQUEST, items=small, k=10, exclude=[1])
        assert_best(fresh, [0, 1, 2], tiny_scores(REQUEST, small), [0, 2], 10)
        with pytest.raises(KeyError):
            ranker.rank(REQUEST, [1, 2, 999], k=1)
        assert len(ranker.rank(REQUEST, range(500), k=500).ids) == 500


@pytest.mark.parametrize("k", [0, -1, -(2**70)])
def test_k_is_at_least_one(k: int) -> None:
    ranker = ranker_of(tiny_items(["a"]))
    for call in (lambda: ranker.rank(REQUEST, ["a"], k=k), lambda: ranker.recommend(REQUEST, k=k)):
        with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
            call()


@pytest.mark.parametrize("k", [True, 1.0, "1", None, np.float64(2), [1]])
def test_k_is_an_int(k: Any) -> None:
    with pytest.raises(TypeError, match=f"k is an int, got {type(k).__name__}"):
        ranker_of(tiny_items(["a"])).rank(REQUEST, ["a"], k=k)


@pytest.mark.parametrize("k", [1, np.int64(1), np.uint8(7), 2**31, 2**80])
def test_k_may_be_larger_than_there_are_items(k: int) -> None:
    assert ranker_of(tiny_items(["a"])).recommend(REQUEST, k=k).ids.tolist() == ["a"]


def test_unknown_candidates_are_named() -> None:
    ranker = ranker_of(tiny_items(["a", "b"]))
    message = "3 candidates are not in the catalogue, the first: 'x', '', 'x'; pass missing=\"skip\""
    with pytest.raises(KeyError) as caught:
        ranker.rank(REQUEST, ["x", "a", "", "x"], k=1)
    assert message in caught.value.args[0]
    assert ranker.rank(REQUEST, ["x", "a", "", "x"], k=1, missing="skip").skipped == 3
    with pytest.raises(KeyError, match=r"7 candidates .* the first: .*'0.*'4\\'; pass"):
        ranker.rank(REQUEST, [str(i) for i in range(7)], k=1)


@pytest.mark.parametrize("unknown", ["a" + "\u00e9" * 90, "\U0001f600" * 40, "a\0b", b"\xff\xfe", "x" * 10_000_000])
def test_odd_unknown_candidates_are_a_key_error_all_the_same(unknown: Any) -> None:
    with pytest.raises(KeyError, match=r"1 candidates are not in the catalogue, the first: .*; pass missing"):
        ranker_of(tiny_items(["a"])).rank(REQUEST, [unknown], k=1)


@pytest.mark.parametrize("unknown", [-1, 2**63 - 1, 2**63, 2**64 - 1, -(2**63)])
def test_unknown_integers_are_named_as_they_were_given(unknown: int) -> None:
    ranker = ranker_of(tiny_items([0, 1]))
    with pytest.raises(KeyError, match=f"the first: {unknown}; "):
        ranker.rank(REQUEST, [unknown], k=1)
    with pytest.raises(KeyError, match=f"the first: {unknown}, -5; "):
        ranker.rank(REQUEST, [0, unknown, -5], k=1)


def test_huge_unsigned_integers_are_not_negative_ids() -> None:
    ranker = ranker_of(tiny_items([-1, -(2**63)]))
    for candidates in ([2**64 - 1, 2**63], [2**64 - 1, -1], np.array([2**64 - 1], np.uint64)):
        with pytest.raises(KeyError):
            ranker.rank(REQUEST, candidates, k=1)
    top = ranker.recommend(REQUEST, k=9, exclude=[2**64 - 1, 2**63])
    assert (len(top.ids), top.ignored) == (2, 2)


@pytest.mark.parametrize(
    ("ids", "candidates", "message"),
    [
        ([1, 2], ["1"], "candidates: the catalogue's ids are integers, got Python strings"),
        (["1", "2"], [1], "candidates: the catalogue's ids are strings, got Python ints"),
        ([1, 2], [1.0], "candidates: expected integers, got Python floats; floats usually come from nulls in a pandas"),
        ([1, 2], np.array([1.0]), "candidates: expected integers, got numpy float64; floats usually come"),
        ([1, 2], [True], "candidates: expected integers, got Python bools"),
        ([1, 2], [[1]], "candidates: expected integers, got Python lists"),
        ([], [1.0], "candidates: expected strings or integers, got Python floats"),
        ([1, 2], "12", "column 'candidates': expected an Arrow column, .* got str"),
        ([1, 2], 1, "column 'candidates': expected an Arrow column, .* got int"),
        ([1, 2], {"a": 1}, "column 'candidates': expected an Arrow column, .* got dict"),
    ],
)
def test_candidates_of_another_type_are_refused(ids: list[Any], candidates: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        ranker_of(tiny_items(ids)).rank(REQUEST, candidates, k=1)


def test_excluded_ids_of_another_type_are_refused() -> None:
    with pytest.raises(TypeError, match="exclude: the catalogue's ids are integers, got Python strings"):
        ranker_of(tiny_items([1])).recommend(REQUEST, k=1, exclude=["1"])
    with pytest.raises(TypeError, match=r"column 'exclude': expected an Arrow column, .* got str"):
        ranker_of(tiny_items(["a"])).recommend(REQUEST, k=1, exclude="a")


def test_null_candidates_are_an_error_and_null_exclusions_unknown() -> None:
    ranker = ranker_of(tiny_items(["a"]))
    with pytest.raises(ValueError, match="candidates: position 1 is null"):
        ranker.rank(REQUEST, ["a", None], k=1)
    with pytest.raises(ValueError, match="candidates: position 0 is null"):
        ranker.rank(REQUEST, [None], k=1, missing="skip")
    assert ranker.recommend(REQUEST, k=1, exclude=[None, None]).ignored == 2


@pytest.mark.parametrize(
    "candidates", [(2, 0), {0, 2}, frozenset({0, 2}), {0: 1, 2: 1}.keys(), range(0, 3, 2), np.array([0, 2], np.int8)]
)
def test_candidates_and_exclusions_come_in_many_containers(candidates: Any) -> None:
    ranker = ranker_of(tiny_items(range(4)))
    assert sorted(ranker.rank(REQUEST, candidates, k=9).ids) == [0, 2]
    assert sorted(ranker.recommend(REQUEST, k=9, exclude=candidates).ids) == [1, 3]


def test_nothing_to_rank_gives_nothing() -> None:
    empty, full = ranker_of(tiny_items([])), ranker_of(tiny_items(["a"]))
    for top in (
        empty.recommend(REQUEST, k=3),
        empty.rank(REQUEST, [], k=3),
        empty.rank(REQUEST, ["a", 1][:1], k=3, missing="skip"),
        full.rank(REQUEST, [], k=3),
        full.rank(REQUEST, ["a"], k=3, exclude=["a"]),
        full.rank(REQUEST, items=tiny_items([]), k=3),
    ):
        assert top.ids.shape == top.scores.shape == (0,)
        assert top.counts.tolist() == [0]
    with pytest.raises(KeyError, match=r"1 candidates are not in the catalogue"):
        empty.rank(REQUEST, ["a"], k=3)


def test_either_candidates_or_items() -> None:
    ranker = ranker_of(tiny_items(["a"]))
    for arguments in ({}, {"candidates": ["a"], "items": tiny_items(["b"])}):
        with pytest.raises(ValueError, match="give either candidates="):
            ranker.rank(REQUEST, k=1, **arguments)
    with pytest.raises(ValueError, match='missing is "error" or "skip", got \'ignore\''):
        ranker.rank(REQUEST, ["a"], k=1, missing="ignore")


def test_a_catalogue_belongs_to_its_model() -> None:
    with pytest.raises(ValueError, match="the catalogue was made with another model"):
        rf.Ranker(tiny_model(), rf.Catalog(MODEL, tiny_items(["a"])))
    assert (
        repr(ranker_of(tiny_items(["a"])))
        == "Ranker('tiny.recfast', Catalog(1 items by 'sku', version 1, f32, 0.0 MB))"
    )
