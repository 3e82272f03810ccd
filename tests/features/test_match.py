from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf

from .definitions import float32, int64s, is_missing, numbers, strings

KEYS = st.sampled_from(["a", "b", "", "\U0001f600", "a\0b"])


def schema_of(**options: Any) -> rf.Schema:
    return rf.Schema(
        pair=[rf.Match("bought", map="counts", key="sku_id", missing_indicator=True, **options)], key="sku"
    )


def looked_up(maps: list[dict[Any, Any] | None], keys: list[Any]) -> tuple[list[float], list[float]]:
    found = [None if m is None or k is None else m.get(k) for m, k in zip(maps, keys, strict=True)]
    found = [x if is_missing(x) or math.isfinite(float32(x)) else None for x in found]
    return [0.0 if is_missing(x) else float32(x) for x in found], [float(is_missing(x)) for x in found]


@settings(max_examples=60)
@given(data=st.data(), key=st.sampled_from([KEYS, strings, int64s]), rows=st.integers(0, 8))
def test_the_value_that_the_key_has_in_the_map(data: st.DataObject, key: st.SearchStrategy[Any], rows: int) -> None:
    maps = [data.draw(st.none() | st.dictionaries(key, st.none() | numbers, max_size=5)) for _ in range(rows)]
    keys = [data.draw(st.none() | (st.sampled_from(sorted(m, key=repr)) if m else key) | key) for m in maps]
    got = schema_of().encode({"counts": maps, "sku_id": keys})
    values, missing = looked_up(maps, keys)
    assert got["bought"].dtype == np.float32
    assert got["bought"].tolist() == values
    assert got["bought_missing"].tolist() == missing


def test_pairs_are_maps_and_the_last_value_of_a_key_counts() -> None:
    maps = [[], [("a", 1.0), ("b", 2.0), ("a", 3.0)], None, [("a", None)]]
    got = schema_of().encode({"counts": maps, "sku_id": ["a"] * 4})
    assert got["bought"].tolist() == [0.0, 3.0, 0.0, 0.0]
    assert got["bought_missing"].tolist() == [1.0, 0.0, 1.0, 1.0]


def test_empty_lists_are_empty_maps() -> None:
    assert schema_of().encode({"counts": [[], []], "sku_id": ["a", "b"]})["bought_missing"].tolist() == [1.0, 1.0]


def test_transforms_apply_to_the_value() -> None:
    got = schema_of(transform=("log1p", rf.Transform("clip", (0.5, 2.0)))).encode(
        {"counts": [{1: 1.0}, {1: 99.0}, {2: 1.0}], "sku_id": [1, 1, 1]}
    )
    np.testing.assert_allclose(got["bought"], [math.log(2.0), 2.0, 0.0], rtol=1e-6)


def test_fit_learns_from_what_matches() -> None:
    schema = rf.Schema(pair=[rf.Match("bought", map="counts", key="sku_id", transform="standardise")], key="sku")
    fitted = schema.fit({"counts": [{1: 1.0}, {1: 3.0}, {2: 50.0}, None], "sku_id": [1, 1, 1, 1]})
    assert fitted.pair[0].transform == (rf.Transform("standardise", (2.0, 1.0)),)


@pytest.mark.parametrize(
    ("maps", "keys", "message"),
    [
        ([{"a": 1}], [1], "expected integers as keys of 'counts', got Python strings; convert the values with int"),
        ([{1: 1}], ["a"], "expected strings as keys of 'counts', got Python ints; convert the values with str"),
        ([{"a": 1}], [1.5], "expected strings or integers as keys of its items, got Python floats"),
        ([{1.5: 1}], [None], "expected strings or integers as keys of 'counts', got Python floats"),
        ([{"a": "x"}], ["a"], "expected numbers as values of 'counts', got Python strings"),
        ([{"a": [1]}], ["a"], "expected numbers as values of 'counts', got Python lists"),
        ([["a"]], ["a"], "expected maps from key to number in 'counts', got Python lists"),
        (["a"], ["a"], "expected maps from key to number in 'counts', got Python strings"),
        ([1.0], ["a"], "expected maps from key to number in 'counts', got Python floats"),
    ],
)
def test_other_types_are_refused(maps: list[Any], keys: list[Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^feature 'bought': {message}"):
        schema_of().encode({"counts": maps, "sku_id": keys})


def test_missing_columns_name_the_feature() -> None:
    with pytest.raises(ValueError, match="feature 'bought': the column 'counts' is missing; the columns given are 's"):
        schema_of().encode({"sku_id": ["a"]})
    with pytest.raises(ValueError, match="feature 'bought': the column 'sku_id' is missing; the columns given are 'c"):
        schema_of().encode({"counts": [{}]})


def test_a_match_belongs_to_pairs() -> None:
    match = rf.Match("bought", map="counts", key="sku_id")
    for side in ("request", "item"):
        with pytest.raises(ValueError, match=f"feature 'bought': a Match belongs in pair=, not in {side}="):
            rf.Schema(**{side: [match]}, key="sku")


@pytest.mark.parametrize("options", [{"map": "", "key": "k"}, {"map": "m", "key": ""}, {"map": "a\nb", "key": "k"}])
def test_map_and_key_are_names(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"feature 'bought': (map|key)"):
        rf.Match("bought", **options)
