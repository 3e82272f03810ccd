from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .definitions import columns_of, encode_one, is_missing, numbers

EDGES = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6, unique=True).map(sorted)


@given(data=st.data(), edges=EDGES)
def test_the_row_is_the_number_of_edges_not_above(data: st.DataObject, edges: list[float]) -> None:
    values = data.draw(columns_of(st.one_of(numbers, st.sampled_from(edges))))
    got = encode_one(rf.Bucketized("age", edges=edges), values)
    assert got.dtype == np.int64
    assert got.tolist() == [len(edges) + 1 if is_missing(x) else sum(e <= x for e in edges) for x in values]


def test_integers_and_booleans_are_numbers() -> None:
    feature = rf.Bucketized("age", edges=[1, 2**63])
    assert encode_one(feature, [0, 1, 2**64 - 1, -5]).tolist() == [0, 1, 2, 0]
    assert encode_one(feature, [True, False, None]).tolist() == [1, 0, 3]
    assert encode_one(feature, []).shape == (0,)


@pytest.mark.parametrize("values", [["18"], [["18"]], [object()]])
def test_other_types_are_refused(values: list[Any]) -> None:
    with pytest.raises(TypeError, match="feature 'age': expected numbers, got Python"):
        encode_one(rf.Bucketized("age", edges=[1.0]), values)


@pytest.mark.parametrize("edges", [[], [1.0, 1.0], [2.0, 1.0], [float("nan")], [float("inf")], [0.0, -0.0]])
def test_edges_are_finite_and_ascend(edges: list[float]) -> None:
    with pytest.raises(ValueError, match="feature 'age': edges"):
        rf.Bucketized("age", edges=edges)
