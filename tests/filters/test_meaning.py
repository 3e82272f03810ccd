"""Every operator on every type of attribute against plain Python, nulls and NaN included."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf
from recfast import _core
from recfast.filters import Expression

from .cases import COLUMNS, Case, conditions_of, evaluate, expected, joined, rows_of, table_of

REPEATS = st.sampled_from([1, 1, 23, 64])  # the last ones fill several blocks


@pytest.mark.parametrize("name", sorted(COLUMNS))
@given(data=st.data())
def test_a_test_means_what_python_says(name: str, data: st.DataObject) -> None:
    rows = data.draw(rows_of(name)) * data.draw(REPEATS)
    case = data.draw(joined(conditions_of(name)))
    attributes = _core.Attributes(table_of(rows, name))
    assert evaluate(attributes, case.expression).tolist() == expected(rows, case.truth)


@given(data=st.data())
def test_conditions_of_different_attributes_are_joined(data: st.DataObject) -> None:
    names = ("flag", "price", "brand", "tags")
    rows = data.draw(rows_of(*names)) * data.draw(REPEATS)
    case: Case = data.draw(joined(st.one_of([conditions_of(name) for name in names])))
    attributes = _core.Attributes(table_of(rows, *names))
    assert evaluate(attributes, case.expression).tolist() == expected(rows, case.truth)
    eligible, counts, _ = attributes.summary(case.expression._core)
    mask = np.array(expected(rows, case.truth), dtype=bool)
    assert eligible == mask.sum()
    assert counts.tolist() == [mask[first : first + 256].sum() for first in range(0, len(rows), 256)]


def found(values: Any, expression: Expression) -> list[int]:
    return np.flatnonzero(evaluate(_core.Attributes({"x": values}), expression)).tolist()


x = rf.col("x")


@pytest.mark.parametrize(
    ("values", "expression", "rows"),
    [
        ([2**53 + 1, 2**53], x < 2.0**53, []),
        ([2**53 + 1, 2**53], x == 2.0**53, [1]),
        ([2**53 + 1, 2**53], x > 2.0**53, [0]),
        ([2.0**53, 2.0**53 + 2], x < 2**53 + 1, [0]),
        ([2.0**53, 2.0**53 + 2], x >= 2**53 + 1, [1]),
        ([1.0, 2.5], x.is_in([2.5, 10**400]), [1]),
        ([1.0, float("inf")], x < 10**400, [0]),
        ([2.0**200, 2.0**201], x == 2**200, [0]),
        ([2.0**200, 2.0**201], x > 2**200 + 1, [1]),
        (np.array([2**64 - 1, 2**63, 5], np.uint64), x >= 2**63, [0, 1]),
        (np.array([2**64 - 1, 2**63, 5], np.uint64), x.is_in([-1, 2**64 - 1]), [0]),
        (np.array([2**64 - 1, 2**63, 5], np.uint64), x > -1, [0, 1, 2]),
        (np.array([2**64 - 1, 2**63, 5], np.uint64), x < 2.0**64, [0, 1, 2]),
        (np.float32([0.1, 0.5]), x == 0.1, []),
        (np.float32([0.1, 0.5]), np.float32(0.1) == x, [0]),
        (np.float16([0.5, np.nan, np.inf]), x > 0, [0, 2]),
        ([True, False, None], x == 1, [0]),
        ([True, False, None], ~(x == 1), [1]),
        ([True, False, None], x < 0.5, [1]),
        ([float("nan"), 1.0, None], ~(x < 0), [1]),
        ([float("nan"), 1.0, None], x.is_null(), [0, 2]),
        ([float("nan"), 1.0, None], (x < 5) | x.is_null(), [0, 1, 2]),
        (["b", "a", None], x.is_in([]), []),
        (["b", "a", None], ~x.is_in([]), [0, 1]),
        (["b", "a", None], x != "a", [0]),
        (["\U0001f600", "\uffee"], x > "\uffee", [0]),
        ([[1, 2], [], None, [None, 2]], x.contains(2), [0, 3]),
        ([[1, 2], [], None, [None, 2]], ~x.contains(2), [1]),
        (np.array([[1, 2], [3, 4]]), x.contains(3.0), [1]),
        ([[2**64 - 1], [5]], x.contains(2**64 - 1), [0]),
        ([list(range(i)) for i in range(300)], x.contains(297), [298, 299]),
        ([date(2026, 1, 2), date(2026, 1, 1)], datetime(2026, 1, 1, 23) >= x, [1]),
        (np.array(["2026-01-01", "NaT"], "datetime64[D]"), datetime(2026, 1, 1) == x, [0]),
        (np.array(["2026-01-01", "NaT"], "datetime64[D]"), x.is_null(), [1]),
        (np.array([1, 999, 1001], "datetime64[ns]"), datetime(1970, 1, 1, microsecond=1) > x, [0, 1]),
        (np.array([1, 999, 1001], "datetime64[ns]"), np.datetime64(999, "ns") == x, [1]),
        (np.array([-1, 0, 1], "datetime64[s]"), np.datetime64(-1, "ns") < x, [1, 2]),
        (np.array([-1, 0, 1], "datetime64[s]"), np.datetime64(-1, "ns") == x, []),
        (np.array(["2026-03", "2025-03"], "datetime64[M]"), np.datetime64("2026", "Y") <= x, [0]),
        (np.array([1, 2], "datetime64[30m]"), np.datetime64("1970-01-01T01:00", "m") == x, [1]),
        (
            [datetime(2026, 1, 1, tzinfo=timezone.utc)],
            datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))) == x,
            [0],
        ),
        ([np.datetime64(5, "ns"), datetime(1970, 1, 1), date(1970, 1, 2), None], np.datetime64(5, "ns") > x, [1]),
    ],
)
def test_values_are_compared_exactly(values: Any, expression: Expression, rows: list[int]) -> None:
    assert found(values, expression) == rows


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 255, 256, 257, 511, 512, 1000])
def test_the_last_block_ends_with_the_last_row(size: int) -> None:
    attributes = _core.Attributes({"x": np.zeros(size), "flag": np.zeros(size, bool), "name": ["a"] * size})
    for expression in (rf.col("x") == 0, ~(rf.col("flag") == 1), ~(rf.col("name") == "b"), ~rf.col("x").is_null()):
        assert evaluate(attributes, expression).tolist() == [True] * size
        assert attributes.summary(expression._core)[0] == size


@given(values=st.lists(st.integers(-40, 40), max_size=300), wanted=st.sets(st.integers(-60, 60), max_size=60))
def test_sets_of_any_size(values: list[int], wanted: set[int]) -> None:
    rows = [i for i, value in enumerate(values) if value in wanted]
    assert found(np.array(values, np.int16), x.is_in(wanted)) == rows
    assert found(np.array(values, np.float32), x.is_in(wanted)) == rows
    assert found([str(value) for value in values], x.is_in({str(value) for value in wanted})) == rows
