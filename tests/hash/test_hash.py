"""rf.hash64 and rf.bucket against PyPI's xxhash."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

SEEDS = st.integers(0, 2**64 - 1)
INTEGERS = st.integers(-(2**63), 2**64 - 1)


@given(value=st.binary(max_size=200), seed=SEEDS)
def test_bytes_are_hashed_as_they_are(value: bytes, seed: int) -> None:
    assert rf.hash64(value, seed) == xxhash.xxh64_intdigest(value, seed)


@pytest.mark.parametrize("length", [*range(70), 127, 128, 129, 1000])
def test_every_length(length: int) -> None:
    value = bytes(i * 7 % 256 for i in range(length))
    assert rf.hash64(value, 12345) == xxhash.xxh64_intdigest(value, 12345)


@given(value=st.text(st.characters(exclude_categories=["Cs"])), seed=SEEDS)
def test_text_is_hashed_as_utf8(value: str, seed: int) -> None:
    assert rf.hash64(value, seed) == xxhash.xxh64_intdigest(value.encode(), seed)


@given(value=INTEGERS, seed=SEEDS)
def test_integers_are_hashed_as_8_little_endian_bytes(value: int, seed: int) -> None:
    assert rf.hash64(value, seed) == xxhash.xxh64_intdigest(struct.pack("<Q", value % 2**64), seed)


@given(values=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=20), seed=SEEDS)
def test_a_column_is_its_values(values: list[str], seed: int) -> None:
    hashes = rf.hash64(values, seed)
    assert isinstance(hashes, np.ndarray)
    assert hashes.dtype == np.uint64
    assert hashes.tolist() == [xxhash.xxh64_intdigest(value.encode(), seed) for value in values]


@pytest.mark.parametrize("count", [1, 5, 6, 7, 63, 251, 252, 253, 1000])
@pytest.mark.parametrize("lengths", [(13,), (0,), (31,), (32,), (10, 11), (3, 40), range(45)], ids=str)
@pytest.mark.parametrize("as_column", [list, pa.array, pa.large_string], ids=["list", "utf8", "large_utf8"])
def test_long_columns_of_any_lengths(count: int, lengths: Sequence[int], as_column: Callable[..., Any]) -> None:
    chosen = np.random.default_rng(count).choice(lengths, count)
    values = ["".join(chr(97 + (i * j) % 26) for j in range(length)) for i, length in enumerate(chosen)]
    column = pa.array(values, pa.large_string()) if as_column is pa.large_string else as_column(values)
    assert rf.hash64(column, 7).tolist() == [xxhash.xxh64_intdigest(value.encode(), 7) for value in values]


@pytest.mark.parametrize("place", [0, 5, 17, 18, 40, 300])
def test_a_list_of_other_things_is_refused_wherever_they_stand(place: int) -> None:
    values: list[Any] = ["same length!!"] * 400
    values[place] = None
    with pytest.raises((TypeError, ValueError)):
        rf.hash64(values)


@given(value=st.text(st.characters(exclude_categories=["Cs"])), buckets=st.integers(1, 2**40), seed=SEEDS)
def test_a_bucket_is_the_scaled_hash(value: str, buckets: int, seed: int) -> None:
    expected = int(Fraction(xxhash.xxh64_intdigest(value.encode(), seed)) * buckets / 2**64)
    assert rf.bucket(value, buckets, seed) == expected
    assert 0 <= expected < buckets


def test_buckets_are_even() -> None:
    counts = np.bincount(rf.bucket([f"user-{i}" for i in range(20_000)], 64), minlength=64)
    expected = 20_000 / 64
    assert ((counts - expected) ** 2 / expected).sum() < 120  # chi squared, 63 degrees of freedom: p < 1e-5 beyond


# Written down once: these may never change, or the rows of every exported model would move.
GOLDEN = {
    "": 0xEF46DB3751D8E999,
    "abc": 0x44BC2CF5AD770999,
    "🙂": 0x08204C75E29551D3,
    "a" * 1000: 0x56E43B712EDA4223,
}


@pytest.mark.parametrize(("text", "expected"), GOLDEN.items())
def test_golden_values(text: str, expected: int) -> None:
    assert rf.hash64(text) == expected
