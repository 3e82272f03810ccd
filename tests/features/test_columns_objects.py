"""Lists, tuples and other sequences of Python objects."""

from __future__ import annotations

import decimal
import enum
import fractions
from collections import UserDict, deque
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import recfast as rf

from .definitions import encode_one
from .sources import ROWS, SCHEMA, assert_encodes, with_column

BRAND = rf.Categorical("b", buckets=1000)
SHOP = rf.Categorical("b", buckets=1000, type="int")
PRICE = rf.Numeric("b")


class Colour(str, enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    SMALL = 1


class Text(str):
    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        raise AssertionError("not asked")


class Whole(int):
    def __index__(self) -> int:
        raise AssertionError("not asked")


def test_tuples_and_slices_of_converted_tables() -> None:
    assert_encodes({name: tuple(column) for name, column in ROWS.items()})
    assert_encodes(MappingProxyType(ROWS))
    assert_encodes(UserDict(ROWS))
    assert_encodes(rf._core.Columns(ROWS))
    part = {name: values[1:4] for name, values in ROWS.items()}
    assert_encodes(rf._core.Columns(ROWS).slice(1, 4), SCHEMA.encode(part))


@pytest.mark.parametrize(
    ("feature", "values", "plain"),
    [
        (BRAND, [Colour.RED, Text("a"), np.str_("b"), b"c"], ["red", "a", "b", "c"]),
        (BRAND, deque(["a", None]), ["a", None]),
        (BRAND, [None, float("nan"), "a", float("nan")], [None, None, "a", None]),
        (SHOP, range(3), [0, 1, 2]),
        (SHOP, [Size.SMALL, Whole(7), np.int8(-1), np.uint64(2**64 - 1)], [1, 7, -1, 2**64 - 1]),
        (SHOP, [True, np.True_, 5], [1, 1, 5]),
        (SHOP, [True, None, np.False_], [1, None, 0]),
        (
            PRICE,
            [decimal.Decimal("1.5"), fractions.Fraction(1, 4), np.float16(2), np.float32(0.1)],
            [1.5, 0.25, 2, 0.1],
        ),
        (PRICE, [True, 2, 3.5, np.int64(4), np.True_], [1.0, 2.0, 3.5, 4.0, 1.0]),
    ],
)
def test_relatives_of_str_int_and_float(feature: Any, values: Any, plain: list[Any]) -> None:
    assert encode_one(feature, values).tolist() == encode_one(feature, plain).tolist()


@pytest.mark.parametrize("value", [1j, np.complex64(1), np.datetime64("2026-01-01"), object(), {1}, bytearray(b"a")])
@pytest.mark.parametrize("feature", [BRAND, SHOP, PRICE])
def test_other_objects_are_refused_by_their_type(feature: Any, value: Any) -> None:
    with pytest.raises(
        TypeError, match=f"feature 'b': expected .*, got Python objects of type .*{type(value).__name__}"
    ):
        encode_one(feature, [value])


def test_a_generator_is_no_column() -> None:
    with pytest.raises(TypeError, match=r"column 'b': expected an Arrow column, .* got generator"):
        encode_one(PRICE, (x for x in [1.0]))


def test_lists_may_be_nested_in_anything_that_is_a_list() -> None:
    image = [np.array([0.0, 1.0]), (0.5, -2.0), [3.0, 4.0], np.array([5, 6], np.int8), np.array([7, 8], np.float32)]
    assert_encodes(with_column("image", image))
    recent: list[Any] = [np.array(["acme", "", None], object), (), None, *ROWS["recent"][3:]]
    assert_encodes(with_column("recent", recent))


def test_maps_as_pairs() -> None:
    pairs = [None if m is None else list(m.items()) for m in ROWS["counts"]]
    assert_encodes(with_column("counts", pairs))
    assert_encodes(with_column("counts", [pairs[1], *ROWS["counts"][1:]]) | {"counts": [ROWS["counts"][0], *pairs[1:]]})


def test_a_pair_of_three_is_no_map() -> None:
    with pytest.raises(TypeError, match="column 'counts': row 1 is neither a dict nor"):
        SCHEMA.encode(with_column("counts", [{"x": 1.0}, [("x", 1.0, 2.0)], None, None, None]))


@pytest.mark.parametrize("column", [["\ud800"], [["\ud800"]], [{"\ud800": 1.0}]])
def test_surrogates_are_refused_wherever_they_stand(column: Any) -> None:
    name = {str: "brand", list: "recent", dict: "counts"}[type(column[0])]
    rows = {name: values[:1] for name, values in ROWS.items()} | {name: column}
    with pytest.raises(ValueError, match=f"column '{name}': row 0 holds an unpaired surrogate"):
        SCHEMA.encode(rows)
