"""Three households: what they bought last, and what recfast recommends to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

import recfast as rf

from ..features.cj_serving import request_for
from ..features.purchase_history import PurchaseHistory
from .shop_data import ServingDay

SHOWN = 8
SHARES = (0.9, 0.5, 0.2)  # households at these places, from those that shop least to those that shop most


@dataclass(frozen=True)
class Lists:
    """What is shown of one household; each table has department, type and price.

    Attributes:
        household_id: as the data name it.
        baskets: how often it had come before the day.
        bought: its last basket before the day.
        anything: the best of everything.
        new: the best of what it had never bought.
        excluded: how many products that were.
    """

    household_id: int
    baskets: int
    bought: pl.DataFrame
    anything: pl.DataFrame
    new: pl.DataFrame
    excluded: int


def show_households(ranker: rf.Ranker, history: PurchaseHistory, day: ServingDay) -> list[Lists]:
    """Recommend to three households, by the raw request that a service would send.

    Args:
        ranker: over the catalogue of the day.
        history: the indexed purchases.
        day: the day.

    Returns:
        One entry per household.
    """
    log = history.split.everything().filter(pl.col("day") < day.day)
    judged = pl.col("household_id").is_in(day.requests["household_id"].to_pylist())
    visits = log.filter(judged).group_by("household_id").agg(pl.col("basket").n_unique()).sort("basket", "household_id")
    chosen = [int(visits["household_id"][int(share * (visits.height - 1))]) for share in SHARES]
    return [_lists(ranker, history, day, log, household_id) for household_id in chosen]


def _lists(ranker: rf.Ranker, history: PurchaseHistory, day: ServingDay, log: pl.DataFrame, household_id: int) -> Lists:
    mine = log.filter(pl.col("household_id") == household_id)
    request = request_for(history, household_id, day.day)
    ever = mine["product_id"].unique()
    last = mine.filter(pl.col("basket_id") == mine["basket_id"][-1])["product_id"]

    def table(product_ids: npt.NDArray[np.int64]) -> pl.DataFrame:
        return _describe(history, day, product_ids[:SHOWN])

    return Lists(
        household_id=household_id,
        baskets=mine["basket_id"].n_unique(),
        bought=table(last.to_numpy()),
        anything=table(ranker.recommend(request, k=SHOWN).ids),
        new=table(ranker.recommend(request, k=SHOWN, exclude=ever.to_numpy()).ids),
        excluded=ever.len(),
    )


def _describe(history: PurchaseHistory, day: ServingDay, product_ids: npt.NDArray[np.int64]) -> pl.DataFrame:
    """department, type and price of products, in the order given."""
    prices = pl.DataFrame({"product_id": day.items["product_id"].to_numpy(), "price": day.items["price"].to_numpy()})
    items = history.split.items.join(prices, on="product_id", how="left")
    return (
        pl.DataFrame({"product_id": product_ids})
        .with_columns(pl.col("product_id").cast(items.schema["product_id"]))
        .join(items, on="product_id", how="left", maintain_order="left")
        .select("department", type=pl.coalesce("product_type", "product_category"), price="price")
    )
