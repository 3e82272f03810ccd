from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import recfast as rf

from .definitions import encode_one
from .sources import ROWS, SCHEMA, assert_encodes, with_column

TYPES: dict[str, list[Any]] = {
    "recent": [pl.List(pl.String), pl.List(pl.Categorical)],
    "visits": [pl.List(pl.Int64)],
    "brand": [pl.String, pl.Categorical, pl.Enum(["acme", "", "\U0001f600 at more than twelve bytes", "a\0b"])],
    "shop": [pl.Int64],
    "open": [pl.Boolean, pl.UInt8],
    "price": [pl.Float64],
    "age": [pl.Float64, pl.Float32],
    "image": [pl.List(pl.Float64), pl.Array(pl.Float32, 2)],
    "family": [pl.String, pl.Categorical],
}


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in TYPES.items() for kind in kinds], ids=str)
def test_every_type_whole_sliced_and_in_chunks(name: str, kind: Any) -> None:
    values = [None if v is None else int(v) for v in ROWS[name]] if kind == pl.UInt8 else ROWS[name]
    series = pl.Series(name, values, dtype=kind)
    chunked = pl.concat([series.slice(0, 2), series.slice(2)], rechunk=False)
    assert chunked.n_chunks() == 2
    for column in (series, chunked, pl.concat([series, series, series]).slice(5, 5), series.to_list()):
        assert_encodes(with_column(name, values if isinstance(column, list) and kind == pl.UInt8 else column))


def test_a_frame_and_its_slice() -> None:
    frame = pl.DataFrame({name: pl.Series(ROWS[name], dtype=kinds[0]) for name, kinds in TYPES.items()})
    schema = rf.Schema(request=SCHEMA.request, item=SCHEMA.item, key="sku")
    expected = schema.encode(ROWS)
    assert_encodes(frame, expected, schema)
    assert_encodes(pl.concat([frame, frame, frame], rechunk=False).slice(5, 5), expected, schema)
    assert all(len(array) == 0 for array in schema.encode(frame.clear()).values())


def test_dicts_of_polars_are_structs_and_the_remedy_is_named() -> None:
    frame = pl.DataFrame({"counts": [{"x": 1.0}], "family": ["x"]})
    schema = rf.Schema(pair=SCHEMA.pair, key="sku")
    with pytest.raises(
        TypeError, match=r"feature 'bought': expected maps .* got Arrow struct; give dicts in a list or an"
    ):
        schema.encode(frame)
    assert schema.encode({**frame.to_dict(), "counts": frame["counts"].to_list()})["bought"].tolist() == [1.0]


def test_a_lazy_frame_is_no_table() -> None:
    with pytest.raises(TypeError, match=r"rows: expected a table .* got LazyFrame"):
        SCHEMA.encode(pl.LazyFrame({"a": [1]}))


@pytest.mark.parametrize("kind", [pl.Date, pl.Datetime, pl.Duration, pl.Float64, pl.Decimal(5, 1)])
def test_other_types_are_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match="feature 'b': expected integers, got Arrow"):
        encode_one(rf.Categorical("b", buckets=9, type="int"), pl.Series([1]).cast(kind))
