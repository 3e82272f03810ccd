"""CJ-rank for a two-tower model: interactions to learn from, and the requests of a day, by the same code."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

import recfast as rf

from .event_log import Ints
from .item_statistics import item_attributes
from .purchase_history import PurchaseHistory
from .recent_products import recent_products

RECENT = 50
TYPES = 40


def cj_retrieval_schema() -> rf.Schema:
    """What a household bought before, and what an item is; still to be fitted on interactions.

    Returns:
        The schema of the rows that `interactions` makes, and of the requests that `retrieval_requests` makes.
    """
    return rf.Schema(
        request=[
            rf.Bag("recent", type="int", table="product_id"),
            rf.WeightedBag("types", type="int", table="type_id", pooling="mean", transform="log1p"),
        ],
        item=[
            rf.Categorical("product_id", type="int", vocabulary=2**14, buckets=1),
            rf.Categorical("type_id", type="int", vocabulary=2**12, buckets=1),
            rf.Categorical("manufacturer_id", type="int", vocabulary=2**12, buckets=1),
            rf.Categorical("product_category", vocabulary=512, buckets=1),
            rf.Categorical("department", vocabulary=64, buckets=1),
            rf.Categorical("brand", vocabulary=4, buckets=1),
        ],
        key="product_id",
    )


def interactions(history: PurchaseHistory, weeks: tuple[int, int]) -> pa.Table:
    """Who bought what: one row per household, item and week, with the household's history without that item.

    With the item in the history, a model learns that households buy what they bought; without it, what goes together.

    Args:
        history: the indexed purchases; only days before a row's are looked at for its history.
        weeks: first and last week, both included.

    Returns:
        One row per interaction in time order: the columns of `item_attributes` and `retrieval_requests`.
    """
    log = history.split.everything().filter(pl.col("week").is_between(*weeks))
    log = log.unique(["household", "item", "week"], keep="first", maintain_order=True)
    household, item, day = (log[name].to_numpy().astype(np.int64) for name in ("household", "item", "day"))
    requests = retrieval_requests(history, household, day)
    recent = _without(requests["recent"], history.codes.product[item])
    return pa.table({**item_attributes(history, item), **requests, "recent": recent})


def retrieval_requests(history: PurchaseHistory, household: Ints, day: Ints) -> dict[str, pa.DictionaryArray]:
    """What households bought before days.

    Args:
        history: the indexed purchases.
        household: int64 [B], household indices.
        day: int64 [B]; only earlier days count.

    Returns:
        Columns of length B, dictionary-encoded, one entry per household and day. recent: list<int64>, the last 50
        distinct products, the last one first; types: map<int64, float32>, how often the household bought each of the 40
        product types that it bought most.
    """
    distinct, of_row = np.unique(household << 16 | day, return_inverse=True)
    who, when = distinct >> 16, distinct & 0xFFFF
    products, types = history.household_products.entries(who, when), history.household_types.entries(who, when)
    recent = recent_products(products, history.household_products.log, history.codes.product[products.key], most=RECENT)
    counts = history.household_types.log.count(types.span)
    order = np.lexsort((types.key, -counts, types.snapshot))
    kept = order[np.arange(order.size) - types.offsets[types.snapshot] < TYPES]
    offsets = np.concatenate([[0], np.cumsum(np.minimum(np.diff(types.offsets), TYPES))]).astype(np.int32)
    maps = pa.MapArray.from_arrays(pa.array(offsets), pa.array(types.key[kept]), pa.array(counts[kept]))
    index = pa.array(of_row.astype(np.int32))
    columns = {"recent": recent, "types": maps}
    return {name: pa.DictionaryArray.from_arrays(index, column) for name, column in columns.items()}


def _without(lists: pa.DictionaryArray, product: npt.NDArray[np.int64]) -> pa.ListArray:
    """The lists row by row, each without the product of its row."""
    entries, row = lists.dictionary, lists.indices.to_numpy()
    offsets, values = entries.offsets.to_numpy().astype(np.int64), entries.values.to_numpy()
    size = np.diff(offsets)[row]
    start = np.cumsum(size) - size
    of_row = np.repeat(np.arange(row.size), size)
    flat = values[np.arange(size.sum()) - start[of_row] + offsets[row][of_row]]
    kept = flat != product[of_row]
    ends = np.cumsum(np.bincount(of_row[kept], minlength=row.size))
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]).astype(np.int32)), pa.array(flat[kept]))
