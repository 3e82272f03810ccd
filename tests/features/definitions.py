"""What every feature kind means, in plain Python on top of PyPI xxhash; and strategies for raw values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xxhash
from hypothesis import strategies as st

import recfast as rf
from recfast.features import Feature

Raw = str | bytes | int | None

strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
surrogates = st.sampled_from(["\ud800", "a\udfff", "\udc00\ud800", "x" * 300 + "\ud9ab"])
integers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5), st.integers(2**63, 2**64 - 1))
int64s = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5))
numbers = st.one_of(st.floats(), st.integers(-(2**62), 2**62), st.booleans())
counts = st.integers(1, 2**40)


def columns_of(values: st.SearchStrategy[Any], *, max_size: int = 20) -> st.SearchStrategy[list[Any]]:
    """Lists of such values, nulls among them."""
    return st.lists(st.one_of(st.none(), values), max_size=max_size)


def item_schema(*features: Feature) -> rf.Schema:
    return rf.Schema(item=features, key="sku")


def encode_one(feature: Feature, values: Any) -> Any:
    """The array of one feature whose column is `values`."""
    return item_schema(feature).encode({feature.name: values})[feature.name]


def hash64(value: Raw, seed: int) -> int:
    if isinstance(value, int):
        value = bits(value).to_bytes(8, "little")
    return xxhash.xxh64_intdigest(value.encode() if isinstance(value, str) else value, seed)


def bits(value: Raw) -> Raw:
    """What counts of an integer: its 64 bits."""
    return value % 2**64 if isinstance(value, int) else value


def row_of(value: Raw, table: str, buckets: int, vocabulary: Sequence[Raw] = ()) -> int:
    """The row of a value in a table of `len(vocabulary) + buckets + 1` rows."""
    if value is None:
        return len(vocabulary) + buckets
    same = [bits(v) for v in vocabulary]
    if bits(value) in same:
        return same.index(bits(value))
    return len(vocabulary) + (hash64(value, hash64(table, 0)) * buckets >> 64)


def is_missing(x: float | None) -> bool:
    return x is None or not math.isfinite(x)


def float32(x: float) -> float:
    """Rounded to float32; infinity beyond it."""
    with np.errstate(over="ignore"):
        return float(np.float32(x))
