from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf
from recfast.features import Feature

from .definitions import strings

FULL = rf.Schema(
    request=[rf.Categorical("country", buckets=9, vocabulary=2), rf.Bag("recent", table="brand", pooling="max")],
    item=[
        rf.Categorical("brand", buckets=50, vocabulary=("acme", "zenith")),
        rf.Bucketized("age", edges=[1, 2.5]),
        rf.Numeric("price", transform=("log1p", "standardise"), missing_indicator=True),
        rf.Vector("image", dim=2),
    ],
    pair=[rf.Match("bought", map="counts", key="family", transform="clip"), rf.Numeric("discount")],
    key="sku",
)
ROWS: dict[str, list[Any]] = {
    "country": ["de", "de", "fr", None],
    "recent": [["acme"], [], None, ["bolt", "acme"]],
    "counts": [{"x": 1.0}, None, {"y": 2.0, "x": 3.0}, {}],
    "sku": ["a", "b", "c", "d"],
    "brand": ["acme", "bolt", None, "zenith"],
    "age": [0, 1, 2, None],
    "price": [1.0, 2.0, None, 4.0],
    "image": [[0.0, 1.0]] * 4,
    "family": ["x", "x", "y", None],
    "discount": [0.1, 0.0, None, 0.5],
}


def test_json_keeps_everything_fitted_or_not() -> None:
    for schema in (FULL, FULL.fit(ROWS)):
        assert rf.Schema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


def test_a_fitted_schema_encodes_like_its_copies() -> None:
    schema = FULL.fit(ROWS)
    expected = schema.encode(ROWS)
    for other in (rf.Schema.from_json(schema.to_json()), copy.deepcopy(schema), pickle.loads(pickle.dumps(schema))):
        got = other.encode(ROWS)
        assert list(got) == list(expected)
        for name, array in expected.items():
            np.testing.assert_array_equal(got[name], array)


def test_names_by_side() -> None:
    assert FULL.request_columns == ("country", "recent", "counts")
    assert FULL.item_columns == ("sku", "brand", "age", "price", "image", "family")
    assert FULL.pair_columns == ("discount",)
    assert [FULL.side(n) for n in ("recent", "price", "price_missing", "bought")] == ["request", "item", "item", "pair"]
    assert FULL.tables == {"country": 12, "brand": 53, "age": 4}
    assert not FULL.fitted
    assert FULL.fit(ROWS).fitted
    with pytest.raises(KeyError, match="no feature is named 'sku'"):
        FULL.side("sku")


def test_fit_learns_only_what_is_open() -> None:
    once = FULL.fit(ROWS)
    assert once.request[0].vocabulary == ("de", "fr")
    assert once.fit({}) == once


def test_missing_columns_are_named_with_those_that_came() -> None:
    rows = {name: column for name, column in ROWS.items() if name != "age"}
    with pytest.raises(
        ValueError, match="feature 'age': the column 'age' is missing; the columns given are 'country', "
    ):
        FULL.fit(ROWS).encode(rows)
    with pytest.raises(ValueError, match=r"feature 'country': the column 'country' is missing; .* are none"):
        FULL.fit({})


def test_unknown_columns_are_ignored_in_tables_of_rows() -> None:
    schema = rf.Schema(item=[rf.Numeric("price")], key="sku")
    assert schema.encode({"price": [1.0], "colour": ["red"], "extra": [object()]})["price"].tolist() == [1.0]


