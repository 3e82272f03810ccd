from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .definitions import columns_of, float32, integers, is_missing, item_schema, numbers, row_of, strings

Bags = list[list[tuple[int, float]]]


def assert_encodes(got: dict[str, Any], bags: Bags) -> None:
    """Ids, weights and mask are those of the bags, padded with zeros."""
    longest = max([1, *map(len, bags)])
    assert got["bought"].dtype == np.int64
    assert got["bought_mask"].dtype == np.bool_
    assert got["bought_weight"].dtype == np.float32
    assert got["bought"].tolist() == [[i for i, _ in bag] + [0] * (longest - len(bag)) for bag in bags]
    assert got["bought_weight"].tolist() == [[w for _, w in bag] + [0.0] * (longest - len(bag)) for bag in bags]
    assert got["bought_mask"].tolist() == [[True] * len(bag) + [False] * (longest - len(bag)) for bag in bags]


@given(maps=columns_of(st.dictionaries(strings, st.one_of(st.none(), numbers), max_size=5), max_size=8))
def test_keys_have_the_rows_of_their_hashes(maps: list[dict[str, Any] | None]) -> None:
    got = item_schema(rf.WeightedBag("bought", buckets=50)).encode({"bought": maps})
    bags = [[(row_of(k, "bought", 50), float32(w)) for k, w in (m or {}).items() if not is_missing(w)] for m in maps]
    assert_encodes(got, [[(i, w) for i, w in bag if math.isfinite(w)] for bag in bags])


@given(maps=columns_of(st.dictionaries(integers, st.integers(0, 2**40), max_size=5), max_size=8))
def test_integers_with_a_shared_table_and_log_counts(maps: list[dict[int, int] | None]) -> None:
    vocabulary = (7, -1, 2**63)
    schema = rf.Schema(
        request=[rf.WeightedBag("bought", table="sku_id", transform="log1p")],
        item=[rf.Categorical("sku_id", buckets=50, type="int", vocabulary=vocabulary)],
        key="sku",
    )
    got = schema.encode({"bought": maps, "sku_id": [None] * len(maps)})
    bags = [[(row_of(k, "sku_id", 50, vocabulary), float32(math.log1p(w))) for k, w in (m or {}).items()] for m in maps]
    assert_encodes(got, bags)
    assert schema.tables == {"sku_id": 54}


def test_arrow_maps_and_dictionaries_of_them() -> None:
    feature = rf.WeightedBag("bought", buckets=50)
    maps: list[dict[str, float | None] | None] = [{"a": 1.0, "b": None, "c": 2.0}, None, {}, {"a": 1.0}]
    plain = item_schema(feature).encode({"bought": maps})
    entries = pa.array([None if m is None else list(m.items()) for m in maps], pa.map_(pa.string(), pa.float32()))
    indices = pa.array([3, 0, None, 0, 1], pa.int32())
    for column, order in (
        (entries, [0, 1, 2, 3]),
        (pa.chunked_array([entries[:1], entries[1:]]), [0, 1, 2, 3]),
        (pa.DictionaryArray.from_arrays(indices, entries), [3, 0, 1, 0, 1]),
    ):
        got = item_schema(feature).encode({"bought": column})
        for name, array in plain.items():
            np.testing.assert_array_equal(got[name], array[order])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([["a"]], "expected maps from key to number in 'bought', got Python lists"),
        (["a"], "expected maps from key to number in 'bought', got Python strings"),
        ([{1: 1.0}], "expected strings as keys of 'bought', got Python ints"),
        ([{"a": "b"}], "expected numbers as values of 'bought', got Python strings"),
    ],
)
def test_other_types_are_refused(values: list[Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^feature 'bought': {message}"):
        item_schema(rf.WeightedBag("bought", buckets=5)).encode({"bought": values})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rf.WeightedBag("b"), "feature 'b': buckets is in"),
        (lambda: rf.WeightedBag("b", buckets=3, table="c"), "feature 'b': buckets come from the table 'c'"),
        (lambda: rf.WeightedBag("b", buckets=3, pooling="max"), r"feature 'b': pooling is one of \['sum', 'mean'\]"),
        (lambda: rf.WeightedBag("b", buckets=3, type="float"), "feature 'b': type is one of"),
        (lambda: rf.WeightedBag("b", buckets=3, transform="clip"), r"need no data, got \['clip'\]"),
        (lambda: rf.WeightedBag("b", buckets=3, transform="sqrt"), "unknown transform 'sqrt'"),
    ],
)
def test_arguments_are_checked(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_it_comes_back_from_json() -> None:
    clip = rf.Transform("clip", (0.0, 3.0))
    schema = item_schema(rf.WeightedBag("bought", buckets=9, transform=[clip, "log1p"], pooling="mean"))
    assert rf.Schema.from_json(schema.to_json()) == schema
    assert schema.encode({"bought": [{"a": 9.0}]})["bought_weight"].tolist() == [[float32(math.log1p(3.0))]]
    with pytest.raises(ValueError, match="the name 'bought_weight' is used twice"):
        item_schema(rf.WeightedBag("bought", buckets=9), rf.Numeric("bought_weight"))
