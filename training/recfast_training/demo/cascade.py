"""What a cascade loses on CJ-rank: few retrieved products go on to the DeepFM, beside ranking every product."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

import recfast as rf
from recfast.topk import TopK

from ..data.cj_recommendation import TOP_K
from ..evaluate_cascade import Recommender, evaluate_cascade
from ..export import export
from ..features.cj_interactions import cj_retrieval_schema, interactions, retrieval_requests
from ..features.item_statistics import item_attributes
from ..features.purchase_history import PurchaseHistory
from ..fit_retrieval import fit_retrieval
from ..models import NetworkConfig, TwoTower
from ..training_loop import FitConfig
from .recommending import VARIANTS
from .shop_data import ServingDay

RETRIEVED = (100, 500, 1000, 2000)
WEEKS = (43, 50)
NETWORK = NetworkConfig(embedding_dropout=0.1, deviation=0.1)  # this and the next chosen on the validation weeks
TOWERS = FitConfig(epochs=3, batch_size=1024, embedding_decay=0.3, progress=False)


def train_towers(history: PurchaseHistory, path: Path, *, seed: int) -> None:
    """Train the two-tower model on the last weeks before the test part, and export it."""
    rows = interactions(history, WEEKS)
    network = replace(NETWORK, seed=seed)
    model = TwoTower(cj_retrieval_schema().fit(rows), dim=64, hidden=(), temperature=0.25, config=network)
    fit_retrieval(model, rows, config=replace(TOWERS, seed=seed))
    export(model, path, examples=rows.slice(0, 32))


class TowersOfTheDay:
    """The served two-tower model on the morning of a day, for the households that the requests of the day are of."""

    def __init__(self, path: Path, history: PurchaseHistory, day: ServingDay) -> None:
        model = rf.load(path)
        self.ranker = rf.Ranker(model, rf.Catalog(model, item_attributes(history, np.arange(day.task.n_items))))
        households = history.split.households["household_id"].to_numpy()
        rows = np.searchsorted(households, day.requests["household_id"].to_numpy())
        self.requests = pa.table(retrieval_requests(history, rows, np.full(rows.size, day.day)))


class _Judged:
    """A cascade over the requests of a day, by their numbers; it remembers what it recommended."""

    def __init__(self, ranker: rf.Ranker, day: ServingDay, towers: TowersOfTheDay | None) -> None:
        self._ranker, self._day, self._towers = ranker, day, towers
        self.lists: defaultdict[int | None, list[npt.NDArray[Any]]] = defaultdict(list)

    def recommend(self, request: int, *, k: int, exclude: Any = None, retrieve: int | None = None) -> TopK:
        """Rank everything, what the towers retrieve, or what the ranker's own FM term does."""
        mine = self._day.requests.slice(request, 1)
        if retrieve is None or self._towers is None:
            top = self._ranker.recommend(mine, k=k, exclude=exclude, retrieve=retrieve)
        else:
            towers = self._towers
            found = towers.ranker.recommend(towers.requests.slice(request, 1), k=retrieve, exclude=exclude)
            top = self._ranker.rank(mine, found.ids, k=k)
        self.lists[retrieve].append(top.ids)
        return top


def cascade_figures(history: PurchaseHistory, day: ServingDay, ranker: rf.Ranker, towers: Path) -> pl.DataFrame:
    """Measure both first stages on both variants of task A.

    Args:
        history: the indexed purchases.
        day: the test day.
        ranker: a DeepFM over the catalogue of the day.
        towers: the file of a two-tower model, see `train_towers`.

    Returns:
        One row per variant, first stage and number of retrieved products (null: all of them are ranked): recall of the
        best 20 of everything, NDCG@20 and Recall@20 against what was bought.
    """
    products = np.sort(day.items["product_id"].to_numpy())
    seen = {i: products[items] for i, items in day.task.seen.group_by("household").agg("item").iter_rows()}
    numbers = range(day.requests.num_rows)
    rows = []
    for variant in VARIANTS:
        exclude = [seen.get(i, []) if variant == "new" else [] for i in numbers]
        for name, stage in (("two-tower", TowersOfTheDay(towers, history, day)), ("FM term", None)):
            cascade = _Judged(ranker, day, stage)
            judged: Recommender = cascade
            reports = evaluate_cascade(judged, numbers, retrieve=RETRIEVED, k=TOP_K, exclude=exclude)
            recall = {None: 1.0} | {report.retrieve: report.recall for report in reports}
            for retrieve, lists in cascade.lists.items():
                truth = day.task.evaluate(np.searchsorted(products, np.stack(lists)), variant)
                row = {"variant": variant, "first stage": name, "retrieved": retrieve, "recall": recall[retrieve]}
                rows.append({**row, "ndcg_20": truth.ndcg, "recall_20": truth.recall})
    return pl.DataFrame(rows)
