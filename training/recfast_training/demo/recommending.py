"""Task A with the served model: every item is ranked for every household, by the compiled core."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

import recfast as rf

from ..data.cj_recommendation import TOP_K, Variant
from ..metrics import TopKReport
from .shop_data import ServingDay

BIAS = "sold"  # the item bias is alpha times this feature, log1p of the purchases so far, standardised
ALPHAS = tuple(round(0.1 * i, 1) for i in range(16))
THREADS = 2
VARIANTS: tuple[Variant, ...] = ("all", "new")

Result = TypeVar("Result")


def _per_household(day: ServingDay, call: Callable[[int], Result]) -> list[Result]:
    """Run `call(i)` for every request i; ranking holds no GIL, so threads share the work."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, range(day.households.size), chunksize=32))


def _seen_ids(day: ServingDay, product_ids: npt.NDArray[np.int64]) -> dict[int, npt.NDArray[np.int64]]:
    """The ids that each household had bought before, by its dense index."""
    seen = day.task.seen.group_by("household").agg("item")
    return {household: product_ids[np.asarray(items)] for household, items in seen.iter_rows()}


def recommend_20(ranker: rf.Ranker, day: ServingDay, *, new: bool) -> npt.NDArray[np.int64]:
    """Recommend 20 items to every household of the day.

    Args:
        ranker: over the catalogue of the day.
        day: requests and histories.
        new: exclude what the household had ever bought.

    Returns:
        int64 [n_households, 20], item indices; households without a request have zeros.
    """
    product_ids = np.sort(day.items["product_id"].to_numpy())
    seen = _seen_ids(day, product_ids) if new else {}

    def one(i: int) -> npt.NDArray[np.int64]:
        exclude = seen.get(int(day.households[i]))
        top = ranker.recommend(day.requests.slice(i, 1), k=TOP_K, exclude=exclude)
        return np.searchsorted(product_ids, top.ids)

    lists = np.zeros((day.task.n_households, TOP_K), np.int64)
    lists[day.households] = _per_household(day, one)
    return lists


def judge_ranker(ranker: rf.Ranker, day: ServingDay) -> dict[Variant, TopKReport]:
    """Judge a ranker on both variants of task A."""
    return {
        "all": day.task.evaluate(recommend_20(ranker, day, new=False), "all"),
        "new": day.task.evaluate(recommend_20(ranker, day, new=True), "new"),
    }


def bias_values(schema: rf.Schema, day: ServingDay) -> npt.NDArray[np.float32]:
    """The encoded bias feature of every item, float32 [N], in item order."""
    feature = next(f for f in schema.item if f.name == BIAS)
    alone = rf.Schema(item=[feature], key=schema.key)
    return alone.encode({BIAS: day.items[BIAS]})[BIAS]


def tune_alpha(model: rf.Model, day: ServingDay) -> tuple[float, pl.DataFrame]:
    """Choose the factor of the item bias.

    Args:
        model: the model without a bias.
        day: a validation day.

    Returns:
        The alpha with the best sum of both NDCGs, each relative to its best, and all of them as a table.
    """
    ranker = rf.Ranker(model, rf.Catalog(model, day.items))
    product_ids = np.sort(day.items["product_id"].to_numpy())

    def one(i: int) -> npt.NDArray[np.float32]:
        top = ranker.recommend(day.requests.slice(i, 1), k=product_ids.size)
        scores = np.empty(product_ids.size, np.float32)
        scores[np.searchsorted(product_ids, top.ids)] = top.scores
        return scores

    scores = np.zeros((day.task.n_households, product_ids.size), np.float32)
    scores[day.households] = _per_household(day, one)
    bias = bias_values(model.schema, day)
    rows = []
    for alpha in ALPHAS:
        biased = scores + np.float32(alpha) * bias
        found: dict[str, float] = {v: day.task.evaluate(day.task.top_k(biased, v), v).ndcg for v in VARIANTS}
        rows.append({"alpha": alpha, **found})
    table = pl.DataFrame(rows)
    merit = table["all"] / table["all"].max() + table["new"] / table["new"].max()
    return float(table["alpha"][int(merit.arg_max() or 0)]), table