def test_columns_have_one_length() -> None:
    with pytest.raises(
        ValueError, match="column 'b' has 3 rows, column 'a' has 2; all columns of a table have the same"
    ):
        rf.Schema(item=[rf.Numeric("a"), rf.Numeric("b")], key="sku").encode({"a": [1, 2], "b": [1, 2, 3]})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (None, "rows: expected a table .* got NoneType"),
        ([{"price": 1.0}], "rows: expected a table .* got list"),
        ("price", "rows: expected a table .* got str"),
        ({1: [1.0]}, "rows: a column's name is a str, got int"),
        ({"price": "abc"}, "column 'price': expected an Arrow column, a numpy array, a Series or a list, got str"),
        ({"price": b"abc"}, "column 'price': expected an Arrow column, .* got bytes"),
        ({"price": 1.0}, "column 'price': expected an Arrow column, .* got float"),
        ({"price": None}, "column 'price': expected an Arrow column, .* got NoneType"),
        ({"price": {"a": 1}}, "column 'price': expected an Arrow column, .* got dict"),
        ({"price": {1.0}}, "column 'price': expected an Arrow column, .* got set"),
    ],
)
def test_what_is_no_table_is_refused(rows: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        rf.Schema(item=[rf.Numeric("price")], key="sku").encode(rows)


def test_a_column_name_with_a_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="a column's name holds an unpaired surrogate"):
        rf.Schema(item=[rf.Numeric("price")], key="sku").encode({"price": [1.0], "\ud800": [1.0]})


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: rf.Schema(key=""), ValueError, "key, the name of an item column, may not be empty"),
        (lambda: rf.Schema(key=None), TypeError, "key, the name of an item column, is a str, got NoneType"),
        (lambda: rf.Schema(key="\ud800"), ValueError, "key, the name of an item column, holds no"),
        (lambda: rf.Schema(item=["price"], key="sku"), TypeError, "item= holds features such as Numeric"),
        (
            lambda: rf.Schema(request=[rf.Numeric("a")], item=[rf.Numeric("a")], key="sku"),
            ValueError,
            "the name 'a' is used twice",
        ),
        (
            lambda: rf.Schema(item=[rf.Numeric("a", missing_indicator=True), rf.Numeric("a_missing")], key="sku"),
            ValueError,
            "the name 'a_missing' is used twice",
        ),
        (
            lambda: rf.Schema(item=[rf.Bag("a", buckets=2), rf.Numeric("a_mask")], key="sku"),
            ValueError,
            "the name 'a_mask' is used twice",
        ),
        (lambda: rf.Schema(item=[rf.Bag("a", table="b")], key="sku"), ValueError, "names no Categorical"),
        (
            lambda: rf.Schema(item=[rf.Bag("a", table="b"), rf.Bag("b", buckets=2)], key="sku"),
            ValueError,
            "names no Categorical",
        ),
        (
            lambda: rf.Schema(
                item=[rf.Categorical("a", buckets=2, table="b"), rf.Categorical("b", buckets=3)], key="sku"
            ),
            ValueError,
            "buckets and type must be 3 and 'string', got 2 and 'string'",
        ),
        (
            lambda: rf.Schema(request=[rf.Numeric("sku")], key="sku"),
            ValueError,
            "the column 'sku' is read on the request side and on the item side",
        ),
        (
            lambda: rf.Schema(request=[rf.Numeric("a")], pair=[rf.Match("m", map="c", key="a")], key="sku"),
            ValueError,
            "the column 'a' is read on the request side and on the item side",
        ),
        (
            lambda: rf.Schema(item=[rf.Numeric("a")], pair=[rf.Match("m", map="a", key="b")], key="sku"),
            ValueError,
            "the column 'a' is read on the request side and on the item side",
        ),
        (
            lambda: rf.Schema(pair=[rf.Numeric("sku")], key="sku"),
            ValueError,
            "the column 'sku' is read on the item side and on the pair side",
        ),
    ],
)
def test_a_schema_that_makes_no_sense_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.integers(-(2**70), 2**70) | st.floats() | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any) -> list[list[Any]]:
    """Paths to everything inside of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[], *([key, *path] for key, part in inner for path in places(part))]


@given(data=st.data())
def test_a_damaged_schema_is_refused_with_an_ordinary_error(data: st.DataObject) -> None:
    damaged: Any = FULL.fit(ROWS).to_json()
    *path, last = data.draw(st.sampled_from(places(damaged)[1:]))
    parent = damaged
    for key in path:
        parent = parent[key]
    if data.draw(st.booleans()):
        parent[last] = data.draw(JSON)
    else:
        del parent[last]
    try:
        schema = rf.Schema.from_json(damaged)
        if schema.fitted:
            schema.encode(ROWS)
    except (ValueError, TypeError, KeyError, AttributeError):
        pass  # what `load` turns into a FormatError


def test_every_kind_shows_itself() -> None:
    shown = repr(FULL)
    assert shown.startswith("Schema(key='sku')\n")
    features: list[Feature] = list(FULL)
    assert all(repr(f)[:40] in shown for f in features)
