"""The two-tower model on CJ-rank task A: its interactions, and the figure of the served file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import torch

import recfast as rf
from recfast_training.data.cj_recommendation import TOP_K, recommendation_task
from recfast_training.demo.cascade import train_towers
from recfast_training.features.cj_interactions import interactions, retrieval_requests
from recfast_training.features.item_statistics import item_attributes
from recfast_training.features.purchase_history import PurchaseHistory


def test_interactions_hold_the_history_without_the_item(cj_history: PurchaseHistory) -> None:
    rows = interactions(cj_history, (48, 48))
    log = cj_history.split.train.filter(pl.col("week") == 48)
    assert rows.num_rows == log.select("household", "item").unique().height
    recent = rows["recent"].to_pylist()
    assert all(product not in bag for product, bag in zip(rows["product_id"].to_pylist(), recent, strict=True))
    first = log.row(0, named=True)
    before = cj_history.split.train.filter((pl.col("household") == first["household"]) & (pl.col("day") < first["day"]))
    latest = before.group_by("product_id").agg(pl.col("day").max()).sort("day", "product_id", descending=[True, False])
    expected = [p for p in latest["product_id"].to_list()[:50] if p != first["product_id"]]
    assert recent[0] == expected
    types = dict(rows["types"][0].as_py())
    assert len(types) <= 40
    counted = pl.DataFrame({"type": cj_history.codes.type[before["item"].to_numpy()]})["type"].value_counts()
    assert max(types.values()) == counted["count"].max()


def test_requests_are_what_interactions_hold(cj_history: PurchaseHistory) -> None:
    household, day = np.array([5, 3, 5]), np.array([330, 200, 330])
    columns = retrieval_requests(cj_history, household, day)
    assert len(columns["recent"].dictionary) == 2
    table = pa.table(columns).to_pylist()
    assert table[0] == table[2] != table[1]


@pytest.mark.slow
def test_new_products_are_found_better_than_by_popularity(cj_history: PurchaseHistory, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    split = cj_history.split
    train_towers(cj_history, tmp_path / "towers.recfast", seed=0)
    served = rf.load(tmp_path / "towers.recfast")
    items = item_attributes(cj_history, np.arange(split.items.height))
    ranker = rf.Ranker(served, rf.Catalog(served, items))
    task = recommendation_task(split, "test")
    households = task.truth["household"].unique().sort().to_numpy().astype(np.int64)
    day = int(split.test["day"].min())  # type: ignore[arg-type]
    requests = pa.table(retrieval_requests(cj_history, households, np.full(households.size, day)))
    seen = dict(task.seen.group_by("household").agg("item").iter_rows())
    products = cj_history.codes.product
    lists = np.tile(np.arange(TOP_K), (task.n_households, 1))
    for i, household in enumerate(households.tolist()):
        top = ranker.recommend(requests.slice(i, 1), k=TOP_K, exclude=products[seen.get(household, [])])
        lists[household] = np.searchsorted(products, top.ids)
    assert task.evaluate(lists, "new").ndcg >= 0.040  # popularity in the last 28 days: .0377
