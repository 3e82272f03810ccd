from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recfast as rf

from .definitions import encode_one
from .sources import ROWS, SCHEMA, assert_encodes, with_column

SHOP = rf.Categorical("b", buckets=10**6, type="int")

TYPES: dict[str, list[str]] = {
    "recent": ["object"],
    "visits": ["object"],
    "counts": ["object"],
    "brand": ["object", "string", "category", "string[pyarrow]", "str"],
    "shop": ["object", "Int64", "int64[pyarrow]"],
    "open": ["object", "boolean", "bool[pyarrow]"],
    "price": ["object", "float64", "Float64", "double[pyarrow]"],
    "age": ["object", "float64", "float32"],
    "image": ["object"],
    "family": ["object", "category"],
}


def series(name: str, kind: str) -> Any:
    return pd.Series(ROWS[name], dtype=object).astype(kind)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in TYPES.items() for kind in kinds])
def test_every_type_whole_and_sliced(name: str, kind: str) -> None:
    column = series(name, kind)
    assert_encodes(with_column(name, column))
    assert_encodes(with_column(name, pd.concat([column, column, column]).iloc[5:10]))
    assert_encodes(with_column(name, column.iloc[::-1].iloc[::-1]))
    assert_encodes(with_column(name, pd.Index(column)) if name not in ("recent", "visits", "counts", "image") else ROWS)


@pytest.mark.parametrize("place", [0, -1])
def test_frames(place: int) -> None:
    frame = pd.DataFrame({name: series(name, kinds[place]) for name, kinds in TYPES.items()})
    assert_encodes(frame)
    assert_encodes(frame.set_index(pd.Index(list("abcde"), name="label")))
    assert_encodes(pd.concat([frame, frame]).iloc[5:])
    assert_encodes({name: frame[name] for name in frame})


def test_columns_that_the_schema_does_not_name_may_hold_anything() -> None:
    schema = rf.Schema(item=[rf.Numeric("price")], key="sku")
    frame = pd.DataFrame({"price": [1.0, 2.0], "mixed": [1, "a"], "object": [object(), None], "sets": [{1}, set()]})
    assert schema.encode(frame)["price"].tolist() == [1.0, 2.0]


def test_pandas_works_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({name: series(name, kinds[0]) for name, kinds in TYPES.items()})
    frame["brand"] = pd.Categorical(ROWS["brand"])
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert_encodes(frame)


def test_nulls_of_every_kind() -> None:
    expected = encode_one(rf.Categorical("b", buckets=99), [None, None, None, "a"]).tolist()
    values = np.array([None, np.nan, pd.NA, "a"], dtype=object)
    assert encode_one(rf.Categorical("b", buckets=99), values).tolist() == expected
    assert encode_one(rf.Categorical("b", buckets=99), list(values)).tolist() == expected
    assert encode_one(rf.Numeric("b"), [None, np.nan, pd.NA, pd.NaT, 2.0]).tolist() == [0, 0, 0, 0, 2.0]


def test_float_ids_from_nulls_are_refused_with_the_remedy() -> None:
    column = pd.Series([1, None, 3])
    assert column.dtype == np.float64
    with pytest.raises(TypeError, match=r"feature 'b': expected integers, got .*float64; .* use .astype\('Int64'\)"):
        encode_one(SHOP, column)
    assert encode_one(SHOP, column.astype("Int64")).tolist() == encode_one(SHOP, [1, None, 3]).tolist()


@pytest.mark.parametrize("kind", ["datetime64[ns]", "timedelta64[ns]"])
def test_other_types_are_refused(kind: str) -> None:
    with pytest.raises(TypeError, match="feature 'b': expected integers, got "):
        encode_one(SHOP, pd.Series([1], dtype=kind))


def test_a_column_name_twice_is_refused() -> None:
    frame = pd.DataFrame([[1.0, 2.0]], columns=["price", "price"])
    with pytest.raises((ValueError, TypeError), match="price"):
        rf.Schema(item=[rf.Numeric("price")], key="sku").encode(frame)


def test_the_schema_of_all_kinds_is_what_is_tested() -> None:
    assert set(TYPES) == {*SCHEMA.request_columns, *SCHEMA.item_columns} - {"sku"}
