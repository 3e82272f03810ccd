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
ALPHAS = (0.0, *(round(0.1 * i, 1) for i in range(5, 15)))
GIVEN_UP = 0.02
THREADS = 2
VARIANTS: tuple[Variant, ...] = ("all", "new")

Result = TypeVar("Result")


def _per_household(day: ServingDay, call: Callable[[int], Result]) -> list[Result]:
    """Run `call(i)` for every request i; ranking holds no GIL, so threads share the work."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, range(day.requests.num_rows)))


def recommend_20(ranker: rf.Ranker, day: ServingDay) -> dict[Variant, npt.NDArray[np.int64]]:
    """Recommend 20 items to every household of the day: of everything, and of what it had never bought.

    One ranking gives both lists: the best 20 + n items hold the best 20 without the n that were bought before.

    Args:
        ranker: over the catalogue of the day.
        day: requests and histories.

    Returns:
        int64 [households, 20] each, item indices.
    """
    product_ids = np.sort(day.items["product_id"].to_numpy())
    seen = {
        household: np.asarray(items) for household, items in day.task.seen.group_by("household").agg("item").iter_rows()
    }
    nothing = np.empty(0, np.int64)

    def one(i: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        before = seen.get(i, nothing)
        top = ranker.recommend(day.requests.slice(i, 1), k=TOP_K + before.size)
        items = np.searchsorted(product_ids, top.ids)
        return items[:TOP_K], items[~np.isin(items, before)][:TOP_K]

    lists = _per_household(day, one)
    return {"all": np.stack([everything for everything, _ in lists]), "new": np.stack([new for _, new in lists])}


def judge_ranker(ranker: rf.Ranker, day: ServingDay) -> dict[Variant, TopKReport]:
    """Judge a ranker on both variants of task A."""
    return {variant: day.task.evaluate(lists, variant) for variant, lists in recommend_20(ranker, day).items()}


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
        The alpha, and NDCG@20 over everything and over what is new per alpha. One model serves both lists, and what is
        new gains by a larger bias: the largest alpha is taken that costs at most 2 % of the best NDCG over everything.
    """
    ranker = rf.Ranker(model, rf.Catalog(model, day.items))
    product_ids = np.sort(day.items["product_id"].to_numpy())

    def one(i: int) -> npt.NDArray[np.float32]:
        top = ranker.recommend(day.requests.slice(i, 1), k=product_ids.size)
        scores = np.empty(product_ids.size, np.float32)
        scores[np.searchsorted(product_ids, top.ids)] = top.scores
        return scores

    scores = np.stack(_per_household(day, one))
    bias = bias_values(model.schema, day)
    rows = []
    for alpha in ALPHAS:
        biased = scores + np.float32(alpha) * bias
        found: dict[str, float] = {v: day.task.evaluate(day.task.top_k(biased, v), v).ndcg for v in VARIANTS}
        rows.append({"alpha": alpha, **found})
    table = pl.DataFrame(rows)
    good = table.filter(pl.col("all") >= (1 - GIVEN_UP) * table["all"].max())  # type: ignore[operator]
    return float(good["alpha"].max()), table  # type: ignore[arg-type]
