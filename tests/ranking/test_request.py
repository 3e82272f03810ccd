"""The raw features of one request: every form that they come in, and what is refused."""

from __future__ import annotations

from collections import UserDict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import recfast as rf
from recfast import _core

from ..program.random_programs import Case, inputs_of

SCHEMA = rf.Schema(
    request=[
        rf.Categorical("country", buckets=99),
        rf.Categorical("store", buckets=99, type="int"),
        rf.Numeric("hour", missing_indicator=True),
        rf.Bag("recent", buckets=99),
        rf.Vector("taste", dim=2),
    ],
    pair=[rf.Match("bought", map="counts", key="family")],
    key="sku",
)
RNG = np.random.default_rng(0)
TABLES = ["country", "store", "recent"]
PARTS = [*(f"{name}/e" for name in TABLES), "hour", "hour_missing", "taste", "bought"]
OPS: list[dict[str, Any]] = [
    *({"op": "embedding_bag", "inputs": [n], "output": f"{n}/e", "table": n, "pooling": "mean"} for n in TABLES),
    {"op": "concat", "inputs": PARTS, "output": "x"},
    {"op": "linear", "inputs": ["x"], "output": "y", "weight": "w"},
]
CASE = Case(
    SCHEMA,
    {"inputs": inputs_of(SCHEMA), "ops": OPS, "output": "y"},
    {n: _core.Table(RNG.normal(size=(r, 3)).astype(np.float32), "f32") for n, r in SCHEMA.tables.items()},
    {"w": RNG.normal(size=(1, 14)).astype(np.float32)},
)
EXECUTOR = CASE.executor()
RANKER = _core.Ranker(_core.Catalog(EXECUTOR, {"sku": [1, 2], "family": ["x", None]}))
REQUEST: dict[str, Any] = {
    "country": "de",
    "store": 7,
    "hour": 1.5,
    "recent": ["a", None, "b"],
    "taste": [0.5, -1.0],
    "counts": {"x": 2.0, "y": None},
}


def scores(request: Any) -> list[float]:
    options = {"candidates": [1, 2], "items": None, "k": 2, "exclude": None, "pair": None, "skip_missing": False}
    ids, got, *_ = RANKER.rank(request, **options)
    return [got[list(ids).index(i)] for i in (1, 2)]


EXPECTED = scores(REQUEST)


def test_a_request_scores_as_its_row_does() -> None:
    rows = {name: [value] * 2 for name, value in REQUEST.items()} | {"sku": [1, 2], "family": ["x", None]}
    assert EXECUTOR.score(rows).tolist() == EXPECTED
    missing = dict.fromkeys(REQUEST) | {"taste": [0.0, 0.0]}
    rows = {name: [value] * 2 for name, value in missing.items()} | {"sku": [1, 2], "family": ["x", None]}
    assert EXECUTOR.score(rows).tolist() == scores(missing)


MAP = pa.map_(pa.string(), pa.float64())
FORMS: dict[str, list[Any]] = {
    "country": [np.str_("de"), b"de", pa.scalar("de"), pa.scalar("de", pa.large_string())],
    "store": [np.int8(7), np.uint64(7), pa.scalar(7), True + 6],
    "hour": [np.float32(1.5), np.float64(1.5), Decimal("1.5"), pa.scalar(1.5)],
    "recent": [
        ("a", None, "b"),
        np.array(["a", None, "b"], object),
        np.array(["a", "b"]),
        pa.scalar(["a", "b"]),
        pa.array(["a", None, "b"]),
        pa.chunked_array([["a", None, "b"]]),
        pa.array([["a", None, "b"]]),
        pa.array(["a", "b"]).dictionary_encode(),
        pl.Series(["a", None, "b"]),
        pl.Series([["a", "b"]]),
        pd.Series(["a", None, "b"]),
        pd.Series(["a", "b"], dtype="category"),
        [pa.scalar("a"), pa.scalar("b")],
    ],
    "taste": [
        (0.5, -1),
        np.array([0.5, -1], ">f4"),
        np.array([0.5, 9, -1])[::2],
        pa.array([0.5, -1.0]),
        pa.array([[0.5, -1.0]], pa.list_(pa.float32(), 2)),
        pl.Series([0.5, -1.0]),
        pd.Series([0.5, -1.0]),
    ],
    "counts": [
        [("x", 2.0)],
        [("y", 1), ("x", 9), ("x", 2), ("y", None)],
        {"x": np.float32(2)},
        {"x": 2, "q": True},
        {pa.scalar("x"): pa.scalar(2)},
        pa.array([[("x", 2.0)]], MAP),
        pa.scalar([("x", 2.0)], MAP),
    ],
}


