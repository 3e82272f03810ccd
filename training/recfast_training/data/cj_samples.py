"""CJ-rank task B: tell the purchases of a basket from sampled products that the household did not buy that day."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from .cj_rank import WEEKS, CjRank, Part

NEGATIVES_PER_PURCHASE = 4
POPULARITY_POWER = 0.75
TRAIN_WEEKS = (41, 48)
_SEEDS: dict[Part, int] = {"train": 20171211, "valid": 20171212, "test": 20171213}
_DAYS = 400  # more than the days of the year, so that (household, day) packs into one integer


def purchase_samples(split: CjRank, part: Part, weeks: tuple[int, int] | None = None) -> pl.DataFrame:
    """The labelled rows of task B: each purchase with 4 negatives drawn from train_count ** 0.75.

    The draw is always made over the benchmark's weeks, then filtered: a row does not depend on `weeks`.

    Args:
        split: the benchmark's split.
        part: "train" has weeks 41 to 48; earlier weeks are history only.
        weeks: first and last week to return, both included; default all of the part's.

    Returns:
        household, item, basket: int32; store_id, week: int64; day: int32; dow, hour: int8;
        transaction_timestamp; label: int8, 1 for a purchase; sorted by (transaction_timestamp, basket, item).
    """
    span = TRAIN_WEEKS if part == "train" else WEEKS[part]
    first, last = weeks or span
    if first < span[0] or last > span[1] or first > last:
        raise ValueError(f"expected weeks within {span} for part {part!r}, got {weeks}")
    purchases = split.part(part).filter(pl.col("week").is_between(*span))
    weight = split.items["train_count"].to_numpy() ** POPULARITY_POWER
    drawn = _draw_negatives(purchases, np.cumsum(weight / weight.sum()), np.random.default_rng(_SEEDS[part]))
    context = purchases.select("household", "basket", "store_id", "week", "day", "dow", "hour", "transaction_timestamp")
    positives = context.with_columns(item=purchases["item"], label=pl.lit(1, pl.Int8))
    source = np.repeat(np.arange(purchases.height), NEGATIVES_PER_PURCHASE)
    negatives = context[source].with_columns(item=pl.Series(drawn.astype(np.int32)), label=pl.lit(0, pl.Int8))
    rows = pl.concat([positives, negatives]).sort("transaction_timestamp", "basket", "item")
    return rows.filter(pl.col("week").is_between(first, last))


def _draw_negatives(
    purchases: pl.DataFrame, cumulative: npt.NDArray[np.float64], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw by rejection: not bought by the household on that local day, and no item twice in a basket.

    Args:
        purchases: the positives, P rows.
        cumulative: float64 [N], cumulated item probabilities.
        rng: consumed in a fixed order, one uniform number per open slot and round.

    Returns:
        int64 [P * 4], item indices; slots 4p to 4p + 3 belong to purchase p.
    """
    household, item, day, basket = (
        purchases[name].to_numpy().astype(np.int64) for name in ("household", "item", "day", "basket")
    )
    n_items = cumulative.size
    household_day = household * _DAYS + day
    bought = np.unique(household_day * n_items + item)
    source = np.repeat(np.arange(purchases.height), NEGATIVES_PER_PURCHASE)
    drawn = np.full(source.size, -1, np.int64)
    taken = np.empty(0, np.int64)
    open_slots = np.arange(source.size)
    while open_slots.size:
        candidate = np.searchsorted(cumulative, rng.random(open_slots.size), side="right")
        candidate = np.minimum(candidate, n_items - 1)  # rounding may leave the last cumulated value below 1
        purchase = source[open_slots]
        in_basket = basket[purchase] * n_items + candidate
        refused = _is_in(bought, household_day[purchase] * n_items + candidate) | _is_in(taken, in_basket)
        first_of_its_kind = np.zeros(open_slots.size, bool)
        first_of_its_kind[np.unique(in_basket, return_index=True)[1]] = True
        accepted = first_of_its_kind & ~refused
        drawn[open_slots[accepted]] = candidate[accepted]
        taken = np.sort(np.concatenate([taken, in_basket[accepted]]))
        open_slots = open_slots[~accepted]
    return drawn


def _is_in(ascending: npt.NDArray[np.int64], values: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    if not ascending.size:
        return np.zeros(values.size, bool)
    at = np.minimum(np.searchsorted(ascending, values), ascending.size - 1)
    found: npt.NDArray[np.bool_] = ascending[at] == values
    return found
