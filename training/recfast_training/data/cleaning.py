"""The cleaning rules of the purchase log, each one counted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

NOT_A_PRODUCT_DEPARTMENTS = ("COUPON", "FUEL")
NOT_A_PRODUCT_CATEGORIES = ("COUPON/MISC ITEMS", "FUEL")
LARGE_QUANTITY = 100
REQUIRED = (
    "household_id",
    "store_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "week",
    "transaction_timestamp",
)


@dataclass(frozen=True)
class CleaningReport:
    """What cleaning dropped, rule by rule in the order of application, and what it looked at and kept.

    A row is counted under the first rule that drops it, so that the drops and `rows_clean` add up to `rows_raw`.

    Attributes:
        rows_raw: rows in the file.
        nulls: dropped, because household, store, basket, product, quantity, sales value, week or time is null.
        duplicates: dropped, because an earlier row has the same (basket, product); the file counts units in `quantity`.
        negative_quantity: dropped, because returns are not purchases.
        zero_quantity: dropped, because nothing was bought (coupon book-keeping).
        negative_sales: dropped, because a negative sales value is a refund.
        unknown_product: dropped, because the product has no record.
        no_category: dropped, because the product's category is null (internal codes).
        fuel_or_coupon: dropped, because the department is FUEL or COUPON or the category FUEL or COUPON/MISC ITEMS.
        rows_clean: rows that remain.
        large_quantity_kept: remaining rows with quantity > 100 (such rows are nearly all fuel, sold by volume). They
            stay: every feature counts rows, none sums quantities, and prices are per unit.
        zero_sales_kept: remaining rows with sales value 0 (free with a coupon). They stay: the
            household chose them.
    """

    rows_raw: int
    nulls: int
    duplicates: int
    negative_quantity: int
    zero_quantity: int
    negative_sales: int
    unknown_product: int
    no_category: int
    fuel_or_coupon: int
    rows_clean: int
    large_quantity_kept: int
    zero_sales_kept: int

    @property
    def not_a_product(self) -> int:
        """Rows dropped because what was sold is no shelf product."""
        return self.unknown_product + self.no_category + self.fuel_or_coupon

    def __str__(self) -> str:
        """One line per rule."""
        return "\n".join(
            [
                f"{self.rows_raw:>9,} rows",
                f"{-self.nulls:>9,} null in a required column",
                f"{-self.duplicates:>9,} repeated (basket, product)",
                f"{-self.negative_quantity:>9,} quantity < 0",
                f"{-self.zero_quantity:>9,} quantity = 0",
                f"{-self.negative_sales:>9,} sales value < 0",
                f"{-self.unknown_product:>9,} product without a record",
                f"{-self.no_category:>9,} product without a category",
                f"{-self.fuel_or_coupon:>9,} fuel or coupon",
                f"{self.rows_clean:>9,} clean rows "
                f"({self.large_quantity_kept:,} with quantity > {LARGE_QUANTITY} and "
                f"{self.zero_sales_kept:,} with sales value 0 kept)",
            ]
        )


def clean_purchases(purchases: pl.DataFrame, products: pl.DataFrame) -> tuple[pl.DataFrame, CleaningReport]:
    """Drop the rows that are no purchases of shelf products.

    Args:
        purchases: one row per (basket, product): household_id, store_id, basket_id, product_id, quantity: int;
            sales_value: float, dollars; week: int; transaction_timestamp: datetime.
        products: one row per product: product_id: int; department, product_category: str or null.

    Returns:
        The remaining rows in file order, and the count of every rule (`CleaningReport` states the rules).
    """
    # A missing attribute compares as null; fill_null makes each rule a plain bool before the first match is taken.
    attributes = products.select("product_id", "department", "product_category", known=pl.lit(True))
    rows = purchases.join(attributes, on="product_id", how="left", maintain_order="left")
    rules = {
        "nulls": pl.any_horizontal(pl.col(REQUIRED).is_null()),
        "duplicates": ~pl.struct("basket_id", "product_id").is_first_distinct(),
        "negative_quantity": pl.col("quantity") < 0,
        "zero_quantity": pl.col("quantity") == 0,
        "negative_sales": pl.col("sales_value") < 0,
        "unknown_product": pl.col("known").is_null(),
        "no_category": pl.col("product_category").is_null(),
        "fuel_or_coupon": pl.col("department").is_in(NOT_A_PRODUCT_DEPARTMENTS)
        | pl.col("product_category").is_in(NOT_A_PRODUCT_CATEGORIES),
    }
    reason = pl.coalesce(pl.when(rule.fill_null(False)).then(pl.lit(name)) for name, rule in rules.items())
    rows = rows.with_columns(reason=reason)
    dropped = dict(rows.filter(pl.col("reason").is_not_null())["reason"].value_counts().iter_rows())
    clean = rows.filter(pl.col("reason").is_null()).select(purchases.columns)
    report = CleaningReport(
        rows_raw=purchases.height,
        rows_clean=clean.height,
        large_quantity_kept=int((clean["quantity"] > LARGE_QUANTITY).sum()),
        zero_sales_kept=int((clean["sales_value"] == 0).sum()),
        **{name: int(dropped.get(name, 0)) for name in rules},
    )
    return clean, report
