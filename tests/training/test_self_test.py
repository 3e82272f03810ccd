from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recfast import FormatError
from recfast.self_test import read_self_test
from recfast_training.self_test import record

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False)


def columns(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | values, min_size=1, max_size=6)


COLUMNS = st.one_of(
    columns(st.booleans()),
    columns(INTS),
    columns(st.integers(2**63, 2**64 - 1)),
    columns(FLOATS),
    columns(TEXT),
    columns(st.lists(st.none() | TEXT)),
    columns(st.lists(INTS)),
    columns(st.dictionaries(TEXT, FLOATS)),
    columns(st.dictionaries(INTS, st.none() | FLOATS)),
)


def replay(entry: Any, tensors: dict[str, Any]) -> Any:
    return read_self_test({"self_test": entry}, tensors)


@given(values=COLUMNS)
def test_columns_come_back_as_they_were(values: list[Any]) -> None:
    scores = np.zeros(len(values), np.float32)
    test = replay(*record({"c": values}, {}, scores))
    assert test.columns["c"] == values
    assert list(map(type, test.columns["c"])) == list(map(type, values))


def test_numpy_values_and_bytes_are_recorded_as_python_values() -> None:
    values = {
        "text": [b"caf\xc3\xa9", "x"],
        "vector": [np.float32([1, 2]), np.float32([3, 4])],
        "count": [{np.str_("a"): np.float32(1)}, {}],
        "mixed": [1, 2.5],
    }
    test = replay(*record(values, {}, np.zeros(2, np.float32)))
    assert test.columns == {
        "text": ["café", "x"],
        "vector": [[1.0, 2.0], [3.0, 4.0]],
        "count": [{"a": 1.0}, {}],
        "mixed": [1.0, 2.5],
    }


@pytest.mark.parametrize("values", [["a", 1], [object()], [["a"], "a"], [2**64], [{"a": 1}, [1]]])
def test_what_cannot_be_recorded_names_the_column(values: list[Any]) -> None:
    with pytest.raises(TypeError, match="column 'c' cannot be recorded"):
        record({"c": values}, {}, np.zeros(len(values), np.float32))


def good() -> tuple[dict[str, Any], dict[str, Any]]:
    rows = {"s": ["a", "bc"], "m": [{"k": 1.0}, None], "l": [[1], [2, 3]]}
    encoded = {"ids": np.array([1, 2]), "x": np.array([0.5, 2.0], np.float32)}
    return record(rows, encoded, np.array([1.0, -3.0], np.float32))


def test_small_differences_of_floats_pass_and_ids_must_be_equal() -> None:
    test = replay(*good())
    test.check_encoded({"ids": np.array([1, 2]), "x": np.array([0.5 + 1e-6, 2.0], np.float32)})
    test.check_scores(np.array([1.0001, -3.0003], np.float32))
    for actual, words in [
        ({"ids": np.array([1, 3]), "x": test.encoded["x"]}, "array 'ids' differs in row 1: it was 2 .* and is 3 here"),
        ({"ids": np.array([1, 2]), "x": np.array([0.5, 2.1], np.float32)}, "array 'x' differs in row 1"),
        ({"ids": np.array([1, 2]), "x": np.array([np.nan, 2.0], np.float32)}, "array 'x' differs in row 0"),
        ({"ids": np.array([1]), "x": test.encoded["x"]}, r"was int64\[2\] when the file was written and is int64\[1\]"),
        ({"ids": np.array([1, 2])}, "expected the encoded arrays"),
    ]:
        with pytest.raises(FormatError, match=words):
            test.check_encoded(actual)
    for scores, words in [(np.array([1.001, -3.0]), "scores differs in row 0"), (np.zeros(3), "expected 2 scores")]:
        with pytest.raises(FormatError, match=words):
            test.check_scores(scores)


def test_a_file_without_recorded_rows_is_refused() -> None:
    with pytest.raises(FormatError, match="self-test: the manifest's entry is a dict"):
        read_self_test({}, {})


def hostile() -> list[Any]:
    def tensor(name: str, value: Any) -> Any:
        return lambda entry, tensors: tensors.update({name: value})

    def column(i: int, value: Any) -> Any:
        return lambda entry, tensors: entry["columns"].__setitem__(i, {"name": "c", "type": value})

    deep: Any = {"kind": "int"}
    for _ in range(50):
        deep = {"kind": "list", "item": deep}
    return [
        tensor("self_test.column.0.offsets", np.array([0, 2, 1])),
        tensor("self_test.column.0.offsets", np.array([1, 2, 3])),
        tensor("self_test.column.0.offsets", np.array([0, 1, 2**62])),
        tensor("self_test.column.2.offsets", np.array([0, 1, 2**40])),
        tensor("self_test.column.0.offsets", np.array([0.0, 1.0, 3.0])),
        tensor("self_test.column.0.bytes", np.array([255, 255, 255], np.uint8)),
        tensor("self_test.column.0.validity", np.zeros(1, np.uint8)),
        tensor("self_test.scores", np.zeros(3, np.float32)),
        tensor("self_test.scores", np.zeros(2, np.float64)),
        tensor("self_test.encoded.ids", np.zeros(3, np.int64)),
        tensor("self_test.encoded.ids", np.int64(3)),
        lambda entry, tensors: tensors.pop("self_test.column.1.key.bytes"),
        lambda entry, tensors: entry.update(rows=-1),
        lambda entry, tensors: entry.update(rows=True),
        lambda entry, tensors: entry.update(rows=2**62),
        lambda entry, tensors: entry.update(columns=3),
        lambda entry, tensors: entry.update(columns=[3]),
        lambda entry, tensors: entry.update(encoded=[3]),
        column(0, None),
        column(0, {"kind": "object"}),
        column(0, {"kind": ["list"]}),
        column(1, {"kind": "map", "key": {"kind": "list", "item": {"kind": "int"}}, "value": {"kind": "float"}}),
        column(2, {"kind": "list"}),
        column(2, deep),
    ]


@pytest.mark.parametrize("change", hostile())
def test_hostile_rows_are_a_format_error(change: Any) -> None:
    entry, tensors = good()
    change(entry, tensors)
    with pytest.raises(FormatError, match="self-test: "):
        replay(entry, tensors)
    with pytest.raises(FormatError):
        replay([], {})
