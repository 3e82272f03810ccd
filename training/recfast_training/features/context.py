"""Request-side features: who asks, where and when, and the maps of household and store."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from .event_log import Ints
from .household_statistics import household_history
from .item_statistics import encoded_strings
from .purchase_history import PurchaseHistory
from .store_maps import promotion_maps, store_maps

DEMOGRAPHICS = (
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
)
WEEK_DAYS = 7
FIRST_MONDAY = 1  # 2017-01-01 is a Sunday


def request_columns(history: PurchaseHistory, context: pl.DataFrame) -> dict[str, pa.Array]:
    """The request side of rows.

    Args:
        history: the indexed purchases.
        context: one row per request: household: int, index; store_id: int; day: int, only earlier days count;
            promotion_week: int, the week whose promotions count; dow, hour: int, local.

    Returns:
        Columns of length B: household_id, store_id, dow, hour: int64; the demographics: dictionary of str, null where
        the answer is missing; household_baskets, household_purchases (so far), household_since (days since the last
        basket, null before the first), household_discount (mean share of the shelf price): float32; and the maps and
        lists of `household_history`, `store_maps` and `promotion_maps`, dictionary-encoded: one entry per household and
        day, store and week.
    """
    household, store, day, week = (
        context[name].to_numpy().astype(np.int64) for name in ("household", "store_id", "day", "promotion_week")
    )
    columns: dict[str, pa.Array] = {
        "household_id": pa.array(history.split.households["household_id"].to_numpy()[household]),
        "store_id": pa.array(store),
        "dow": pa.array(context["dow"].to_numpy().astype(np.int64)),
        "hour": pa.array(context["hour"].to_numpy().astype(np.int64)),
    }
    answers = pa.array(household.astype(np.int32))
    for name in DEMOGRAPHICS:
        columns[name] = encoded_strings(history.demographics[name]).take(answers)
    (who, when), of_row = _distinct(household, day)
    for name, value in _household_statistics(history, who, when).items():
        columns[name] = pa.array(value[of_row], from_pandas=True)
    columns.update(_encoded(household_history(history, who, when), of_row))
    monday = day - (day - FIRST_MONDAY) % WEEK_DAYS
    (where, when), of_row = _distinct(store, monday)
    columns.update(_encoded(store_maps(history, where, when), of_row))
    (where, when), of_row = _distinct(store, week)
    columns.update(_encoded(promotion_maps(history, where, when), of_row))
    return columns


def _household_statistics(history: PurchaseHistory, household: Ints, day: Ints) -> dict[str, npt.NDArray[np.floating]]:
    baskets = history.baskets.before(household, day)
    purchases = history.purchases.before(household, day)
    rows = history.purchases.count(purchases)
    return {
        "household_baskets": history.baskets.count(baskets),
        "household_purchases": rows,
        "household_since": history.baskets.days_since(baskets),
        "household_discount": history.purchases.total(purchases, "discount") / np.maximum(rows, 1),
    }


def _distinct(left: Ints, right: Ints) -> tuple[tuple[Ints, Ints], npt.NDArray[np.int32]]:
    """The distinct pairs, sorted, and for each row the pair that it holds."""
    code, of_row = np.unique(left << 16 | right, return_inverse=True)
    return (code >> 16, code & 0xFFFF), of_row.astype(np.int32)


def _encoded(maps: dict[str, pa.Array], of_row: npt.NDArray[np.int32]) -> dict[str, pa.DictionaryArray]:
    indices = pa.array(of_row)
    return {name: pa.DictionaryArray.from_arrays(indices, values) for name, values in maps.items()}
