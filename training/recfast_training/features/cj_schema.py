"""The features of the CJ-rank model."""

from __future__ import annotations

import recfast as rf
from recfast.transform import Transforms

from .context import DEMOGRAPHICS

# Ages and gaps: absent means "never", which is not "0 days ago", so 0 has to be the typical value.
AGE = ("log1p", "standardise")
# Counts and shares: absent means 0, and log1p leaves it there.
AMOUNT = "log1p"


def cj_schema() -> rf.Schema:
    """Which raw columns the CJ-rank model reads, by side, and what they mean; still to be fitted on training rows.

    Returns:
        The schema of the tables that `rows_for_task_b`, `items_as_of` and `requests_for` make.
    """
    return rf.Schema(
        request=[
            rf.Categorical("household_id", type="int", vocabulary=2**12, buckets=16),
            rf.Categorical("store_id", type="int", vocabulary=2**9, buckets=16),
            rf.Categorical("dow", type="int", vocabulary=7, buckets=1),
            rf.Categorical("hour", type="int", vocabulary=24, buckets=1),
            *(rf.Categorical(name, vocabulary=16, buckets=1) for name in DEMOGRAPHICS),
            rf.Bag("recent", type="int", table="product_id", pooling="mean"),
            rf.Numeric("household_baskets", transform=("log1p", "standardise")),
            rf.Numeric("household_purchases", transform=("log1p", "standardise")),
            rf.Numeric("household_since", transform=AGE),
            rf.Numeric("household_discount", transform="standardise"),
        ],
        item=[
            rf.Categorical("product_id", type="int", vocabulary=2**14, buckets=64),
            rf.Categorical("type_id", type="int", vocabulary=2**12, buckets=16),
            rf.Categorical("manufacturer_id", type="int", vocabulary=2**12, buckets=16),
            rf.Categorical("department", vocabulary=64, buckets=4),
            rf.Categorical("product_category", vocabulary=512, buckets=16),
            rf.Categorical("brand", vocabulary=4, buckets=1),
            rf.Categorical("package_size", vocabulary=2**12, buckets=16),
            rf.Numeric("sold", transform=("log1p", "standardise")),
            rf.Numeric("sold_7", transform=("log1p", "standardise")),
            rf.Numeric("sold_28", transform=("log1p", "standardise")),
            rf.Numeric("trend", transform="standardise"),
            rf.Numeric("repeat_share", transform="standardise"),
            rf.Numeric("price", transform=("log1p", "standardise")),
            rf.Numeric("price_vs_type", transform="standardise"),
            rf.Numeric("discount_28", transform="standardise"),
        ],
        pair=[
            _match("product_since", transform=AGE, missing_indicator=True),
            _match("product_rate", transform=AMOUNT),
            _match("product_decay_30", transform=AMOUNT),
            _match("product_decay_130", transform=AMOUNT),
            _match("product_gap", transform=AGE),
            _match("type_since", transform=AGE, missing_indicator=True),
            _match("type_share", transform=AMOUNT),
            _match("type_decay_30", transform=AMOUNT),
            _match("type_decay_130", transform=AMOUNT),
            _match("maker_since", transform=AGE, missing_indicator=True),
            _match("maker_decay_130", transform=AMOUNT),
            _match("store_lift", transform="standardise", missing_indicator=True),
            _match("display"),
            _match("mailer"),
        ],
        key="product_id",
    )


def _match(name: str, *, transform: Transforms = None, missing_indicator: bool = False) -> rf.Match:
    """A lookup in the map of the same name, whose first word says by which of the item's columns."""
    key = {"type": "type_id", "maker": "maker_id"}.get(name.partition("_")[0], "product_id")
    return rf.Match(name, map=name, key=key, transform=transform, missing_indicator=missing_indicator)
