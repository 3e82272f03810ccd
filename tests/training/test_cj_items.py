"""The item-to-item models on CJ-rank task A, recommended by the served files: the figures of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import recfast as rf
from recfast_training import export, fit_items
from recfast_training.data.cj_rank import CjRank
from recfast_training.data.cj_recommendation import TOP_K, Variant, recommendation_task
from recfast_training.features.bought_counts import bought_counts
from recfast_training.models import EASE, ItemKNN, LinearItemModel


def schema_of(split: CjRank, transform: Any = "log1p") -> rf.Schema:
    ids = split.items["product_id"].cast(pl.Int64).to_list()
    return rf.Schema(
        request=[rf.WeightedBag("bought", table="product_id", type="int", transform=transform)],
        item=[rf.Categorical("product_id", type="int", buckets=1, vocabulary=ids)],
        key="product_id",
    )


def served_ndcg(model: LinearItemModel, split: CjRank, variant: Variant, path: Path) -> float:
    """NDCG@20 on the test weeks of what the exported model recommends to every household."""
    rows = bought_counts(split, split.before("test"))
    fit_items(model, rows)
    ids = split.items["product_id"].cast(pl.Int64).to_numpy()
    export(model, path, examples={"bought": rows["bought"][:32], "product_id": ids[:32]})
    served = rf.load(path)
    ranker = rf.Ranker(served, rf.Catalog(served, {"product_id": ids}))
    task = recommendation_task(split, "test")
    lists = np.tile(np.arange(TOP_K), (task.n_households, 1))
    for household in task.truth["household"].unique().to_list():
        request = rows.slice(household, 1)
        bought = [] if variant == "all" else [product for product, _ in request["bought"][0].as_py()]
        lists[household] = np.searchsorted(ids, ranker.recommend(request, k=TOP_K, exclude=bought).ids)
    return task.evaluate(lists, variant).ndcg


def test_a_household_holds_what_it_bought(cj_split: CjRank) -> None:
    rows = bought_counts(cj_split, cj_split.train)["bought"]
    assert len(rows) == cj_split.households.height
    some = cj_split.train.filter(pl.col("household") == 7)
    assert dict(rows[7].as_py()) == dict(some.group_by("product_id").len().iter_rows())
    assert sum(map(len, rows.to_pylist())) == cj_split.train.select("household", "item").unique().height


@pytest.mark.slow
@pytest.mark.parametrize(("variant", "regularisation", "ndcg"), [("all", 100.0, 0.3143), ("new", 300.0, 0.0434)])
def test_ease_lands_on_the_published_figures(
    cj_split: CjRank, variant: Variant, regularisation: float, ndcg: float, tmp_path: Path
) -> None:
    model = EASE(schema_of(cj_split), regularisation)
    assert served_ndcg(model, cj_split, variant, tmp_path / "ease.recfast") == pytest.approx(ndcg, abs=1e-4)


@pytest.mark.slow
def test_item_knn_is_better_than_the_published_figure(cj_split: CjRank, tmp_path: Path) -> None:
    model = ItemKNN(schema_of(cj_split, None), neighbours=20, shrinkage=200.0)  # chosen on the validation weeks
    assert served_ndcg(model, cj_split, "all", tmp_path / "knn.recfast") > 0.1275
