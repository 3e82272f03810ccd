from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .definitions import columns_of, integers, item_schema, row_of, strings


def padded(bags: list[list[int]]) -> tuple[list[list[int]], list[list[bool]]]:
    longest = max([1, *map(len, bags)])
    return (
        [bag + [0] * (longest - len(bag)) for bag in bags],
        [[True] * len(bag) + [False] * (longest - len(bag)) for bag in bags],
    )


@given(lists=columns_of(columns_of(strings, max_size=5), max_size=8), buckets=st.integers(1, 1000))
def test_elements_have_the_rows_of_their_hashes(lists: list[list[str | None] | None], buckets: int) -> None:
    got = item_schema(rf.Bag("recent", buckets=buckets)).encode({"recent": lists})
    ids, mask = padded([[row_of(v, "recent", buckets) for v in bag or [] if v is not None] for bag in lists])
    assert got["recent"].dtype == np.int64
    assert got["recent_mask"].dtype == np.bool_
    assert got["recent"].tolist() == ids
    assert got["recent_mask"].tolist() == mask


@given(lists=columns_of(columns_of(integers, max_size=5), max_size=8))
def test_integers_with_a_shared_table(lists: list[list[int | None] | None]) -> None:
    vocabulary = (7, -1, 2**63)
    schema = rf.Schema(
        request=[rf.Bag("recent", table="sku_id")],
        item=[rf.Categorical("sku_id", buckets=50, type="int", vocabulary=vocabulary)],
        key="sku",
    )
    got = schema.encode({"recent": lists, "sku_id": [None] * len(lists)})
    ids, mask = padded([[row_of(v, "sku_id", 50, vocabulary) for v in bag or [] if v is not None] for bag in lists])
    assert got["recent"].tolist() == ids
    assert got["recent_mask"].tolist() == mask
    assert schema.tables == {"sku_id": 54}


def test_no_rows_and_only_empty_bags() -> None:
    schema = item_schema(rf.Bag("recent", buckets=5))
    assert schema.encode({"recent": []})["recent"].shape == (0, 1)
    got = schema.encode({"recent": [None, [], [None]]})
    assert got["recent"].tolist() == [[0], [0], [0]]
    assert not got["recent_mask"].any()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["abc"], "expected lists of strings, got Python strings; put a single value into a list of one"),
        ([3], "expected lists of strings, got Python ints"),
        ([{"a": 1}], "expected lists of strings, got Python dicts"),
        ([{"a", "b"}], "expected lists of strings, got Python objects of type set"),
        ([[1, 2]], "expected strings, got Python ints; convert the values with str"),
        ([["a", 1]], "expected strings, got Python objects of mixed types"),
        ([[["a"]]], "expected strings, got Python lists"),
        ([["a"], "a"], "expected lists of strings, got Python objects of mixed types"),
    ],
)
def test_other_types_are_refused(values: list[Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"^feature 'recent': {message}"):
        item_schema(rf.Bag("recent", buckets=5)).encode({"recent": values})


def test_endless_lists_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="column 'recent': its lists are nested over 8 deep"):
        item_schema(rf.Bag("recent", buckets=5)).encode({"recent": endless})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rf.Bag("recent"), "feature 'recent': buckets is in"),
        (lambda: rf.Bag("recent", buckets=3, table="b"), "feature 'recent': buckets come from the table 'b'"),
        (lambda: rf.Bag("recent", buckets=3, pooling="median"), "feature 'recent': pooling is one of"),
        (lambda: rf.Bag("recent", buckets=3, type="float"), "feature 'recent': type is one of"),
    ],
)
def test_arguments_are_checked(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
