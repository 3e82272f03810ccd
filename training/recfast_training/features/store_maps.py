"""Request-side maps of a store: what it sold before a week began, and what it promotes in a week."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .event_log import Ints
from .purchase_history import PurchaseHistory

WEEKS = 64  # more than the weeks of a year, so that (store, week) packs into one integer
NOT_PROMOTED = "0"


def store_maps(history: PurchaseHistory, store: Ints, day: Ints) -> dict[str, pa.MapArray]:
    """One map per store and day.

    Args:
        history: the indexed purchases.
        store: int64 [S], store_id.
        day: int64 [S], for instance the first day of a week; only earlier days count.

    Returns:
        map<int64, float32> [S], by product_id, for what the store sold before: store_lift, the log of the rows sold
        there over those expected from the store's and the product's totals.
    """
    of_store = history.store_products
    entries = of_store.entries(store, day)
    days, which = np.unique(day, return_inverse=True)
    n_items = history.split.items.height
    every_item = history.sales.before(np.tile(np.arange(n_items), days.size), np.repeat(days, n_items))
    product_rows = history.sales.count(every_item).reshape(days.size, n_items)
    store_share = history.store_sales.count(history.store_sales.before(store, day)) / np.maximum(
        np.searchsorted(history.days, day), 1
    )
    expected = product_rows[which[entries.snapshot], entries.key] * store_share[entries.snapshot]
    lift = np.log((of_store.log.count(entries.span) + 0.5) / (expected + 0.5))
    return {"store_lift": entries.to_arrow(history.codes.product[entries.key], lift)}


def promotion_maps(history: PurchaseHistory, store: Ints, week: Ints) -> dict[str, pa.MapArray]:
    """One map per store and week, of the recorded promotions.

    Args:
        history: the indexed purchases.
        store: int64 [S], store_id.
        week: int64 [S], the week whose promotions count.

    Returns:
        map<int64, float32> [S] each, by product_id, with 1 for what is promoted and no other keys: display (in the
        store), mailer (in the weekly mailing).
    """
    promotions = history.promotions
    store_week = promotions["store_id"].to_numpy() * WEEKS + promotions["week"].to_numpy()
    product = promotions["product_id"].to_numpy()
    return {
        name: _flags(store_week[promoted], product[promoted], store * WEEKS + week)
        for name in ("display", "mailer")
        for promoted in [(promotions[name] != NOT_PROMOTED).to_numpy()]
    }


def _flags(ascending: Ints, product: Ints, wanted: Ints) -> pa.MapArray:
    """A map for each wanted code, with 1 for the products that stand beside that code.

    Args:
        ascending: int64 [P], codes.
        product: int64 [P].
        wanted: int64 [S].

    Returns:
        map<int64, float32> [S].
    """
    first = np.searchsorted(ascending, wanted)
    size = np.searchsorted(ascending, wanted, side="right") - first
    ends = np.cumsum(size)
    at = np.arange(ends[-1]) + np.repeat(first - (ends - size), size)
    offsets: npt.NDArray[np.int32] = np.concatenate([[0], ends]).astype(np.int32)
    return pa.MapArray.from_arrays(pa.array(offsets), pa.array(product[at]), pa.array(np.ones(at.size, np.float32)))
