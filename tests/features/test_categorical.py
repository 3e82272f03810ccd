from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recfast as rf

from .definitions import columns_of, counts, encode_one, integers, item_schema, row_of, strings, surrogates


@given(values=columns_of(strings), buckets=counts)
def test_a_string_has_the_row_of_its_hash(values: list[str | None], buckets: int) -> None:
    got = encode_one(rf.Categorical("brand", buckets=buckets), values)
    assert got.dtype == np.int64
    assert got.tolist() == [row_of(v, "brand", buckets) for v in values]


@given(values=columns_of(integers), buckets=counts)
def test_an_integer_has_the_row_of_its_hash(values: list[int | None], buckets: int) -> None:
    got = encode_one(rf.Categorical("shop", buckets=buckets, type="int"), values)
    assert got.tolist() == [row_of(v, "shop", buckets) for v in values]


@given(values=columns_of(strings), name=strings.filter(lambda s: s.isprintable() and s))
def test_the_name_is_the_seed(values: list[str | None], name: str) -> None:
    assert encode_one(rf.Categorical(name, buckets=1000), values).tolist() == [row_of(v, name, 1000) for v in values]


@given(data=st.data(), of_ints=st.booleans(), buckets=st.integers(1, 50))
def test_the_vocabulary_comes_first(data: st.DataObject, of_ints: bool, buckets: int) -> None:
    value = st.integers(-(2**63), 2**63 - 1) if of_ints else strings
    vocabulary = tuple(data.draw(st.lists(value, max_size=8, unique=True)))
    seen = st.sampled_from(vocabulary) if vocabulary else value
    values = data.draw(columns_of(st.one_of(seen, value)))
    feature = rf.Categorical("b", buckets=buckets, type="int" if of_ints else "string", vocabulary=vocabulary)
    got = encode_one(feature, values).tolist()
    assert got == [row_of(v, "b", buckets, vocabulary) for v in values]
    assert all(0 <= row < feature.rows for row in got)


def test_a_shared_table_gives_shared_rows() -> None:
    schema = rf.Schema(
        request=[rf.Categorical("home", buckets=99, table="city")],
        item=[rf.Categorical("city", buckets=99, vocabulary=("Ulm", "Bonn"))],
        key="sku",
    )
    got = schema.fit({"city": ["Ulm"], "home": ["Bonn"]}).encode({"city": ["Ulm", "Rome"], "home": ["Bonn", "Rome"]})
    assert got["city"].tolist() == [0, row_of("Rome", "city", 99, ("Ulm", "Bonn"))]
    assert got["home"].tolist() == [1, row_of("Rome", "city", 99, ("Ulm", "Bonn"))]


def test_ten_megabytes_are_a_value_like_any_other() -> None:
    value = "\U0001f600 and more " * 1_000_000
    assert encode_one(rf.Categorical("b", buckets=10**9), [value]).tolist() == [row_of(value, "b", 10**9)]


@given(value=surrogates)
def test_an_unpaired_surrogate_is_refused_with_its_row(value: str) -> None:
    with pytest.raises(ValueError, match=r"column 'b': row 1 holds an unpaired surrogate.*clean it"):
        encode_one(rf.Categorical("b", buckets=10), ["fine", value])


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("string", [1, 2], "feature 'b': expected strings, got Python ints; convert the values with str"),
        ("string", [1.5], "feature 'b': expected strings, got Python floats; convert the values with str"),
        ("string", [True], "feature 'b': expected strings, got Python bools"),
        ("string", ["a", 1], "feature 'b': expected strings, got Python objects of mixed types"),
        ("string", [["a"]], "feature 'b': expected strings, got Python lists"),
        ("string", [{"a": 1}], "feature 'b': expected strings, got Python dicts"),
        ("string", [object()], "feature 'b': expected strings, got Python objects of type object"),
        ("int", ["1"], "feature 'b': expected integers, got Python strings; convert the values with int"),
        ("int", [1.0], "feature 'b': expected integers, got Python floats; floats usually come from nulls in a pandas"),
        ("int", [1, float("nan")], "feature 'b': expected integers, got Python floats; floats usually come from nulls"),
    ],
)
def test_the_other_type_is_refused_with_the_remedy(kind: Any, values: list[Any], message: str) -> None:
    with pytest.raises(TypeError, match="^" + re.escape(message)):
        encode_one(rf.Categorical("b", buckets=10, type=kind), values)


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 10**30])
def test_an_integer_beyond_64_bits_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match=r"column 'b': row 1 holds an integer outside of \[-2\*\*63, 2\*\*64\)"):
        encode_one(rf.Categorical("b", buckets=10, type="int"), [0, value])


