"""How often and how recently a household bought a product, its type or its maker: per pair, or as request maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .event_log import EventLog, Floats, Ints, Span
from .keyed_maps import KeyedHistory
from .purchase_history import PurchaseHistory
from .recent_products import recent_products

SHORT_DAYS, LONG_DAYS = 30, 130


@dataclass(frozen=True)
class Totals:
    """What a household did before a day, float32 [Q] each: distinct baskets, and purchase rows."""

    baskets: Floats
    purchases: Floats


Measure = Callable[[EventLog, Span, Totals], npt.NDArray[np.floating]]


def _since(log: EventLog, span: Span, totals: Totals) -> npt.NDArray[np.floating]:
    return log.days_since(span)


def _per_100_baskets(log: EventLog, span: Span, totals: Totals) -> npt.NDArray[np.floating]:
    return 100 * log.count(span) / np.maximum(totals.baskets, 1)


def _percent(log: EventLog, span: Span, totals: Totals) -> npt.NDArray[np.floating]:
    return 100 * log.count(span) / np.maximum(totals.purchases, 1)


def _decay_30(log: EventLog, span: Span, totals: Totals) -> npt.NDArray[np.floating]:
    return log.decayed(span, SHORT_DAYS)


def _decay_130(log: EventLog, span: Span, totals: Totals) -> npt.NDArray[np.floating]:
    return log.decayed(span, LONG_DAYS)


def _gap(log: EventLog, span: Span, totals: Totals) -> npt.NDArray[np.floating]:
    return log.mean_gap(span)


# level -> measure -> function; a column is named <level>_<measure>. Levels are keyed by an item column:
# product by product_id, type by type_id, maker by maker_id.
MEASURES: dict[str, dict[str, Measure]] = {
    "product": {
        "since": _since,
        "rate": _per_100_baskets,
        "decay_30": _decay_30,
        "decay_130": _decay_130,
        "gap": _gap,
    },
    "type": {"since": _since, "share": _percent, "decay_30": _decay_30, "decay_130": _decay_130},
    "maker": {"since": _since, "decay_130": _decay_130},
}


def household_history(history: PurchaseHistory, household: Ints, day: Ints) -> dict[str, pa.Array]:
    """One map per household and day, for each level and measure, and the list of its recent products.

    Args:
        history: the indexed purchases.
        household: int64 [S], household indices.
        day: int64 [S]; only earlier days count.

    Returns:
        map<int64, float32> [S] each, named <level>_<measure>; the keys are what the household bought before:
        product_id, type_id, maker_id. Measures: since (days since the last purchase), rate (purchases per 100
        baskets), share (percent of the household's purchases), decay_30 and decay_130 (purchases that fade with that
        time constant in days), gap (mean days between purchases, NaN below two). And list<int64> [S], named recent: the
        last distinct product_ids, the latest first.
    """
    totals = _totals(history, household, day)
    columns: dict[str, pa.Array] = {}
    for level, measures in MEASURES.items():
        of_level, _ = _level(history, level)
        entries = of_level.entries(household, day)
        keys = history.codes.product[entries.key] if level == "product" else entries.key
        if level == "product":
            columns["recent"] = recent_products(entries, of_level.log, keys)
        of_entry = Totals(totals.baskets[entries.snapshot], totals.purchases[entries.snapshot])
        for name, measure in measures.items():
            columns[f"{level}_{name}"] = entries.to_arrow(keys, measure(of_level.log, entries.span, of_entry))
    return columns


def pair_statistics(
    history: PurchaseHistory, household: Ints, item: Ints, day: Ints
) -> dict[str, npt.NDArray[np.floating]]:
    """The same numbers for given pairs: what a lookup of the item's key in the maps finds.

    Args:
        history: the indexed purchases.
        household: int64 [B], household indices.
        item: int64 [B], item indices.
        day: int64 [B]; only earlier days count.

    Returns:
        float32 [B] each, named <level>_<measure>, NaN where the map has no such key.
    """
    totals = _totals(history, household, day)
    columns: dict[str, npt.NDArray[np.floating]] = {}
    for level, measures in MEASURES.items():
        of_level, key_of_item = _level(history, level)
        span = of_level.before(household, key_of_item[item], day)
        absent = span.last == span.first
        for name, measure in measures.items():
            columns[f"{level}_{name}"] = np.where(absent, np.float32(np.nan), measure(of_level.log, span, totals))
    return columns


def _level(history: PurchaseHistory, level: str) -> tuple[KeyedHistory, Ints]:
    """The history of a level, and each item's key in it."""
    return {
        "product": (history.household_products, np.arange(history.split.items.height)),
        "type": (history.household_types, history.codes.type),
        "maker": (history.household_makers, history.codes.maker),
    }[level]


def _totals(history: PurchaseHistory, household: Ints, day: Ints) -> Totals:
    return Totals(
        baskets=history.baskets.count(history.baskets.before(household, day)),
        purchases=history.purchases.count(history.purchases.before(household, day)),
    )
