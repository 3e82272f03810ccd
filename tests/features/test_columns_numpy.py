"""numpy arrays: number types, strides, byte order, alignment, objects, masks, structures."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import recfast as rf

from .definitions import encode_one, strings
from .sources import ROWS, assert_encodes, with_column

NUMBERS = st.one_of(hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes(sizes=(16, 32, 64)))
PRICE = rf.Numeric("b", missing_indicator=True)
SHOP = rf.Categorical("b", buckets=10**9, type="int")


def layouts(array: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """The same values, otherwise in memory."""
    strided = np.zeros(3 * len(array), array.dtype)[::3]
    strided[:] = array
    misaligned = np.frombuffer(b"\0" + array.tobytes(), array.dtype, offset=1)
    swapped = array.astype(array.dtype.newbyteorder())
    reverse = array[::-1].copy()[::-1]
    frozen = array.copy()
    frozen.flags.writeable = False
    return [strided, misaligned, swapped, reverse, frozen, array.view(np.recarray), array.astype(object)]


@settings(max_examples=40)
@given(array=hnp.arrays(NUMBERS, st.integers(0, 20)))
def test_number_types_strides_byte_order_and_alignment(array: npt.NDArray[Any]) -> None:
    expected = encode_one(PRICE, array.tolist()).tolist()
    for same in [array, *layouts(array)]:
        assert encode_one(PRICE, same).tolist() == expected


@settings(max_examples=40)
@given(array=hnp.arrays(st.one_of(hnp.integer_dtypes(), hnp.unsigned_integer_dtypes()), st.integers(0, 20)))
def test_integers_hash_alike_in_every_width(array: npt.NDArray[Any]) -> None:
    expected = encode_one(SHOP, array.tolist()).tolist()
    for same in [array, *layouts(array)]:
        assert encode_one(SHOP, same).tolist() == expected


@given(values=st.lists(strings, max_size=8))
def test_strings_of_every_numpy_kind(values: list[str]) -> None:
    plain = [v.rstrip("\0") for v in values]  # numpy cuts them off
    expected = encode_one(rf.Categorical("b", buckets=10**9), plain).tolist()
    made = [
        np.array(plain, dtype=object),
        np.array(plain, dtype=str),
        np.array([v.encode() for v in plain], dtype=bytes),
    ]
    if hasattr(np.dtypes, "StringDType"):
        made.append(np.array(plain, dtype=np.dtypes.StringDType()))
    for array in made if plain else made[:1]:
        assert encode_one(rf.Categorical("b", buckets=10**9), array).tolist() == expected


def test_every_column_as_an_array() -> None:
    objects = {}
    for name, values in ROWS.items():
        objects[name] = np.empty(len(values), dtype=object)
        objects[name][:] = values
    assert_encodes(objects)
    assert_encodes(with_column("image", np.array(ROWS["image"])))
    assert_encodes(with_column("image", np.asfortranarray(ROWS["image"], dtype=">f4")))
    assert_encodes(with_column("price", np.array(ROWS["price"], dtype=np.float64)))


def test_masked_values_are_null() -> None:
    mask = [False, True, False]
    assert encode_one(SHOP, np.ma.masked_array([1, 2, 3], mask)).tolist() == encode_one(SHOP, [1, None, 3]).tolist()
    assert encode_one(PRICE, np.ma.masked_array([1.0, 2.0, 3.0], mask)).tolist() == [1.0, 0.0, 3.0]
    bags = np.ma.masked_array([[1, 2], [3, 4]], [[False, True], [False, False]])
    schema = rf.Schema(item=[rf.Bag("b", buckets=9, type="int")], key="sku")
    assert schema.encode({"b": bags})["b_mask"].tolist() == [[True, False], [True, True]]


def test_a_structured_array_is_a_table() -> None:
    rows = np.array([(1, 2.5), (3, 4.5)], dtype=[("shop", "i1"), ("price", "<f8")])
    schema = rf.Schema(item=[rf.Categorical("shop", buckets=99, type="int"), rf.Numeric("price")], key="sku")
    got = schema.encode(rows)
    assert got["price"].tolist() == [2.5, 4.5]
    assert got["shop"].tolist() == schema.encode({"shop": [1, 3], "price": [0, 0]})["shop"].tolist()


@pytest.mark.parametrize(
    ("array", "described"),
    [
        (np.array(["2026-01-01"], "datetime64[D]"), r"numpy datetime64\[D\]"),
        (np.array([1], "timedelta64[s]"), r"numpy timedelta64\[s\]"),
        (np.array([1j]), "numpy complex128"),
        (np.array([1.0], np.longdouble), f"numpy {np.dtype(np.longdouble)}"),
        (np.zeros(1, [("x", "f4")]), r"numpy \[\('x', '<f4'\)\]"),
        (np.zeros((1, 2)), r"lists \(a 2-d numpy array\)"),
    ],
)
def test_other_types_are_refused(array: Any, described: str) -> None:
    with pytest.raises(TypeError, match=f"feature 'b': expected numbers, got {described}"):
        encode_one(PRICE, array)


@pytest.mark.parametrize("shape", [(), (1, 1, 1)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="column 'b': expected a numpy array of one dimension"):
        encode_one(PRICE, np.zeros(shape))


def test_floats_are_no_ids() -> None:
    with pytest.raises(TypeError, match=r"expected integers, got numpy float64; .*use .astype\('Int64'\)"):
        encode_one(SHOP, np.array([1.0, np.nan]))
