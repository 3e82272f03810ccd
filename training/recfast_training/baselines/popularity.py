"""Task A baseline: what sold most in the last days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl


def recent_popularity(purchases: pl.DataFrame, n_items: int, *, days: int = 28) -> npt.NDArray[np.float32]:
    """The purchases of each item in the last days of a log.

    Args:
        purchases: item: int, in [0, n_items); day: int. Its last day is the last one counted.
        n_items: how many items there are.
        days: how many days count.

    Returns:
        float32 [N], the same scores for every household.
    """
    last = purchases["day"].max()
    recent = purchases.filter(pl.col("day") > last - pl.lit(days))
    return np.bincount(recent["item"].to_numpy(), minlength=n_items).astype(np.float32)


def break_ties(scores: npt.NDArray[np.float32], popularity: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Order equal scores by popularity, without changing the order of others that differ by more than 0.001.

    Args:
        scores: float32 [B, N], modified in place.
        popularity: float32 [N], at least 0.

    Returns:
        `scores`, with 0.001 * popularity / (max(popularity) + 1) added.
    """
    scores += 0.001 * popularity / (popularity.max() + 1)
    return scores
