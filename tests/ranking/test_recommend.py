"""Recommending from the whole catalogue: with filters, by vectors, while it changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .vector_models import Kind, vector_items, vector_model

KINDS: list[Kind] = ["towers", "fm", "deep"]
MODELS = {kind: vector_model(kind) for kind in KINDS}
REQUEST = {"user": "u1", "age": 0.5}
FILTERS = {
    "none": (None, lambda items: np.ones(len(items["sku"]), bool)),
    "price": (rf.col("price") < 1, lambda items: np.array(items["price"]) < 1),
    "colour": (
        (rf.col("colour") == "red") & (rf.col("price") >= 1),
        lambda items: (np.array(items["colour"], object) == "red") & (np.array(items["price"]) >= 1),
    ),
    "nothing": (rf.col("price") > 100, lambda items: np.zeros(len(items["sku"]), bool)),
}


def rank_everything(ranker: rf.Ranker, request: Any, ids: Any, k: int) -> tuple[list[Any], list[float]]:
    """The definition: rank every eligible id, in catalogue order."""
    if len(ids) == 0:
        return [], []
    top = ranker.rank(request, candidates=ids, k=k)
    return top.ids.tolist(), top.scores.tolist()


@pytest.mark.parametrize("dtype", ["f32", "f16", "i8"])
@pytest.mark.parametrize("kind", KINDS)
@given(
    count=st.sampled_from([0, 1, 2, 255, 256, 257, 900]),
    k=st.sampled_from([1, 3, 40, 1000]),
    chosen=st.sampled_from(list(FILTERS)),
    excluded=st.integers(0, 30),
    user=st.integers(0, 9),
    seed=st.integers(0, 3),
)
def test_it_is_ranking_everything(
    kind: Kind, dtype: Any, count: int, k: int, chosen: str, excluded: int, user: int, seed: int
) -> None:
    model, items = MODELS[kind], vector_items(count, seed)
    catalog = rf.Catalog.__new__(rf.Catalog)  # without the measured error, for which a file must hold rows
    catalog.model, catalog.dtype, catalog.error = model, dtype, 0.0
    catalog._core = rf._core.Catalog(model._executor, items, dtype, None)
    ranker = rf.Ranker(model, catalog)
    where, mask = FILTERS[chosen]
    exclude = [*items["sku"][:excluded].tolist(), -5]
    request = {"user": f"u{user}", "age": 0.25}
    top = ranker.recommend(request, k=k, where=where, exclude=exclude)
    eligible = items["sku"][mask(items) & ~np.isin(items["sku"], exclude)]
    ids, scores = rank_everything(ranker, request, eligible, k)
    assert (top.ids.tolist(), top.scores.tolist()) == (ids, scores)
    assert top.certified
    assert top.ignored == 1
    assert ranker.recommend(request, k=k, where=where, exclude=exclude, threads=3).ids.tolist() == ids


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e6, 1e18])
@pytest.mark.parametrize("kind", ["towers", "fm"])
def test_sizes_of_weights_change_nothing(kind: Kind, scale: float) -> None:
    model, items = vector_model(kind, scale=scale), vector_items(2_000)
    ranker = rf.Ranker(model, rf.Catalog(model, items))
    top = ranker.recommend(REQUEST, k=20)
    assert (top.ids.tolist(), top.scores.tolist()) == rank_everything(ranker, REQUEST, items["sku"], 20)


@pytest.mark.parametrize("kind", ["towers", "fm"])
def test_vectors_are_searched_where_the_score_is_a_product(kind: Kind) -> None:
    model = MODELS[kind]
    ranker = rf.Ranker(model, rf.Catalog(model, vector_items(5_000)))
    assert 10 <= ranker.recommend(REQUEST, k=10).rescored < 5_000


@pytest.mark.parametrize(
    ("kind", "dtype", "price"),
    [("towers", "f32", 3e38), ("towers", "f32", 1e35), ("fm", "f32", 3e38), ("fm", "f32", 1e35), ("fm", "i8", 1e35)],
)
def test_a_removed_item_is_in_nobodys_way(kind: Kind, dtype: Any, price: float) -> None:
    """Items whose terms exceed f32, or make bounds useless, do so as long as they are there."""
    model, items = MODELS[kind], vector_items(2_000)
    items["price"][300] = price
    catalog = rf.Catalog.__new__(rf.Catalog)
    catalog.model, catalog.dtype, catalog.error = model, dtype, 0.0
    catalog._core = rf._core.Catalog(model._executor, items, dtype, None)
    ranker = rf.Ranker(model, catalog)

    def recommend() -> int:
        present = [i for i in items["sku"].tolist() if i not in gone]
        top = ranker.recommend(REQUEST, k=10)
        assert (top.ids.tolist(), top.scores.tolist()) == rank_everything(ranker, REQUEST, present, 10)
        return top.rescored or len(present)

    gone: list[int] = []
    assert recommend() >= 1_000
    for number in (1500, 300, 301):
        catalog.remove([number])
        gone.append(number)
        assert (recommend() < 1_000) == (300 in gone)


def test_many_equal_items_come_in_catalogue_order() -> None:
    model, items = MODELS["fm"], vector_items(3_000)
    items["brand"], items["price"] = ["b1"] * 3_000, np.ones(3_000)
    ranker = rf.Ranker(model, rf.Catalog(model, items))
    assert ranker.recommend(REQUEST, k=50).ids.tolist() == list(range(50))


def test_a_cascade_ranks_what_it_retrieves() -> None:
    model, items = MODELS["deep"], vector_items(3_000)
    ranker = rf.Ranker(model, rf.Catalog(model, items))
    everything = ranker.recommend(REQUEST, k=20)
    cascade = ranker.recommend(REQUEST, k=20, retrieve=300)
    assert everything.certified
    assert not cascade.certified
    scores = dict(zip(*rank_everything(ranker, REQUEST, items["sku"], 3_000), strict=True))
    assert cascade.scores.tolist() == [scores[i] for i in cascade.ids.tolist()]
    all_of_them = ranker.recommend(REQUEST, k=20, retrieve=3_000)
    assert all_of_them.certified
    assert all_of_them.ids.tolist() == everything.ids.tolist()


def test_a_cascade_retrieves_by_the_product() -> None:
    deep, items = MODELS["deep"], vector_items(3_000)
    by_fm = rf.Ranker(MODELS["fm"], rf.Catalog(MODELS["fm"], items)).recommend(REQUEST, k=100)  # the same FM term
    cascade = rf.Ranker(deep, rf.Catalog(deep, items)).recommend(REQUEST, k=100, retrieve=100)
    assert sorted(cascade.ids.tolist()) == sorted(by_fm.ids.tolist())


@pytest.mark.parametrize("count", [3, 30, 300, 3_000])
@pytest.mark.parametrize("kind", ["towers", "fm"])
def test_what_is_searched_exactly_stays_exact(kind: Kind, count: int) -> None:
    ranker = rf.Ranker(MODELS[kind], rf.Catalog(MODELS[kind], vector_items(count)))
    everything = ranker.recommend(REQUEST, k=2)
    for retrieve in (2, 20, 200):
        top = ranker.recommend(REQUEST, k=2, retrieve=retrieve)
        assert top.certified
        assert (top.ids.tolist(), top.scores.tolist()) == (everything.ids.tolist(), everything.scores.tolist())


def test_nothing_excluded_is_nothing_whatever_its_type() -> None:
    ranker = rf.Ranker(MODELS["fm"], rf.Catalog(MODELS["fm"], vector_items(30)))
    none = np.array([])  # of floats
    top = ranker.recommend(REQUEST, k=5, exclude=none)
    assert top.ids.tolist() == ranker.recommend(REQUEST, k=5).ids.tolist()
    assert len(ranker.rank(REQUEST, candidates=none, exclude=none, k=5).ids) == 0


def test_retrieve_is_checked() -> None:
    model = MODELS["deep"]
    ranker = rf.Ranker(model, rf.Catalog(model, vector_items(10)))
    with pytest.raises(ValueError, match="retrieve must be at least k = 5, got 4"):
        ranker.recommend(REQUEST, k=5, retrieve=4)
    with pytest.raises(TypeError, match="retrieve is an int"):
        ranker.recommend(REQUEST, k=5, retrieve=9.5)  # type: ignore[arg-type]


@given(st.data())
def test_changes_are_seen_at_once(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    model = MODELS[kind]
    items = vector_items(300)
    catalog = rf.Catalog(model, items)
    ranker = rf.Ranker(model, catalog)
    for step in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans()):
            first = data.draw(st.sampled_from([0, 100, 290, 1000]))
            catalog.upsert(vector_items(data.draw(st.sampled_from([1, 20, 200])), seed=step + 1, first=first))
        else:
            begin = data.draw(st.integers(0, 299))
            catalog.remove(list(range(begin, begin + data.draw(st.sampled_from([1, 50, 250])))))
        for where, _ in FILTERS.values():
            top = ranker.recommend(REQUEST, k=25, where=where)
            fresh = ranker.rank(REQUEST, candidates=catalog.ids, where=where, k=25) if len(catalog) else None
            assert top.ids.tolist() == ([] if fresh is None else fresh.ids.tolist())
            assert top.scores.tolist() == ([] if fresh is None else fresh.scores.tolist())
            assert top.version == catalog.version


def test_attributes_change_with_their_items() -> None:
    model = MODELS["fm"]
    catalog = rf.Catalog(model, vector_items(300))
    ranker = rf.Ranker(model, catalog)
    changed = vector_items(300)
    changed["colour"] = ["blue"] * 300  # the item side stays as it is
    assert len(ranker.recommend(REQUEST, k=300, where=rf.col("colour") == "blue").ids) == 0
    catalog.upsert({name: values[:7] for name, values in changed.items()})
    assert sorted(ranker.recommend(REQUEST, k=300, where=rf.col("colour") == "blue").ids.tolist()) == list(range(7))
    catalog.replace(changed)
    assert len(ranker.recommend(REQUEST, k=300, where=rf.col("colour") == "blue").ids) == 300


@pytest.mark.parametrize("how", ["candidates", "items", "batch"])
def test_ranking_with_a_filter(how: str) -> None:
    model, items = MODELS["deep"], vector_items(500)
    ranker = rf.Ranker(model, rf.Catalog(model, items))
    where, mask = FILTERS["colour"]
    expected, _ = rank_everything(ranker, REQUEST, items["sku"][mask(items)], 30)
    if how == "candidates":
        assert ranker.rank(REQUEST, candidates=items["sku"], where=where, k=30).ids.tolist() == expected
    elif how == "items":
        assert ranker.rank(REQUEST, items=items, where=where, k=30).ids.tolist() == expected
    else:
        top = ranker.rank_batch([REQUEST, REQUEST], candidates=items["sku"], where=where, k=30)
        assert top.ids.tolist() == [expected, expected]


def test_what_filters_may_ask_about() -> None:
    model, items = MODELS["fm"], vector_items(20)
    ranker = rf.Ranker(model, rf.Catalog(model, items))
    with pytest.raises(ValueError, match=r"(?s)'sku'.*'brand'.*'price'.*'colour'"):
        ranker.recommend(REQUEST, k=1, where=rf.col("sku") == 3)
    with pytest.raises(TypeError, match="price"):
        ranker.recommend(REQUEST, k=1, where=rf.col("price") == "cheap")
    with pytest.raises(TypeError, match=r"where= is a filter made with rf\.col.*got bool"):
        ranker.recommend(REQUEST, k=1, where=True)  # type: ignore[arg-type]
    named = rf.Ranker(model, rf.Catalog(model, items, attributes=["colour"]))
    with pytest.raises(ValueError, match="colour"):
        named.recommend(REQUEST, k=1, where=rf.col("price") < 3)
    with pytest.raises(ValueError, match="size"):
        rf.Catalog(model, items, attributes=["size"])
    with pytest.raises(TypeError, match="list of column names"):
        rf.Catalog(model, items, attributes="colour")
    with pytest.raises(ValueError, match="colour"):
        named.catalog.upsert({name: items[name] for name in ("sku", "brand", "price")})
