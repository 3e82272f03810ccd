from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from recfast_training.data.cleaning import clean_purchases

PRODUCTS = pl.DataFrame(
    {
        "product_id": [1, 2, 3, 4, 5],
        "department": ["GROCERY", "GROCERY", "FUEL", "MISCELLANEOUS", "COUPON"],
        "product_category": ["SOUP", None, "SOUP", "COUPON/MISC ITEMS", "SOUP"],
    }
)
GOOD: dict[str, Any] = {
    "household_id": 7,
    "store_id": 3,
    "basket_id": 1,
    "product_id": 1,
    "quantity": 2,
    "sales_value": 1.5,
    "week": 1,
    "transaction_timestamp": datetime(2017, 1, 2),
}
SCHEMA = {
    "household_id": pl.Int64,
    "store_id": pl.Int64,
    "basket_id": pl.Int64,
    "product_id": pl.Int64,
    "quantity": pl.Int64,
    "sales_value": pl.Float64,
    "week": pl.Int64,
    "transaction_timestamp": pl.Datetime,
}


def purchases(*changes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([GOOD | {"basket_id": row} | change for row, change in enumerate(changes)], schema=SCHEMA)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"household_id": None}, "nulls"),
        ({"sales_value": None}, "nulls"),
        ({"quantity": -1}, "negative_quantity"),
        ({"quantity": 0}, "zero_quantity"),
        ({"sales_value": -0.01}, "negative_sales"),
        ({"product_id": 99}, "unknown_product"),
        ({"product_id": 2}, "no_category"),
        ({"product_id": 3}, "fuel_or_coupon"),
        ({"product_id": 4}, "fuel_or_coupon"),
        ({"product_id": 5}, "fuel_or_coupon"),
        ({"quantity": 0, "product_id": 99}, "zero_quantity"),
    ],
)
def test_each_rule_drops_and_counts(change: dict[str, Any], rule: str) -> None:
    clean, report = clean_purchases(purchases({}, change), PRODUCTS)
    assert clean.equals(purchases({}))
    assert getattr(report, rule) == 1
    assert (report.rows_raw, report.rows_clean) == (2, 1)


def test_the_first_of_repeated_rows_stays() -> None:
    clean, report = clean_purchases(
        purchases({"basket_id": 5, "quantity": 1}, {"basket_id": 5, "quantity": 2}, {}), PRODUCTS
    )
    assert clean["quantity"].to_list() == [1, 2]
    assert report.duplicates == 1


def test_outliers_are_kept_and_counted() -> None:
    clean, report = clean_purchases(purchases({"quantity": 101}, {"sales_value": 0.0}), PRODUCTS)
    assert clean.height == 2
    assert (report.large_quantity_kept, report.zero_sales_kept) == (1, 1)


def test_drops_add_up() -> None:
    _, report = clean_purchases(
        purchases({}, {"quantity": 0}, {"product_id": 2}, {"product_id": 3}, {"week": None}), PRODUCTS
    )
    dropped = (
        report.nulls
        + report.duplicates
        + report.negative_quantity
        + report.zero_quantity
        + report.negative_sales
        + report.not_a_product
    )
    assert report.rows_raw - dropped == report.rows_clean == 1
