"""The item side in fewer bytes: Catalog(dtype=)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recfast as rf

RNG = np.random.default_rng(0)
SIZE = 3_000
ITEMS: dict[str, Any] = {
    "sku": [f"s{i}" for i in range(SIZE)],
    "brand": [f"brand {i % 40}" for i in range(SIZE)],
    "price": RNG.lognormal(2, 1, SIZE),
}
REQUEST = {"country": "de"}


@pytest.fixture(scope="module")
def model(shop_path: Path) -> rf.Model:
    return rf.load(shop_path)


def scores_of(model: rf.Model, dtype: Any, items: Any = ITEMS) -> Any:
    catalog = rf.Catalog(model, items, dtype)
    top = rf.Ranker(model, catalog).recommend(REQUEST, k=len(items["sku"]))
    order = np.argsort([int(str(i)[1:]) for i in top.ids])
    return top.scores[order], catalog


@pytest.mark.parametrize(("dtype", "bound"), [("f16", 5e-3), ("i8", 4e-2)])
def test_scores_move_as_little_as_the_format_allows(model: rf.Model, dtype: str, bound: float) -> None:
    exact, f32 = scores_of(model, "f32")
    rounded, catalog = scores_of(model, dtype)
    error = np.max(np.abs(rounded - exact.astype(np.float64)) / (1 + np.abs(exact)))
    assert 0 < error < bound
    assert (f32.dtype, f32.error) == ("f32", 0.0)
    assert catalog.dtype == dtype
    assert 0 < catalog.error < bound
    assert catalog.size_bytes < f32.size_bytes
    assert f"version 1, {dtype}, " in repr(catalog)


@pytest.mark.parametrize("dtype", ["f16", "i8"])
def test_the_error_is_that_of_the_recorded_rows(model: rf.Model, dtype: str) -> None:
    columns = {
        "country": ["de", "fr", None, "de", "it", "fr", "de", ""],
        "brand": ["acme", None, "zenith", "acme", "bolt", "b\u00e9b\u00e9", "\U0001f600", "acme"],
        "price": [9.5, 3.0, None, 0.0, 120.0, 7.25, 1.0, 2.0],
    }
    exact = model.score(columns).astype(np.float64)
    items = {"sku": np.arange(8)} | {name: columns[name] for name in ("brand", "price")}
    catalog = rf.Catalog(model, items, dtype)  # type: ignore[arg-type]
    ranker = rf.Ranker(model, catalog)
    got = [ranker.rank({"country": c}, [i], k=1).scores[0] for i, c in enumerate(columns["country"])]
    assert catalog.error == np.max(np.abs(np.float64(got) - exact) / (1 + np.abs(exact)))


@pytest.mark.parametrize("dtype", ["f16", "i8"])
def test_updates_keep_the_format(model: rf.Model, dtype: Any) -> None:
    expected, _ = scores_of(model, dtype)
    half = {name: values[: SIZE // 2] for name, values in ITEMS.items()}
    catalog = rf.Catalog(model, half | {"price": np.ones(SIZE // 2)}, dtype)
    catalog.upsert(ITEMS)
    catalog.remove(["s7", "s2999"])
    ranker = rf.Ranker(model, catalog)
    top = ranker.recommend(REQUEST, k=SIZE)
    assert len(top.ids) == SIZE - 2
    assert top.scores.tolist() == [expected[int(i[1:])] for i in top.ids]
    again = ranker.rank(REQUEST, top.ids, k=SIZE)
    assert again.ids.tolist() == top.ids.tolist()
    assert again.scores.tolist() == top.scores.tolist()
    # Items that are passed by their features are never rounded.
    exact, _ = scores_of(model, "f32")
    fresh = ranker.rank(REQUEST, items=ITEMS, k=SIZE)
    assert fresh.scores.tolist() == [exact[int(i[1:])] for i in fresh.ids]


def test_what_does_not_fit_is_refused(model: rf.Model) -> None:
    for dtype in ("i4", "f64", None, 3):
        with pytest.raises(ValueError, match='dtype is "f32", "f16" or "i8", got'):
            rf.Catalog(model, ITEMS, dtype)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='dtype of a catalogue is "f32", "f16" or "i8", got "i4"'):
        rf._core.Catalog(model._executor, ITEMS, "i4")
    assert len(rf.Catalog(model, {name: values[:0] for name, values in ITEMS.items()}, "i8")) == 0
