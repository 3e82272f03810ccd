"""Task A and B baseline: a household buys what it bought most often."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from ..features.purchase_history import PurchaseHistory


def personal_frequency(purchases: pl.DataFrame, n_households: int, n_items: int) -> npt.NDArray[np.float32]:
    """How often each household bought each item.

    Args:
        purchases: household: int, in [0, n_households); item: int, in [0, n_items).
        n_households: B.
        n_items: N.

    Returns:
        float32 [B, N], counts.
    """
    return _scatter(purchases, np.ones(purchases.height), n_households, n_items)


def frequency_before(history: PurchaseHistory, samples: pl.DataFrame) -> npt.NDArray[np.float32]:
    """How often the household of each sample bought its item on earlier days.

    Args:
        history: the indexed purchases.
        samples: household, item, day: int, B rows.

    Returns:
        float32 [B], counts.
    """
    household, item, day = (samples[name].to_numpy().astype(np.int64) for name in ("household", "item", "day"))
    bought = history.household_products
    return bought.log.count(bought.before(household, item, day))


def _scatter(
    purchases: pl.DataFrame, weight: npt.NDArray[np.float64], n_households: int, n_items: int
) -> npt.NDArray[np.float32]:
    pair = purchases["household"].to_numpy().astype(np.int64) * n_items + purchases["item"].to_numpy()
    totals = np.bincount(pair, weights=weight, minlength=n_households * n_items)
    return totals.astype(np.float32).reshape(n_households, n_items)
