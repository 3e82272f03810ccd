"""The same attributes from Arrow, pandas, polars and numpy: dictionaries, chunks, units and time zones."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import recfast as rf
from recfast import _core

from .cases import evaluate

BRANDS = ["acme", None, "blue", "acme", ""]
NUMBERS = [3, None, -1, 3, 2]
TIMES = [datetime(2026, 1, 1, 12), None, datetime(1969, 12, 31), datetime(2026, 1, 1, 12), datetime(2000, 2, 29)]
TAGS = [["a", "b"], None, [], [None, "a"], ["b"]]
UTC = timezone.utc


def check(column: Any, expression: Any, rows: list[int]) -> None:
    attributes = _core.Attributes({"x": column}, ["x"])
    assert np.flatnonzero(evaluate(attributes, expression)).tolist() == rows
    changed = _core.Attributes({"x": column}, ["x"]).with_rows(np.arange(5, 10), {"x": column})
    assert np.flatnonzero(evaluate(changed, expression)).tolist() == rows + [row + 5 for row in rows]


@pytest.mark.parametrize(
    "column",
    [
        BRANDS,
        np.array(BRANDS, object),
        pa.array(BRANDS),
        pa.array(BRANDS, pa.large_string()),
        pa.array(BRANDS, pa.string_view()),
        pa.array(BRANDS).dictionary_encode(),
        pa.chunked_array([BRANDS[:2], [], BRANDS[2:]]),
        pa.chunked_array([pa.array(BRANDS[:2]).dictionary_encode(), pa.array(BRANDS[2:]).dictionary_encode()]),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0, 3]), pa.array(["acme", None, "blue", "", "unused"])),
        pd.Series(BRANDS),
        pd.Series(BRANDS, dtype=object),
        pd.Series(BRANDS, dtype="category"),
        pd.Series(BRANDS, dtype="string"),
        pl.Series(BRANDS),
        pl.Series(BRANDS, dtype=pl.Categorical),
        pl.Series(BRANDS, dtype=pl.Enum(["blue", "acme", ""])),
    ],
    ids=lambda column: f"{type(column).__module__}-{getattr(column, 'type', getattr(column, 'dtype', 'list'))}",
)
def test_strings(column: Any) -> None:
    check(column, rf.col("x") == "acme", [0, 3])
    check(column, ~(rf.col("x") == "acme"), [2, 4])
    check(column, rf.col("x").is_null(), [1])
    check(column, rf.col("x") > "a", [0, 2, 3])


@pytest.mark.parametrize(
    "column",
    [
        NUMBERS,
        pa.array(NUMBERS, pa.int8()),
        pa.array(NUMBERS, pa.float32()),
        pa.array(NUMBERS).dictionary_encode(),
        pa.chunked_array([NUMBERS[:1], NUMBERS[1:]]),
        pa.array([0, *NUMBERS, 7])[1:6],
        pd.Series(NUMBERS),
        pd.Series(NUMBERS, dtype="Int64"),
        pd.Series(NUMBERS, dtype="category"),
        pl.Series(NUMBERS),
        pl.Series(NUMBERS, dtype=pl.Float64),
        np.ma.array([3, 0, -1, 3, 2], mask=[0, 1, 0, 0, 0]),
    ],
    ids=lambda column: f"{type(column).__module__}-{getattr(column, 'type', getattr(column, 'dtype', 'list'))}",
)
def test_numbers(column: Any) -> None:
    check(column, rf.col("x") >= 3, [0, 3])
    check(column, ~(rf.col("x") >= 3), [2, 4])
    check(column, rf.col("x").is_in([2.0, -1]), [2, 4])
    check(column, rf.col("x").is_null(), [1])


@pytest.mark.parametrize(
    "column",
    [
        TIMES,
        np.array(TIMES, "datetime64[us]"),
        np.array(TIMES, "datetime64[h]"),
        pa.array(TIMES, pa.timestamp("s")),
        pa.array(TIMES, pa.timestamp("ns")),
        pa.array(TIMES, pa.timestamp("ms")).dictionary_encode(),
        pd.Series(TIMES),
        pd.Series(TIMES, dtype=object),
        pl.Series(TIMES, dtype=pl.Datetime("ms")),
        pl.Series(TIMES, dtype=pl.Datetime("ns")),
    ],
    ids=lambda column: f"{type(column).__module__}-{getattr(column, 'type', getattr(column, 'dtype', 'list'))}",
)
def test_times(column: Any) -> None:
    x = rf.col("x")
    check(column, x == datetime(2026, 1, 1, 12), [0, 3])
    check(column, x < pd.Timestamp("2026-01-01T11:59:59.999999999"), [2, 4])
    check(column, ~(x < np.datetime64("2026-01-01")), [0, 3])
    check(column, x.between(date(1969, 12, 31), date(2000, 2, 29)), [2, 4])
    check(column, x.is_null(), [1])


def zoned(zone: Any) -> list[Any]:
    return [time and time.replace(tzinfo=UTC).astimezone(zone) for time in TIMES]


@pytest.mark.parametrize(
    "column",
    [
        zoned(UTC),
        zoned(timezone(timedelta(hours=9))),
        pa.array(TIMES, pa.timestamp("us", "Europe/Berlin")),
        pa.array(TIMES, pa.timestamp("ns", "UTC")),
        pd.Series(TIMES).dt.tz_localize("UTC").dt.tz_convert("America/New_York"),
        pd.Series(zoned(UTC), dtype=object),
        pl.Series(TIMES, dtype=pl.Datetime("ms")).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo"),
    ],
    ids=lambda column: f"{type(column).__module__}-{getattr(column, 'type', getattr(column, 'dtype', 'list'))}",
)
def test_times_with_a_zone(column: Any) -> None:
    x = rf.col("x")
    check(column, x == datetime(2026, 1, 1, 12, tzinfo=UTC), [0, 3])
    check(column, x == datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))), [0, 3])
    check(column, x < pd.Timestamp("2026-01-01T13:00", tz="Europe/Berlin"), [2, 4])
    check(column, x.is_null(), [1])


@pytest.mark.parametrize("column", [[*TIMES[:4], datetime(2000, 2, 29, tzinfo=UTC)], [*TIMES[:4], "2000-02-29"]])
def test_times_that_are_of_two_kinds_are_refused(column: Any) -> None:
    with pytest.raises(TypeError, match="'x': expected"):
        _core.Attributes({"x": column}, ["x"])


DAYS = [date(2026, 1, 1), None, date(1969, 12, 31), date(2026, 1, 1), date(2000, 2, 29)]


@pytest.mark.parametrize(
    "column",
    [DAYS, pa.array(DAYS), pa.array(DAYS, pa.date64()), pl.Series(DAYS), np.array(DAYS, "datetime64[D]")],
    ids=lambda column: type(column).__module__,
)
def test_days(column: Any) -> None:
    check(column, rf.col("x") == date(2026, 1, 1), [0, 3])
    check(column, rf.col("x") < datetime(2000, 2, 29, 0, 0, 1), [2, 4])
    check(column, rf.col("x").is_null(), [1])


@pytest.mark.parametrize(
    "column",
    [
        TAGS,
        pa.array(TAGS),
        pa.array(TAGS, pa.large_list(pa.large_string())),
        pa.array(TAGS, pa.list_(pa.dictionary(pa.int32(), pa.string()))),
        pa.chunked_array([TAGS[:2], TAGS[2:]], pa.list_(pa.string())),
        pd.Series(TAGS),
        pl.Series(TAGS),
        pl.Series(TAGS, dtype=pl.List(pl.Categorical)),
    ],
    ids=lambda column: f"{type(column).__module__}-{getattr(column, 'type', getattr(column, 'dtype', 'list'))}",
)
def test_lists(column: Any) -> None:
    check(column, rf.col("x").contains("a"), [0, 3])
    check(column, ~rf.col("x").contains("a"), [2, 4])
    check(column, rf.col("x").is_null(), [1])


@pytest.mark.parametrize("make", [pa.table, pl.DataFrame, pd.DataFrame])
def test_whole_tables(make: Any) -> None:
    table = make({"brand": BRANDS, "price": [1.5, 2.5, None, 4.5, 5.5], "open": [True, False, None, True, True]})
    attributes = _core.Attributes(table)
    expression = (rf.col("price") < 5) & rf.col("brand").is_in(["acme"]) & (rf.col("open") == True)  # noqa: E712
    assert evaluate(attributes, expression).tolist() == [True, False, False, True, False]


def test_against_polars_on_many_rows() -> None:
    rng = np.random.default_rng(5)
    frame = pl.DataFrame(
        {
            "price": rng.choice([1.5, 2.0, 7.25, None], 5000).tolist(),
            "stock": rng.integers(-3, 3, 5000),
            "brand": rng.choice(["a", "b", "c", None], 5000).tolist(),
        },
        schema={"price": pl.Float64, "stock": pl.Int32, "brand": pl.String},
    )
    attributes = _core.Attributes(frame)
    ours = ((rf.col("price") < 5) & ~(rf.col("brand") == "b")) | ~(rf.col("stock") >= 0)
    theirs = ((pl.col("price") < 5) & ~(pl.col("brand") == "b")) | ~(pl.col("stock") >= 0)
    wanted = frame.select(theirs.fill_null(False)).to_series().to_numpy()
    np.testing.assert_array_equal(evaluate(attributes, ours), wanted)
