"""The cases themselves: raw rows encode to the arrays that they were made for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recfast.schema import Schema
from recfast_training.encode import encode

from .cases import encoded_rows, raw_rows, schemas


@given(schema=schemas(), rows=st.integers(1, 9), seed=st.integers(0, 2**16))
def test_raw_rows_encode_to_the_arrays_of_the_case(schema: Schema, rows: int, seed: int) -> None:
    expected = encoded_rows(schema, rows, seed)
    actual = encode(schema, raw_rows(schema, expected))
    assert set(actual) == set(expected)
    for name, array in expected.items():
        assert actual[name].dtype == array.dtype
        np.testing.assert_array_equal(actual[name], array)
