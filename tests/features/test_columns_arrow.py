"""Arrow through the PyCapsule interface: every layout of the same values, sliced, chunked and dictionary-encoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf

from .definitions import columns_of, encode_one, int64s, item_schema, strings
from .sources import ROWS, SCHEMA, assert_encodes, with_column

Reshape = Callable[[pa.Array], Any]
BRAND = rf.Categorical("b", buckets=10**9)

TYPES = {
    "recent": [pa.list_(pa.string()), pa.large_list(pa.large_string()), pa.list_(pa.string_view())],
    "visits": [pa.list_(pa.int64()), pa.large_list(pa.int64())],
    "counts": [pa.map_(pa.string(), pa.float64()), pa.map_(pa.large_string(), pa.float64())],
    "brand": [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()],
    "shop": [pa.int64()],
    "open": [pa.bool_(), pa.int8()],
    "price": [pa.float64()],
    "age": [pa.float64(), pa.float32(), pa.float16()],
    "image": [pa.list_(pa.float64()), pa.list_(pa.float32(), 2), pa.large_list(pa.float16())],
    "family": [pa.string(), pa.string_view()],
}


def padded(array: pa.Array) -> pa.Array:
    """A slice out of the middle of a longer array: offsets in every buffer, odd ones for bits."""
    n = len(array)
    if isinstance(array, pa.DictionaryArray):  # dictionaries with nulls cannot be concatenated
        return pa.DictionaryArray.from_arrays(pa.concat_arrays([array.indices] * 3), array.dictionary).slice(n, n)
    return pa.concat_arrays([array] * 3).slice(n, n)


def chunked(array: pa.Array) -> pa.ChunkedArray:
    pieces = [array.slice(0, 0), array.slice(0, 2), array.slice(2, 0), array.slice(2), array.slice(len(array))]
    return pa.chunked_array(pieces, type=array.type)


def dictionary(array: pa.Array, index: str = "int8") -> pa.DictionaryArray:
    """Each row an entry, backwards, with a null entry at the end, and nulls in both places."""
    n = len(array)
    entries = pa.array([*array.to_pylist()[::-1], None], array.type)
    rows = [None if i % 2 == 0 and not array[i].is_valid else n - 1 - i for i in range(n)]
    return pa.DictionaryArray.from_arrays(pa.array(rows, index), entries)


LAYOUTS: dict[str, Reshape] = {
    "whole": lambda a: a,
    "sliced": padded,
    "chunked": chunked,
    "sliced chunks": lambda a: chunked(padded(a)),
    "dictionary": dictionary,
    "dictionary of wide indices": lambda a: dictionary(a, "uint64"),
    "dictionary of a slice": lambda a: dictionary(padded(a)),
    "sliced dictionary": lambda a: padded(dictionary(a)),
    "chunked dictionary": lambda a: chunked(dictionary(a)),
}


def cast(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_map(kind):
        values = [None if m is None else list(m.items()) for m in values]
    if kind == pa.int8() and values[0] is True:
        values = [None if v is None else int(v) for v in values]
    return pa.array(values, kind)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in TYPES.items() for kind in kinds], ids=str)
def test_every_type_in_every_layout(name: str, kind: pa.DataType, layout: str) -> None:
    assert_encodes(with_column(name, LAYOUTS[layout](cast(ROWS[name], kind))))


@pytest.mark.parametrize("layout", ["whole", "sliced", "chunked", "dictionary"])
def test_whole_tables(layout: str) -> None:
    table = pa.table({name: LAYOUTS[layout](cast(ROWS[name], kinds[0])) for name, kinds in TYPES.items()})
    assert_encodes(table)
    assert_encodes(table.to_reader())
    if layout == "whole":
        batch = table.to_batches()[0]
        assert_encodes(batch)
        assert_encodes(batch.to_struct_array())
        assert_encodes(pa.concat_tables([table, table]).slice(5, 5))
        assert_encodes(pa.concat_tables([table, table]).combine_chunks().slice(5).to_batches()[0])
        assert_encodes(pa.concat_arrays([batch.to_struct_array()] * 2).slice(5))


@settings(max_examples=50)
@given(values=columns_of(strings), start=st.integers(0, 5), cuts=st.lists(st.integers(0, 20), max_size=3).map(sorted))
def test_strings_however_they_are_cut(values: list[str | None], start: int, cuts: list[int]) -> None:
    expected = encode_one(BRAND, values[start:]).tolist()
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        array = pa.array(values, kind).slice(start)
        pieces = pa.chunked_array([array.slice(a, b - a) for a, b in zip([0, *cuts], [*cuts, 99], strict=True)])
        for column in (array, pieces, array.dictionary_encode(), pieces.dictionary_encode()):
            assert encode_one(BRAND, column).tolist() == expected


@settings(max_examples=50)
@given(lists=columns_of(columns_of(int64s, max_size=4)), start=st.integers(0, 5))
def test_lists_with_dictionaries_in_and_around_them(lists: list[list[int | None] | None], start: int) -> None:
    schema = item_schema(rf.Bag("b", buckets=10**6, type="int"))
    expected = schema.encode({"b": lists[start:]})
    whole = pa.array(lists, pa.list_(pa.int64()))
    inner = pa.ListArray.from_arrays(whole.offsets, whole.values.dictionary_encode(), mask=whole.is_null())
    outer = dictionary(whole)
    for column in (whole, inner, outer, pa.array(lists, pa.large_list(pa.int64()))):
        assert_encodes({"b": column.slice(start)}, expected, schema)


def test_fixed_size_lists_with_nulls() -> None:
    schema = item_schema(rf.Bag("b", buckets=99, type="int"))
    lists = [[1, 2], None, [3, None], [5, 6]]
    column = pa.array(lists, pa.list_(pa.int64(), 2))
    for start in range(4):
        assert_encodes({"b": column.slice(start)}, schema.encode({"b": lists[start:]}), schema)
    with pytest.raises(ValueError, match="feature 'v': row 0 is null"):
        encode_one(rf.Vector("v", dim=2), column.slice(1))
    with pytest.raises(ValueError, match="feature 'v': row 1 holds a null"):
        encode_one(rf.Vector("v", dim=2), column.slice(1).take(pa.array([2, 1])))


@pytest.mark.parametrize("name", [name for name in TYPES if name != "image"])
def test_columns_of_nulls(name: str) -> None:
    expected = SCHEMA.encode(with_column(name, [None] * 5))
    for column in (pa.nulls(5), dictionary(pa.nulls(5)), pa.nulls(5, TYPES[name][0])):
        assert_encodes(with_column(name, column), expected)


@pytest.mark.parametrize(
    ("column", "described"),
    [
        (pa.array([1]), "Arrow int64; convert the values with str"),
        (pa.array([1]).dictionary_encode(), "Arrow int64"),
        (pa.array([1.5]), "Arrow float64"),
        (pa.array([True]), "Arrow bool"),
        (pa.array([{"a": 1}]), "Arrow struct"),
        (pa.array([["a"]]), "Arrow list"),
        (pa.array([0], pa.timestamp("s")), "Arrow timestamp"),
        (pa.array([0], pa.date32()), "Arrow date"),
        (pa.array([0], pa.decimal128(5)), "Arrow format 'd:5,0'"),
        (pa.array([["a"]], pa.list_view(pa.string())), r"Arrow format '\+vl'"),
        (pa.array([], pa.int64()), "Arrow int64"),
    ],
)
def test_other_types_are_refused(column: Any, described: str) -> None:
    with pytest.raises(TypeError, match=f"feature 'b': expected strings, got {described}"):
        encode_one(BRAND, column)


def test_arrow_values_in_lists() -> None:
    column = pa.array(["a", None, "b"])
    assert encode_one(BRAND, list(column)).tolist() == encode_one(BRAND, column).tolist()
    shops = pa.array([1, None])
    assert encode_one(rf.Categorical("b", buckets=99, type="int"), list(shops)).tolist()[1] == 99
    lists = pa.array([["a"], None, ["b", None]])
    bag = item_schema(rf.Bag("b", buckets=99))
    assert_encodes({"b": list(lists)}, bag.encode({"b": lists}), bag)
    assert_encodes({"b": [x.values for x in lists if x.is_valid]}, bag.encode({"b": [["a"], ["b", None]]}), bag)


def test_a_column_is_no_table() -> None:
    with pytest.raises(
        TypeError, match="expected a table, got one Arrow string column; give a dict of columns by name"
    ):
        item_schema(BRAND).encode(pa.array(["a"]))


def test_struct_arrays_with_null_rows_are_refused() -> None:
    rows = pa.StructArray.from_arrays([pa.array(["a", "b", "c"])], ["b"], mask=pa.array([False, True, False]))
    with pytest.raises(ValueError, match="null rows"):
        item_schema(BRAND).encode(rows)
    assert item_schema(BRAND).encode(rows.slice(2))["b"].tolist() == encode_one(BRAND, ["c"]).tolist()


def test_a_reader_is_read_once() -> None:
    reader = pa.table({"b": ["a"]}).to_reader()
    item_schema(BRAND).encode(reader)
    assert item_schema(BRAND).encode(reader)["b"].shape == (0,)


@pytest.mark.parametrize("capsule", [object(), None, 1])
def test_an_interface_that_gives_no_capsule_is_refused(capsule: object) -> None:
    class Odd:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return capsule

    with pytest.raises((TypeError, ValueError)):
        encode_one(BRAND, Odd())


def test_damaged_memory_is_refused() -> None:
    for kind, width in ((pa.string(), pa.int32()), (pa.large_string(), pa.int64())):
        buffers = [None, pa.array([0, 3, 1], width).buffers()[1], pa.py_buffer(b"abcdef")]
        with pytest.raises(ValueError, match="column 'b': row 1 has string offsets that descend"):
            encode_one(BRAND, pa.Array.from_buffers(kind, 2, buffers))
    indices = pa.array([0, 5, -1], pa.int8())
    broken = pa.DictionaryArray.from_arrays(indices, pa.array(["a"]), safe=False)
    with pytest.raises(ValueError, match="column 'b': row 1 has a dictionary index outside of the dictionary"):
        encode_one(BRAND, broken)
    for offsets in ([0, 9, 1], [0, -1, 1]):
        lists = pa.ListArray.from_buffers(
            pa.list_(pa.string()),
            2,
            [None, pa.array(offsets, pa.int32()).buffers()[1]],
            children=[pa.array(["a", "b"])],
        )
        with pytest.raises(ValueError, match=r"column 'b': row . has list offsets out of range"):
            item_schema(rf.Bag("b", buckets=9)).encode({"b": lists})