def test_an_empty_string_is_no_null_and_an_empty_table_has_no_rows() -> None:
    feature = rf.Categorical("b", buckets=7)
    assert encode_one(feature, ["", None]).tolist() == [row_of("", "b", 7), 7]
    assert encode_one(feature, []).shape == (0,)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: rf.Categorical("b", buckets=0), ValueError, "feature 'b': buckets is in"),
        (lambda: rf.Categorical("b", buckets=2**41), ValueError, "feature 'b': buckets is in"),
        (lambda: rf.Categorical("b", buckets=True), TypeError, "feature 'b': buckets is an int"),
        (lambda: rf.Categorical("b", buckets=1.0), TypeError, "feature 'b': buckets is an int"),
        (lambda: rf.Categorical("b", buckets=1, type="text"), ValueError, "feature 'b': type is one of"),
        (lambda: rf.Categorical("b", buckets=1, vocabulary=-1), ValueError, "feature 'b': vocabulary is in"),
        (lambda: rf.Categorical("b", buckets=1, vocabulary="abc"), TypeError, "feature 'b': the vocabulary is a seq"),
        (lambda: rf.Categorical("b", buckets=1, vocabulary=["a", "a"]), ValueError, "holds a value twice"),
        (lambda: rf.Categorical("b", buckets=1, vocabulary=[1]), TypeError, "the vocabulary holds str values, got 1"),
        (lambda: rf.Categorical("b", buckets=1, vocabulary=["\ud800"]), ValueError, "unpaired surrogate"),
        (lambda: rf.Categorical("b", buckets=1, type="int", vocabulary=[2**64]), ValueError, "outside of"),
        (lambda: rf.Categorical("b", buckets=1, type="int", vocabulary=[-1, 2**64 - 1]), ValueError, "a value twice"),
        (lambda: rf.Categorical("b", buckets=1, type="int", vocabulary=[True]), TypeError, "holds int values, got T"),
        (lambda: rf.Categorical("", buckets=1), ValueError, "a feature's name may not be empty"),
        (lambda: rf.Categorical("a\0b", buckets=1), ValueError, "control characters"),
        (lambda: rf.Categorical("\ud800", buckets=1), ValueError, "unpaired surrogates"),
        (lambda: rf.Categorical(1, buckets=1), TypeError, "a feature's name is a str, got int"),
    ],
)
def test_arguments_are_checked(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@given(values=columns_of(strings, max_size=60), count=st.integers(1, 6))
def test_fit_keeps_the_most_frequent_values(values: list[str | None], count: int) -> None:
    fitted = item_schema(rf.Categorical("b", buckets=5, vocabulary=count)).fit({"b": values}).item[0]
    present = sorted({v for v in values if v is not None}, key=lambda v: (-values.count(v), v.encode()))
    assert fitted.vocabulary == tuple(present[:count])


@given(values=columns_of(st.one_of(st.integers(-3, 3), st.integers(2**63, 2**63 + 3)), max_size=60))
def test_fit_of_integers_gives_rows_to_what_it_saw(values: list[int | None]) -> None:
    feature = rf.Categorical("b", buckets=5, type="int", vocabulary=100)
    schema = item_schema(feature).fit({"b": values})
    distinct = {v for v in values if v is not None}
    assert sorted(schema.encode({"b": list(distinct)})["b"].tolist()) == list(range(len(distinct)))
