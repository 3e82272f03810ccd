"""Item-side features: the item's attributes and how it sold before a day."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from .event_log import Floats, Ints
from .purchase_history import PurchaseHistory

ATTRIBUTES = ("department", "product_category", "product_type", "brand", "package_size")
WEEK_DAYS, MONTH_DAYS = 7, 28


def item_columns(history: PurchaseHistory, item: Ints, day: Ints) -> dict[str, pa.Array]:
    """The item side of rows.

    Args:
        history: the indexed purchases.
        item: int64 [B], item indices.
        day: int64 [B]; only earlier days count.

    Returns:
        Columns of length B: those of `item_attributes`, and the statistics of `item_statistics`.
    """
    statistics = {name: pa.array(value) for name, value in item_statistics(history, item, day).items()}
    return item_attributes(history, item) | statistics


def item_attributes(history: PurchaseHistory, item: Ints) -> dict[str, pa.Array]:
    """What items are, whatever the day.

    Args:
        history: the indexed purchases.
        item: int64 [B], item indices.

    Returns:
        Columns of length B: product_id, manufacturer_id, type_id, maker_id: int64; the attributes: dictionary of str,
        null where the record has none.
    """
    items = history.split.items
    index = pa.array(item.astype(np.int32))
    columns: dict[str, pa.Array] = {
        "product_id": pa.array(history.codes.product[item]),
        "manufacturer_id": pa.array(items["manufacturer_id"].to_numpy()[item]),
        "type_id": pa.array(history.codes.type[item]),
        "maker_id": pa.array(history.codes.maker[item]),
    }
    return columns | {name: encoded_strings(items[name]).take(index) for name in ATTRIBUTES}


def item_statistics(history: PurchaseHistory, item: Ints, day: Ints) -> dict[str, Floats]:
    """How items sold before a day.

    Args:
        history: the indexed purchases.
        item: int64 [B], item indices.
        day: int64 [B]; only earlier days count.

    Returns:
        float32 [B] each: sold (rows so far), sold_7, sold_28 (in the last days), trend (recent daily rate over the
        rate so far, log), repeat_share (of the rows, those that are not a household's first), price (mean dollars per
        unit in the last 28 days, else so far), price_vs_type (log of price over the type's mean), discount_28 (mean
        share of the shelf price). NaN where there was no sale to learn from.
    """
    sales, types = history.sales, history.type_sales
    ever = sales.before(item, day)
    month = sales.before(item, day, window=MONTH_DAYS)
    sold, sold_28 = sales.count(ever), sales.count(month)
    price_ever = _ratio(sales.total(ever, "price"), sold)
    price = np.where(sold_28 > 0, _ratio(sales.total(month, "price"), sold_28), price_ever)
    of_type = types.before(history.codes.type[item], day)
    type_price = _ratio(types.total(of_type, "price"), types.count(of_type))
    daily, daily_28 = sold / np.maximum(day, 1), sold_28 / MONTH_DAYS
    statistics = {
        "sold": sold,
        "sold_7": sales.count(sales.before(item, day, window=WEEK_DAYS)),
        "sold_28": sold_28,
        "trend": np.log((daily_28 + 0.02) / (daily + 0.02)),
        "repeat_share": 1 - _ratio(sales.total(ever, "first"), sold),
        "price": price,
        "price_vs_type": np.log((price + 0.01) / (type_price + 0.01)),
        "discount_28": _ratio(sales.total(month, "discount"), sold_28),
    }
    return {name: value.astype(np.float32) for name, value in statistics.items()}


def encoded_strings(values: pl.Series) -> pa.DictionaryArray:
    """Strings as a dictionary-encoded Arrow array, with nulls as nulls."""
    return pa.array(values.to_list(), type=pa.string()).dictionary_encode()


def _ratio(numerator: Floats, count: Floats) -> npt.NDArray[np.floating]:
    return numerator / np.where(count > 0, count, np.float32(np.nan))
