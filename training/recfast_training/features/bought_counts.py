"""What every household bought so far, as a map: the requests of the item-to-item models."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from ..data.cj_rank import CjRank


def bought_counts(split: CjRank, purchases: pl.DataFrame) -> pa.Table:
    """How often each household bought each product.

    Args:
        split: the benchmark's split.
        purchases: some of its purchases.

    Returns:
        bought: map<int64, float32>, product_id to number of purchases, one row per household in household order.
    """
    counts = purchases.group_by("household", "item").len().sort("household", "item")
    offsets = np.searchsorted(counts["household"].to_numpy(), np.arange(split.households.height + 1))
    products = split.items["product_id"].cast(pl.Int64).to_numpy()[counts["item"].to_numpy()]
    maps = pa.MapArray.from_arrays(
        pa.array(offsets.astype(np.int32)), pa.array(products), pa.array(counts["len"].to_numpy().astype(np.float32))
    )
    return pa.table({"bought": maps})
