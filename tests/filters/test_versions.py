"""Versions: changed and appended rows, selections, and what the cache evaluates again."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf
from recfast import _core

from .cases import COLUMNS, conditions_of, evaluate, expected, joined, rows_of, table_of

NAMES = tuple(sorted(COLUMNS))
SOME = st.sampled_from([1, 30, 100])


@given(data=st.data())
def test_a_version_is_what_its_rows_would_give(data: st.DataObject) -> None:
    typed = dict.fromkeys(NAMES) | {"big": 2**64 - 1}  # other types become known later
    rows = [typed] + data.draw(rows_of(*NAMES, max_size=6)) * data.draw(SOME)
    case = data.draw(joined(st.one_of([conditions_of(name) for name in NAMES])))
    attributes = _core.Attributes(table_of(rows, *NAMES))
    kept = attributes
    before = expected(rows, case.truth)
    for _ in range(data.draw(st.integers(1, 3))):
        assert evaluate(attributes, case.expression).tolist() == expected(rows, case.truth)
        changes = data.draw(rows_of(*NAMES, max_size=5)) * data.draw(SOME)
        replaced = data.draw(st.integers(0, min(len(rows), len(changes))))
        places = np.random.default_rng(replaced).permutation(len(rows))[:replaced].tolist()
        places += range(len(rows), len(rows) + len(changes) - replaced)
        attributes = attributes.with_rows(np.array(places, np.int64), table_of(changes, *NAMES))
        rows = rows + [{}] * (len(changes) - replaced)
        for place, row in zip(places, changes, strict=True):
            rows[place] = row
        assert len(attributes) == len(rows)
    assert evaluate(attributes, case.expression).tolist() == expected(rows, case.truth)
    assert evaluate(kept, case.expression).tolist() == before
    chosen = list(range(0, len(rows), 2))
    attributes = attributes.selected(np.array(chosen, np.int64))
    assert evaluate(attributes, case.expression).tolist() == expected([rows[i] for i in chosen], case.truth)


def make(rows: int) -> _core.Attributes:
    return _core.Attributes({"price": np.arange(float(rows)), "brand": [f"b{i % 10}" for i in range(rows)]})


def change(attributes: _core.Attributes, row: int, price: float, brand: str | None) -> _core.Attributes:
    return attributes.with_rows(np.array([row]), {"price": [price], "brand": [brand]})


def test_only_changed_blocks_are_evaluated_again() -> None:
    expression = ((rf.col("price") < 0) | (rf.col("brand") == "new"))._core
    first = make(2000)
    assert first.summary(expression)[2] == 8
    second = change(change(first, 300, 5.0, "new"), 2000, -1.0, None)
    eligible, counts, evaluated = second.summary(expression)
    assert (eligible, counts.tolist(), evaluated) == (2, [0, 1, 0, 0, 0, 0, 0, 1], 2)
    assert np.flatnonzero(second.evaluate(expression)).tolist() == [300, 2000]
    assert second.summary(expression)[2] == 2  # of the version, which is not evaluated again
    assert first.summary(expression)[2] == 2  # an old version shares what the new one knows
    assert not first.evaluate(expression).any()
    assert second.summary(((rf.col("price") < 0) | (rf.col("brand") == "new"))._core)[2] == 2


def test_blocks_that_are_copied_together_are_not_evaluated_again() -> None:
    expression = (rf.col("price") < 0)._core
    attributes = make(10 * 256)
    attributes.summary(expression)
    for block in (7, 0, 3, 8, 1, 9, 2, 4):  # what is left of the memory that came first is copied on the way
        attributes = change(attributes, 256 * block + 5, -1.0, "new")
        assert attributes.summary(expression)[2] == 1
    assert np.flatnonzero(attributes.evaluate(expression)).tolist() == [
        256 * block + 5 for block in (0, 1, 2, 3, 4, 7, 8, 9)
    ]
    assert evaluate(attributes, rf.col("price") == 256 * 5 + 9).sum() == 1


def test_attributes_of_more_rows_than_are_written_together() -> None:
    size = 2 * 1024 * 256 + 300
    prices, tags = np.arange(float(size)), pa.array([["a"], [], None, ["b", "a"]] * (size // 4))
    brands = pa.array([f"b{i}" for i in range(100)] * (size // 100 + 1))[:size].dictionary_encode()
    attributes = _core.Attributes({"price": prices, "tags": tags, "brand": brands})
    rows = np.arange(size)
    assert len(attributes) == size
    np.testing.assert_array_equal(evaluate(attributes, rf.col("price") >= size - 400), rows >= size - 400)
    np.testing.assert_array_equal(evaluate(attributes, rf.col("tags").contains("a")), np.isin(rows % 4, (0, 3)))
    np.testing.assert_array_equal(evaluate(attributes, rf.col("brand") == "b7"), rows % 100 == 7)
    chosen = attributes.selected(rows[::-1])
    np.testing.assert_array_equal(evaluate(chosen, rf.col("price") >= size - 400), rows < 400)
    np.testing.assert_array_equal(evaluate(chosen, rf.col("tags").contains("a")), np.isin(rows[::-1] % 4, (0, 3)))
    np.testing.assert_array_equal(evaluate(chosen, rf.col("brand") == "b7"), rows[::-1] % 100 == 7)
    numbers = _core.Attributes({"x": np.zeros(size, np.int64)})
    wrong = np.zeros(size, np.uint64)
    wrong[size - 2] = 2**63
    with pytest.raises(ValueError, match=rf"'x': row {size - 2} holds {2**63}; the attribute is of int64"):
        numbers.with_rows(rows, {"x": wrong})


def test_more_expressions_than_the_cache_holds() -> None:
    attributes = make(1000)
    for _ in range(2):
        for i in range(100):
            assert attributes.summary((rf.col("price") < i)._core)[0] == i
            assert attributes.summary((rf.col("price") < 50)._core)[0] == 50
    changed = change(attributes, 0, 1000.0, "b0")
    assert changed.summary((rf.col("price") < 50)._core)[2] == 1
    assert changed.summary((rf.col("price") < 5)._core)[2] == 4  # it had to make place


def test_orderings_of_strings_learn_new_entries() -> None:
    attributes = make(300)
    expression = ((rf.col("brand") > "b5") & (rf.col("brand") <= "c"))._core
    assert attributes.summary(expression)[0] == 120
    changed = change(change(attributes, 0, 0.0, "b77"), 1, 0.0, "d")
    assert np.flatnonzero(changed.evaluate(expression)).tolist()[:3] == [0, 6, 7]
    assert attributes.summary(expression)[0] == 120


def test_types_become_known() -> None:
    empty = _core.Attributes({"x": [], "tags": [], "when": []})
    rows = empty.with_rows(np.arange(2), {"x": [None, None], "tags": [[], None], "when": [None, None]})
    assert rows.types == {"x": "null", "tags": "list of null", "when": "null"}
    known = rows.with_rows(
        np.array([1, 2]), {"x": [1.5, None], "tags": [["a"], []], "when": [None, datetime(2026, 1, 1)]}
    )
    assert known.types == {"x": "float64", "tags": "list of string", "when": "datetime64[us]"}
    assert evaluate(known, rf.col("x") > 1).tolist() == [False, True, False]
    assert evaluate(known, ~rf.col("tags").contains("a")).tolist() == [True, False, True]
    assert evaluate(known, rf.col("when").is_null()).tolist() == [True, True, False]
    assert evaluate(rows, ~rf.col("tags").contains("a")).tolist() == [True, False]


@pytest.mark.parametrize(
    ("have", "more", "value"),
    [
        ([1.5], [2], 2),
        ([1.5], np.array([2**53], np.uint64), 2**53),
        (np.array([1], np.uint64), [2], 2),
        ([1], np.array([2], np.uint64), 2),
        ([2**63], [7], 7),
        (np.array([1], "datetime64[ns]"), [datetime(2026, 1, 1)], datetime(2026, 1, 1)),
        (np.array([1], "datetime64[s]"), np.array([5], "datetime64[D]"), np.datetime64(5, "D")),
        ([True], [None], None),
    ],
)
def test_rows_of_another_type_are_converted_exactly(have: Any, more: Any, value: Any) -> None:
    attributes = _core.Attributes({"x": have}).with_rows(np.array([1]), {"x": more})
    expression = rf.col("x").is_null() if value is None else rf.col("x") == value
    assert evaluate(attributes, expression).tolist() == [False, True]


@pytest.mark.parametrize(
    ("have", "more", "error", "message"),
    [
        ([1], [1.5], TypeError, "'x' is of int64, the rows have float64"),
        ([1], ["a"], TypeError, "'x' is of int64, the rows have string"),
        ([1], [True], TypeError, "'x' is of int64, the rows have bool"),
        (["a"], [["a"]], TypeError, "'x' is of string, the rows have list of string"),
        ([["a"]], [[1]], TypeError, "'x' is of list of string, the rows have list of int64"),
        ([1], [{}], TypeError, "'x': expected booleans, numbers"),
        ([1], [2**63], ValueError, f"'x': row 0 holds {2**63}; the attribute is of int64"),
        ([2**63], [-5], ValueError, "'x': row 0 holds -5; the attribute is of uint64"),
        ([1.5], [2**53 + 1], ValueError, "'x': row 0 holds an integer that float64"),
        (np.array([1], "datetime64[s]"), np.array([1], "datetime64[ns]"), ValueError, r"'x': row 0.*datetime64\[s\]"),
        (
            [datetime(2026, 1, 1)],
            [datetime(2026, 1, 1, tzinfo=timezone.utc)],
            TypeError,
            r"datetime64\[us\].*datetime64\[us, UTC\]",
        ),
    ],
)
def test_rows_of_the_wrong_type_are_refused(have: Any, more: Any, error: type[Exception], message: str) -> None:
    attributes = _core.Attributes({"x": have})
    with pytest.raises(error, match=message):
        attributes.with_rows(np.array([0]), {"x": more})
    assert len(attributes) == len(have)


@pytest.mark.parametrize(
    ("rows", "values", "message"),
    [
        ([0, 0], [1, 2], "row 0 comes twice"),
        ([3, 3], [1, 2], "row 3 comes twice"),
        ([4], [1], "row 3 is missing before row 4"),
        ([-1], [1], "negative"),
        ([0], [1, 2], "2 rows, for 1 places"),
    ],
)
def test_rows_that_make_no_sense_are_refused(rows: list[int], values: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _core.Attributes({"x": [1, 2, 3]}).with_rows(np.array(rows), {"x": values})
    with pytest.raises(ValueError, match="row 3 is not there"):
        _core.Attributes({"x": [1, 2, 3]}).selected(np.array([3]))


def test_missing_columns_and_attributes_by_name() -> None:
    table = {"x": [1], "map": [{"a": 1}], "image": np.zeros((1, 2)), "y": ["b"], "wild": [-1]}
    assert list(_core.Attributes(table).types) == ["x", "y", "wild"]
    assert list(_core.Attributes(table, ["y"]).types) == ["y"]
    assert len(_core.Attributes(table, [])) == 1
    with pytest.raises(TypeError, match=r"'image'.*numpy float64"):
        _core.Attributes(table, ["x", "image"])
    with pytest.raises(TypeError, match=r"'w'.*below 0"):
        _core.Attributes({"w": [-1, 2**63]}, ["w"])
    with pytest.raises(ValueError, match=r"'z'.*'x', 'map'"):
        _core.Attributes(table, ["z"])
    with pytest.raises(ValueError, match="'x' comes twice"):
        _core.Attributes(table, ["x", "x"])
    with pytest.raises(ValueError, match=r"'y': the column is missing.*'x'"):
        _core.Attributes(table, ["x", "y"]).with_rows(np.array([0]), {"x": [1]})


def test_a_selection_forgets_the_strings_that_are_gone() -> None:
    attributes = _core.Attributes({"name": [f"name {i:050}" for i in range(5000)]})
    few = attributes.selected(np.arange(10))
    assert few.size_bytes < attributes.size_bytes / 4
    assert evaluate(few, rf.col("name") == f"name {9:050}").tolist() == [False] * 9 + [True]
