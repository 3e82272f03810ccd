"""Task B baseline features: ids, history cut into buckets, and crosses of both, hashed into one space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from ..features.event_log import Ints
from ..features.household_statistics import pair_statistics
from ..features.item_statistics import item_statistics
from ..features.purchase_history import PurchaseHistory

HASH_SPACE = 2**20
BUCKETS = 24
CROSSES = (
    ("household", "type"),
    ("household", "department"),
    ("household", "maker"),
    ("store", "item"),
    ("type", "dow"),
    ("type", "product_since"),
    ("type", "type_since"),
    ("item", "product_since"),
    ("product_since", "product_rate"),
    ("product_since", "product_gap"),
    ("product_rate", "household_baskets"),
    ("product_decay_130", "type_decay_130"),
    ("product_since", "type_since"),
    ("type_since", "type_share"),
    ("type_decay_130", "maker_since"),
    ("type_decay_130", "sold_28"),
    ("sold", "sold_28"),
    ("sold_28", "sold_7"),
)


@dataclass(frozen=True)
class Buckets:
    """The cuts of each numeric statistic: float [<= BUCKETS - 1], quantiles of training rows."""

    cuts: dict[str, npt.NDArray[np.floating]]


def fit_buckets(history: PurchaseHistory, samples: pl.DataFrame) -> Buckets:
    """Cut each statistic into buckets of about equally many training rows.

    Args:
        history: the indexed purchases.
        samples: training samples of task B.

    Returns:
        The cuts.
    """
    quantiles = np.linspace(0, 1, BUCKETS + 1)[1:-1]
    numbers = _statistics(history, samples)
    return Buckets({name: np.unique(np.nanquantile(value, quantiles)) for name, value in numbers.items()})


def hashed_crosses(history: PurchaseHistory, samples: pl.DataFrame, buckets: Buckets) -> npt.NDArray[np.int32]:
    """The active features of each sample.

    Args:
        history: the indexed purchases.
        samples: samples of task B, B rows.
        buckets: from the training samples.

    Returns:
        int32 [B, F], in [0, HASH_SPACE): one constant, each single field, each cross.
    """
    fields = _ids(history, samples)
    for name, value in _statistics(history, samples).items():
        # NaN, "never", sorts behind every cut and has the last bucket.
        fields[name] = np.searchsorted(buckets.cuts[name], value, side="right")
    columns = [np.zeros(samples.height, np.int64)]
    columns += [_hashed(seed, value) for seed, value in enumerate(fields.values(), start=1)]
    columns += [
        _hashed(1000 + seed, _hashed(2000 + seed, fields[a]) * HASH_SPACE + fields[b])
        for seed, (a, b) in enumerate(CROSSES)
    ]
    return np.stack(columns, axis=1).astype(np.int32)


def _ids(history: PurchaseHistory, samples: pl.DataFrame) -> dict[str, Ints]:
    item = samples["item"].to_numpy()
    department = history.split.items["department"].rank("dense").to_numpy().astype(np.int64)
    return {
        "household": samples["household"].to_numpy().astype(np.int64),
        "store": samples["store_id"].to_numpy().astype(np.int64),
        "dow": samples["dow"].to_numpy().astype(np.int64),
        "item": item.astype(np.int64),
        "type": history.codes.type[item],
        "maker": history.codes.maker[item],
        "department": department[item],
    }


def _statistics(history: PurchaseHistory, samples: pl.DataFrame) -> dict[str, npt.NDArray[np.floating]]:
    household, item, day = (samples[name].to_numpy().astype(np.int64) for name in ("household", "item", "day"))
    baskets = history.baskets.count(history.baskets.before(household, day))
    return {
        **pair_statistics(history, household, item, day),
        **item_statistics(history, item, day),
        "household_baskets": baskets,
    }


def _hashed(seed: int, value: Ints) -> Ints:
    """Mix a field's values into [0, HASH_SPACE) by the finaliser of SplitMix64."""
    x = value.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Ints = ((x ^ (x >> np.uint64(31))) >> np.uint64(44)).astype(np.int64)
    return mixed
