"""Task A baseline: a household buys what it bought often and lately."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl


def decayed_frequency(
    purchases: pl.DataFrame, n_households: int, n_items: int, *, days: float = 130.0
) -> npt.NDArray[np.float32]:
    """score[b, n] = sum over purchases of n by b of exp(-age / days), age in days before the day after the log.

    Args:
        purchases: household: int, in [0, n_households); item: int, in [0, n_items); day: int.
        n_households: B.
        n_items: N.
        days: the time constant.

    Returns:
        float32 [B, N].
    """
    pair = purchases["household"].to_numpy().astype(np.int64) * n_items + purchases["item"].to_numpy()
    day = purchases["day"].to_numpy()
    weight = np.exp((day - (day.max() + 1)) / days)
    totals = np.bincount(pair, weights=weight, minlength=n_households * n_items)
    return totals.astype(np.float32).reshape(n_households, n_items)
