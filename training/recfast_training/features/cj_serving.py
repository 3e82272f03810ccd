"""What a service would know on a day: the item table and the requests, by the code that made the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from .context import FIRST_MONDAY, WEEK_DAYS, request_columns
from .item_statistics import item_columns
from .purchase_history import PurchaseHistory

USUAL_HOUR = 17  # the median local hour of a purchase


def items_as_of(history: PurchaseHistory, day: int) -> pa.Table:
    """The item table as it stands in the morning of a day.

    Args:
        history: the indexed purchases.
        day: local days since 2017-01-01; only earlier days count.

    Returns:
        One row per item in item-index order, the columns of `item_columns`.
    """
    n_items = history.split.items.height
    return pa.table(item_columns(history, np.arange(n_items), np.full(n_items, day)))


def requests_for(history: PurchaseHistory, household_ids: Sequence[int], day: int) -> pa.Table:
    """One request per household on a day, before anything of the day is known.

    The store is the household's usual one: where it bought most in its last 10 visits before the day. The promotions
    are those of the week before, the hour is the usual one.

    Args:
        history: the indexed purchases.
        household_ids: the households, as the data name them.
        day: local days since 2017-01-01; only earlier days count.

    Returns:
        One row per household in the order given, the columns of `request_columns`.

    Raises:
        KeyError: a household is not in the split.
    """
    households = history.split.households
    wanted = pl.DataFrame({"household_id": np.asarray(household_ids, np.int64)})
    context = wanted.join(households, on="household_id", how="left", maintain_order="left")
    unknown = context.filter(pl.col("household").is_null())["household_id"].to_list()
    if unknown:
        raise KeyError(f"expected households of the split, got unknown ones: {unknown[:5]}")
    return pa.table(request_columns(history, _context_of(history, context, day)))


def request_for(history: PurchaseHistory, household_id: int, day: int) -> dict[str, Any]:
    """One request as plain Python values, maps as dicts; otherwise as `requests_for`."""
    row = requests_for(history, [household_id], day)
    return {name: _plain(row.column(name)) for name in row.column_names}


def _plain(column: pa.ChunkedArray) -> Any:
    """The only value of a column; a map as a dict."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    value = column[0].as_py()
    return dict(value) if pa.types.is_map(kind) and value is not None else value


def _context_of(history: PurchaseHistory, households: pl.DataFrame, day: int) -> pl.DataFrame:
    since_monday = (day - FIRST_MONDAY) % WEEK_DAYS
    week_before = (day - since_monday - FIRST_MONDAY) // WEEK_DAYS + 1
    return households.join(_usual_stores(history, day), on="household", how="left", maintain_order="left").with_columns(
        pl.col("store_id").fill_null(0),
        day=pl.lit(day),
        promotion_week=pl.lit(week_before),
        dow=pl.lit(since_monday + 1),
        hour=pl.lit(USUAL_HOUR),
    )


def _usual_stores(history: PurchaseHistory, day: int) -> pl.DataFrame:
    """household, store_id: the store of most of the last 10 baskets before the day, ties to the lower store_id."""
    baskets = history.split.everything().filter(pl.col("day") < day).unique("basket", maintain_order=True)
    return (
        baskets.group_by("household", maintain_order=True)
        .agg(pl.col("store_id").tail(10))
        .explode("store_id")
        .group_by("household", "store_id")
        .len()
        .sort(["household", "len", "store_id"], descending=[False, True, False])
        .unique("household", keep="first", maintain_order=True)
        .select("household", "store_id")
    )