@pytest.mark.parametrize(("name", "values"), FORMS.items())
def test_a_value_in_other_forms(name: str, values: list[Any]) -> None:
    for value in values:
        assert scores({**REQUEST, name: value}) == EXPECTED, type(value)


def test_the_request_in_other_forms() -> None:
    for request in (MappingProxyType(REQUEST), UserDict(REQUEST), pd.Series(REQUEST, dtype=object)):
        assert scores(request) == EXPECTED
    row = {name: [value] for name, value in REQUEST.items()}
    row["counts"] = pa.array([list(REQUEST["counts"].items())], pa.map_(pa.string(), pa.float64()))
    table = pa.table(row)
    for request in (table, table.to_batches()[0], pa.concat_tables([table, table, table]).slice(1, 1)):
        assert scores(request) == EXPECTED
    frame = pd.DataFrame({name: pd.Series([value], dtype=object) for name, value in REQUEST.items()})
    assert scores(frame) == EXPECTED
    with pytest.raises(ValueError, match="a request is one row, got a table of 2; rank once per row"):
        scores(pa.concat_tables([table, table]))
    with pytest.raises(ValueError, match="a request is one row, got a table of 0"):
        scores(table.slice(1))


@pytest.mark.parametrize("name", ["hour", "country", "store", "recent", "counts"])
def test_none_is_missing(name: str) -> None:
    assert scores({**REQUEST, name: None}) != EXPECTED


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"colour": 1},
            ValueError,
            "unknown feature 'colour' in the request; it has 'country', 'store', 'hour', 'rece",
        ),
        ({"sku": 1}, ValueError, "unknown feature 'sku' in the request"),
        ({"country": 1}, TypeError, "feature 'country': expected strings, got Python ints"),
        ({"country": ["de"]}, TypeError, "feature 'country': expected strings, got Python lists"),
        ({"country": "\ud800"}, ValueError, "column 'country': row 0 holds an unpaired surrogate"),
        ({"store": 1.0}, TypeError, "feature 'store': expected integers, got Python floats"),
        ({"store": 2**64}, ValueError, "column 'store': row 0 holds an integer outside of"),
        (
            {"hour": "1"},
            TypeError,
            "feature 'hour': expected numbers, got Python strings; convert the values with float",
        ),
        ({"recent": "a"}, TypeError, "feature 'recent': expected lists of strings, got Python strings; put a single"),
        ({"recent": {"a"}}, TypeError, "feature 'recent': expected lists of strings, got Python objects of type set"),
        ({"recent": [1]}, TypeError, "feature 'recent': expected strings, got Python ints"),
        ({"taste": None}, ValueError, "feature 'taste': row 0 is null; a vector has 2 finite numbers"),
        ({"taste": [1.0]}, ValueError, "feature 'taste': row 0 has 1 numbers"),
        ({"taste": [1.0, np.nan]}, ValueError, "feature 'taste': row 0 holds a null, NaN or infinity at position 1"),
        ({"counts": {1: 2.0}}, TypeError, "feature 'bought': expected strings as keys of 'counts', got Python ints"),
        ({"counts": {"x": "2"}}, TypeError, "feature 'bought': expected numbers as values of 'counts', got Python str"),
        ({"counts": [1.0]}, TypeError, "feature 'bought': expected maps from key to number in 'counts'"),
        ({1: 1}, TypeError, "a column's name is a str, got int|a feature's name is a str, got int"),
        ({"\ud800": 1}, ValueError, "holds an unpaired surrogate"),
    ],
)
def test_wrong_values_name_the_feature(change: dict[Any, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        scores({**REQUEST, **change})


@pytest.mark.parametrize("name", list(REQUEST))
def test_missing_features_are_named(name: str) -> None:
    feature = "bought" if name == "counts" else name
    request = {other: value for other, value in REQUEST.items() if other != name}
    with pytest.raises(
        ValueError, match=f"feature '{feature}': the column '{name}' is missing; the columns given are '"
    ):
        scores(request)


@pytest.mark.parametrize("request_", [None, [("country", "de")], "country", 1])
def test_a_request_is_a_mapping(request_: Any) -> None:
    with pytest.raises(TypeError, match="a request is a dict from feature to value"):
        scores(request_)
