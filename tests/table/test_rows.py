"""Table.rows and what a table holds."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import recfast as rf


def weights_of(rows: int, dim: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)


@pytest.mark.parametrize("dim", [1, 3, 4, 7, 8, 9, 16, 31, 32, 64, 85, 163])
def test_rows_are_what_the_bytes_mean(dtype: Any, dim: int, dequantise: Any) -> None:
    table = rf.Table(weights_of(40, dim), dtype=dtype)
    for n in (0, 1, 7, 100):
        ids = np.random.default_rng(n).integers(0, 40, size=n)
        rows = table.rows(ids)
        assert rows.dtype == np.float32
        assert rows.shape == (n, dim)
        np.testing.assert_array_equal(rows, dequantise(table)[ids].astype(np.float32))  # rounded once


def test_a_table_describes_itself(dtype: Any) -> None:
    table = rf.Table(weights_of(1200, 5), dtype=dtype)
    row_bytes = {"f32": 20, "f16": 10, "i8": 9, "i4": 7}[dtype]
    assert (table.num_rows, len(table), table.dim, table.dtype) == (1200, 1200, 5, dtype)
    assert table.size_bytes == 1200 * row_bytes
    assert table.data.shape == (1200, row_bytes)
    assert repr(table) == f"Table(1,200 rows, dim 5, {dtype}, {1200 * row_bytes:,} bytes)"


def test_data_is_a_read_only_view_that_keeps_the_table(dtype: Any) -> None:
    table = rf.Table(weights_of(10, 8), dtype=dtype)
    data = table.data
    assert np.shares_memory(data, table.data)
    with pytest.raises(ValueError, match="read-only"):
        data[0, 0] = 1
    before = data.copy()
    del table
    gc.collect()
    np.testing.assert_array_equal(data, before)


def test_from_bytes_shares_memory_and_round_trips(dtype: Any) -> None:
    table = rf.Table(weights_of(10, 7), dtype=dtype)
    bytes_ = table.data.copy()
    again = rf.Table.from_bytes(bytes_, dtype=dtype, dim=7)
    assert np.shares_memory(again.data, bytes_)
    np.testing.assert_array_equal(again.rows(np.arange(10)), table.rows(np.arange(10)))


def test_from_bytes_keeps_the_memory_alive_and_lets_it_go() -> None:
    class Tracked(np.ndarray[Any, Any]):
        pass

    array = np.ones((4, 3), dtype=np.float32).view(Tracked)
    watched = weakref.ref(array)
    table = rf.Table.from_bytes(array, dtype="f32", dim=3)
    del array
    gc.collect()
    np.testing.assert_array_equal(table.rows([3]), np.ones((1, 3)))
    del table
    gc.collect()
    assert watched() is None


def test_from_bytes_takes_rows_at_any_alignment(dtype: Any) -> None:
    table = rf.Table(weights_of(10, 9), dtype=dtype)
    memory = np.empty(table.size_bytes + 1, dtype=np.uint8)
    shifted = memory[1:].reshape(table.data.shape)
    shifted[:] = table.data
    again = rf.Table.from_bytes(shifted, dtype=dtype, dim=9)
    np.testing.assert_array_equal(again.rows(np.arange(10)), table.rows(np.arange(10)))


def test_from_bytes_takes_float_arrays() -> None:
    single = weights_of(5, 6)
    half = single.astype(np.float16)
    np.testing.assert_array_equal(rf.Table.from_bytes(single, dtype="f32", dim=6).rows([4])[0], single[4])
    np.testing.assert_array_equal(rf.Table.from_bytes(half, dtype="f16", dim=6).rows([4])[0], half[4])


def test_from_bytes_refuses_what_does_not_fit() -> None:
    with pytest.raises(TypeError, match="uint8 or float16"):
        rf.Table.from_bytes(np.ones((2, 3), np.float32), dtype="f16", dim=3)
    with pytest.raises(ValueError, match="24 bytes, got 16"):
        rf.Table.from_bytes(np.zeros((2, 8), np.uint8), dtype="f32", dim=3)
    with pytest.raises(ValueError, match="a i4 table of 2 rows and dim 5 takes 14 bytes, got 16"):
        rf.Table.from_bytes(np.zeros((2, 8), np.uint8), dtype="i4", dim=5)
    with pytest.raises(TypeError, match="the rows of a i4 table are uint8"):
        rf.Table.from_bytes(np.zeros((2, 7), np.int8), dtype="i4", dim=5)
    with pytest.raises(ValueError, match="C-contiguous"):
        rf.Table.from_bytes(np.zeros((2, 16), np.uint8)[:, ::2], dtype="f32", dim=2)
    with pytest.raises(ValueError, match="dimension"):
        rf.Table.from_bytes(np.zeros(8, np.uint8), dtype="f32", dim=1)
    with pytest.raises(ValueError, match="dim"):
        rf.Table.from_bytes(np.zeros((2, 0), np.uint8), dtype="f32", dim=0)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64, list, tuple])
def test_ids_may_be_any_integers(kind: Any) -> None:
    table = rf.Table(weights_of(5, 2))
    ids = kind([4, 0]) if kind in (list, tuple) else np.array([4, 0], dtype=kind)
    np.testing.assert_array_equal(table.rows(ids), weights_of(5, 2)[[4, 0]])
    np.testing.assert_array_equal(table.rows(np.arange(5)[::2]), weights_of(5, 2)[::2])
    assert table.rows([]).shape == (0, 2)


@pytest.mark.parametrize("ids", [[0.0], np.zeros(1), [True], ["0"], [None], np.zeros(0)])
def test_other_ids_are_refused(ids: Any) -> None:
    table = rf.Table(weights_of(5, 2))
    with pytest.raises(TypeError, match="ids must be integers"):
        table.rows(ids)
    with pytest.raises(TypeError, match="offsets must be integers"):
        table.bag([0], ids)


@pytest.mark.parametrize(("bad", "message"), [(5, "5"), (-1, "-1"), (2**62, str(2**62))])
def test_an_id_outside_names_its_position(dtype: Any, bad: int, message: str) -> None:
    table = rf.Table(weights_of(5, 2), dtype=dtype)
    with pytest.raises(IndexError, match=rf"ids\[3\] = {message} is outside the table, whose rows are \[0, 5\)"):
        table.rows([0, 4, 1, bad, 7])
    with pytest.raises(IndexError, match=rf"ids\[3\] = {message} "):
        table.bag([0, 4, 1, bad, 7], [0])


def test_an_unsigned_id_beyond_int64_names_its_position() -> None:
    table = rf.Table(weights_of(5, 2))
    with pytest.raises(IndexError, match=rf"ids\[1\] = {2**63 + 5} is outside"):
        table.rows(np.array([0, 2**63 + 5], dtype=np.uint64))


def test_an_empty_table_has_no_rows(dtype: Any) -> None:
    table = rf.Table(np.zeros((0, 4), np.float32), dtype=dtype)
    assert table.rows([]).shape == (0, 4)
    with pytest.raises(IndexError, match=r"\[0, 0\)"):
        table.rows([0])


def test_wrong_weights_are_refused() -> None:
    with pytest.raises(TypeError, match="float32, got float64"):
        rf.Table(np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"\[R, D\], got 1"):
        rf.Table(np.zeros(2, np.float32))
    with pytest.raises(ValueError, match="dim must be in"):
        rf.Table(np.zeros((2, 0), np.float32))
    with pytest.raises(ValueError, match='"f32", "f16", "i8" or "i4", got "f64"'):
        rf.Table(np.zeros((2, 2), np.float32), dtype="f64")  # type: ignore[arg-type]
    strided = weights_of(6, 8)[::2, ::2]
    np.testing.assert_array_equal(rf.Table(strided).rows([2])[0], strided[2])
