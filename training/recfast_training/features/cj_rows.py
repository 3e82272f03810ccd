"""The labelled rows of CJ-rank task B, with every raw feature."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from ..data.cj_rank import Part
from ..data.cj_samples import purchase_samples
from .context import request_columns
from .item_statistics import item_columns
from .purchase_history import PurchaseHistory


def rows_for_task_b(history: PurchaseHistory, part: Part, weeks: tuple[int, int] | None = None) -> pa.Table:
    """The samples of a part as a table of raw features.

    Every feature is known before the row's local day begins, except the store, the hour and the week's promotions,
    which are known when the household walks in.

    Args:
        history: the indexed purchases.
        part: "train" has weeks 41 to 48, "valid" 49 and 50, "test" 51 to 53.
        weeks: first and last week to return, both included; default all of the part's.

    Returns:
        One row per sample, in time order: the columns of `request_columns` and `item_columns`, and label: int8, day and
        week: int32.

    Raises:
        ValueError: the weeks are not the part's.
    """
    samples = purchase_samples(history.split, part, weeks)
    columns = request_columns(history, samples.with_columns(promotion_week=pl.col("week")))
    item, day = (samples[name].to_numpy().astype(np.int64) for name in ("item", "day"))
    columns.update(item_columns(history, item, day))
    columns["label"] = pa.array(samples["label"].to_numpy())
    columns["day"] = pa.array(samples["day"].to_numpy())
    columns["week"] = pa.array(samples["week"].to_numpy().astype(np.int32))
    return pa.table(columns)
