"""How filters are written, and what is refused."""

from __future__ import annotations

import copy
import math
import pickle
from datetime import date, datetime, timedelta, timezone
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import recfast as rf
from recfast import _core
from recfast.filters import Expression

from .cases import evaluate

a, b = rf.col("a"), rf.col("b")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (a < 5, "col('a') < 5"),
        (a >= 0.1, "col('a') >= 0.1"),
        (a == True, "col('a') == True"),  # noqa: E712
        (np.float32(0.1) == a, "col('a') == 0.10000000149011612"),
        (-math.inf != a, "col('a') != -inf"),
        (a == "it's\\\n", r"col('a') == 'it\'s\\\x0a'"),
        (rf.col("it's") == 1, r"col('it\'s') == 1"),
        (a == 10**30, f"col('a') == {10**30}"),
        (a.between(1, 2.5), "col('a').between(1, 2.5)"),
        (a.is_in(np.array([3, 1])), "col('a').is_in([3, 1])"),
        (a.is_in(x for x in "ab"), "col('a').is_in(['a', 'b'])"),
        (a.contains("x"), "col('a').contains('x')"),
        (datetime(2026, 1, 1) < a, "col('a') > datetime64('2026-01-01T00:00:00.000000', 'us')"),
        (
            datetime(2026, 1, 1, tzinfo=timezone.utc) < a,
            "col('a') > datetime64('2026-01-01T00:00:00.000000Z', 'us')",
        ),
        (date(2026, 1, 1) < a, "col('a') > datetime64('2026-01-01', 'D')"),
        ((a < 1) & (b < 2) & b.is_null(), "(col('a') < 1) & (col('b') < 2) & col('b').is_null()"),
        ((a < 1) & ((b < 2) | b.is_null()), "(col('a') < 1) & ((col('b') < 2) | col('b').is_null())"),
        (~(a < 1), "~(col('a') < 1)"),
        (~a.is_null() | (b == 1), "~col('a').is_null() | (col('b') == 1)"),
        (~~(a < 1), "col('a') < 1"),
        (~((a < 1) | (b < 1)), "~((col('a') < 1) | (col('b') < 1))"),
    ],
)
def test_the_repr_is_the_text(expression: Expression, text: str) -> None:
    assert repr(expression) == text


def test_expressions_of_one_text_are_equal() -> None:
    same = [(a < 1) & b.is_in(["x"]), (rf.col("a") < 1) & (rf.col("b").is_in({"x"}))]
    assert same[0] == same[1]
    assert len({*same, a < 1, a < 1.0}) == 3
    assert (a < 1) != (a < 2)
    assert (a < 1) != "col('a') < 1"


class Answer(IntEnum):
    ALL = 42

    def __str__(self) -> str:
        return "everything"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "expression",
    [
        a < 5,
        a >= 0.1,
        a == -(2**63),
        a == 2**64 - 1,
        a != 10**400,
        a <= -(10**30),
        a == -0.0,
        a > -math.inf,
        a == 5e-324,
        a == np.float32(0.1),
        a == np.True_,
        a == Answer.ALL,
        a == "it's\0 \\ 'é\U0001f600",
        a == "True",
        rf.col("it's\0é") == "5",
        a.between(1, 2.5),
        a.is_in([]),
        a.is_in([True, 1, 1.0, 7]),
        a.is_in(["x", ""]),
        a.contains("x"),
        a.contains(3),
        a.is_null(),
        a > date(2026, 1, 1),
        a > datetime(1, 1, 1),
        a > datetime(2026, 1, 1, 5, 7, 9, 11, tzinfo=timezone(timedelta(hours=-3))),
        a == np.datetime64("2026-01-01T00:00:00.000000001"),
        a.is_in([np.datetime64(2**62, "ns"), np.datetime64(-(2**40), "s"), np.datetime64(3, "ms")]),
        a == pd.Timestamp("2026-01-01T00:00:00.000000001", tz="Europe/Berlin"),
        ~(a < 1),
        (a < 1) & (b < 2) & b.is_null() | ~((a == 3) | (b == 4) & ~b.is_in(["x"])),
    ],
    ids=repr,
)
def test_a_pickled_expression_is_the_same(expression: Expression, protocol: int) -> None:
    back = pickle.loads(pickle.dumps(expression, protocol))
    assert repr(back) == repr(expression)
    assert back == expression
    assert hash(back) == hash(expression)
    assert back._core.state == expression._core.state
    assert len({back, expression, copy.copy(expression), copy.deepcopy(expression)}) == 1
    assert copy.deepcopy({"where": expression})["where"] == expression
    column = pickle.loads(pickle.dumps(a, protocol))
    assert (column < 1) == (a < 1)
    assert (copy.deepcopy(column) < 1) == (copy.copy(column) < 1) == (a < 1)


def test_what_is_pickled_is_plain() -> None:
    stamp = pd.Timestamp("2026-01-01T00:00:00.000000001", tz="Europe/Berlin")
    written = pickle.dumps((a > stamp) & (b == pa.scalar(1)) & (b == np.float64(2)))
    for module in (b"pandas", b"pyarrow", b"numpy"):
        assert module not in written.replace(b"numpy.float64", b"")  # the word for messages


def test_a_deep_and_a_long_expression_are_pickled() -> None:
    deep = long = a < 0
    for i in range(1, 190):
        deep = ((b == i) & deep) if i % 2 else ((b == i) | deep)
    for i in range(1, 500):
        long = long | (a == i)
    for expression in (deep, long):
        assert pickle.loads(pickle.dumps(expression)) == expression


def test_a_pickled_expression_evaluates_as_before() -> None:
    days = [datetime(2026, 1, day) for day in (1, 2, 3, 4)]
    attributes = _core.Attributes({"a": [None, 1, 2, 3], "b": ["x", "y", None, "x"], "at": days})
    for expression in (
        (a > 1.5) & (b == "x"),
        ~a.is_in([1, 2]) | b.is_null(),
        rf.col("at").between(datetime(2026, 1, 2), np.datetime64("2026-01-03T00:00:00", "ns")),
    ):
        back = pickle.loads(pickle.dumps(expression))
        np.testing.assert_array_equal(evaluate(attributes, back), evaluate(attributes, expression))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ((), "not of one filter"),
        (2 * (a < 1)._core.state, "not of one filter"),
        ((("&", 2),), "joins more than there is"),
        ((*(a < 1)._core.state, ("&", 1)), "unknown join"),
        ((*(a < 1)._core.state, ("<", 1)), "unknown join"),
        ((*(a < 1)._core.state, ("~", 0)), "unknown join"),
        ((("like", "a", (("str", "x"),)),), "no test 'like'"),
        ((("<", "a", ()),), "takes 1 values, got 0"),
        ((("<", "a", (("datetime64", (1, 9, False)),)),), "unknown unit"),
    ],
)
def test_a_damaged_state_is_refused(state: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _core.Expression.of_state(state)


def test_a_filter_has_no_truth_value() -> None:
    for ask in (lambda: bool(a < 1), lambda: 1 < a < 5, lambda: not a.is_null(), lambda: a.is_null() and a.is_null()):
        with pytest.raises(TypeError, match=r"& \| ~"):
            ask()
    with pytest.raises(TypeError, match="no truth value"):
        bool(a)
    with pytest.raises(TypeError, match="unhashable"):
        hash(a)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: a == None, TypeError, r"'a'.*None.*is_null"),  # noqa: E711
        (lambda: a < math.nan, ValueError, r"'a'.*NaN.*is_null"),
        (lambda: a == np.datetime64("NaT"), ValueError, r"'a'.*NaT.*is_null"),
        (lambda: a.is_in([1, None]), TypeError, "is_null"),
        (lambda: a.is_in([1.0, math.nan]), ValueError, "is_null"),
        (lambda: a == 1j, TypeError, "'a'.*complex"),
        (lambda: a == [1], TypeError, "'a'.*list"),
        (lambda: np.array([1]) == a, TypeError, "'a'.*numpy.ndarray"),
        (lambda: a == b"x", TypeError, "'a'.*bytes"),
        (lambda: a == b, TypeError, "'a'.*Column"),
        (lambda: a.is_in("abc"), TypeError, "several values.*str"),
        (lambda: a.is_in(5), TypeError, "several values.*int"),
        (lambda: a == "\ud800", ValueError, "surrogate"),
        (lambda: a == np.datetime64(1, "ps"), TypeError, "nanoseconds"),
        (lambda: (a < 1) & True, TypeError, "unsupported operand"),
        (lambda: (a < 1) | b, TypeError, "unsupported operand"),
        (lambda: rf.col(5), TypeError, "a str, got int"),  # type: ignore[arg-type]
        (lambda: rf.col("\ud800") == 1, ValueError, "the name of an attribute holds an unpaired surrogate"),
        (lambda: a == pd.NA, TypeError, "'a'.*NA.*is_null"),
        (lambda: a == pa.scalar(None, pa.int64()), TypeError, "'a'.*None.*is_null"),
        (lambda: a.is_in(pa.array([1, None])), TypeError, "'a'.*None.*is_null"),
    ],
)
def test_what_compares_with_nothing_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


ATTRIBUTES = _core.Attributes(
    {
        "flag": [True],
        "count": [1],
        "price": [1.5],
        "brand": ["x"],
        "added": [datetime(2026, 1, 1)],
        "seen": [datetime(2026, 1, 1, tzinfo=timezone.utc)],
        "tags": [["x"]],
        "codes": [[1]],
        "nothing": [None],
        "bare": [[]],
    }
)


def test_types_are_named() -> None:
    assert ATTRIBUTES.types == {
        "flag": "bool",
        "count": "int64",
        "price": "float64",
        "brand": "string",
        "added": "datetime64[us]",
        "seen": "datetime64[us, UTC]",
        "tags": "list of string",
        "codes": "list of int64",
        "nothing": "null",
        "bare": "list of null",
    }


@pytest.mark.parametrize(
    ("expression", "error", "message"),
    [
        (rf.col("colour") == 1, ValueError, "'colour'.*'flag', 'count', 'price'"),
        ((rf.col("count") == 1) | ~(rf.col("colour") == 1), ValueError, "'colour'"),
        (rf.col("colour").is_null(), ValueError, "'colour'"),
        (rf.col("count") == "1", TypeError, "'count' is of int64: == str"),
        (rf.col("price") < date(2026, 1, 1), TypeError, "'price' is of float64: < datetime.date"),
        (rf.col("flag") == "True", TypeError, "'flag' is of bool"),
        (rf.col("brand") == 1, TypeError, "'brand' is of string: == int"),
        (rf.col("brand").is_in(["x", 1]), TypeError, "'brand' is of string: is_in int"),
        (rf.col("added") == 1, TypeError, r"'added' is of datetime64\[us\]: == int"),
        (rf.col("added") == datetime(2026, 1, 1, tzinfo=timezone.utc), TypeError, "'added'.*without a tzinfo"),
        (rf.col("seen") == datetime(2026, 1, 1), TypeError, "'seen'.*with a tzinfo"),
        (rf.col("seen") == np.datetime64("2026-01-01"), TypeError, "'seen'.*with a tzinfo"),
        (rf.col("tags") == "x", TypeError, "'tags' is of list of string.*contains"),
        (rf.col("tags").is_in(["x"]), TypeError, "'tags'.*contains"),
        (rf.col("tags").contains(1), TypeError, "'tags' is of list of string: contains int is not for it; the attr"),
        (rf.col("codes").contains("x"), TypeError, "'codes' is of list of int64: contains str"),
        (rf.col("bare") == 1, TypeError, "'bare' is of list of null.*contains"),
        (rf.col("brand").contains("x"), TypeError, "'brand' is of string.*== or is_in"),
    ],
)
def test_what_does_not_fit_an_attribute_is_refused(
    expression: Expression, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluate(ATTRIBUTES, expression)


def test_what_there_is_is_listed() -> None:
    listed = "; the attributes that there are: 'flag', 'count', 'price', 'brand', 'added', 'seen', 'tags', .*'bare'$"
    for expression in (rf.col("colour") == 1, rf.col("count") == "1", rf.col("brand").contains("x")):
        with pytest.raises((TypeError, ValueError), match=listed):
            evaluate(ATTRIBUTES, expression)


def test_columns_that_cannot_be_attributes_are_named() -> None:
    others = {"size": [{"cm": 4}], "image": [[0.5]], "cost": pa.array([None], pa.decimal128(5, 2)), "price": [1.5]}
    attributes = _core.Attributes(others)
    assert attributes.types == {"price": "float64"}
    for version in (attributes, attributes.selected(np.array([0])), attributes.with_rows(np.array([1]), others)):
        for name, got in (("size", "dicts"), ("image", "lists of Python floats"), ("cost", "Arrow")):
            with pytest.raises(
                TypeError, match=f"'{name}': expected booleans, .* got .*{got}.*; the attributes .*'price'"
            ):
                evaluate(version, rf.col(name).is_null())


def test_an_attribute_without_values_takes_any_value() -> None:
    for value in (1, "x", date(2026, 1, 1)):
        assert evaluate(ATTRIBUTES, rf.col("nothing") == value).tolist() == [False]
        assert evaluate(ATTRIBUTES, ~(rf.col("nothing") == value)).tolist() == [False]
    assert evaluate(ATTRIBUTES, rf.col("nothing").is_null()).tolist() == [True]
    assert evaluate(ATTRIBUTES, ~rf.col("bare").contains("x")).tolist() == [True]


def test_long_chains_are_flat_and_deep_nests_are_refused() -> None:
    chain = a == 0
    for i in range(1, 10_000):
        chain = chain | (a == i)
    attributes = _core.Attributes({"a": np.arange(12_000)})
    assert evaluate(attributes, chain).sum() == 10_000
    assert repr(chain) == " | ".join(f"(col('a') == {i})" for i in range(10_000))
    assert evaluate(attributes, a.is_in(range(0, 200_000, 2))).sum() == 6_000
    nest = a == 0
    for _ in range(99):  # to a depth of 199
        nest = ~((a == 1) & nest)
    deepest = (a == 1) & nest
    assert np.flatnonzero(evaluate(attributes, deepest)).tolist() == [1]
    with pytest.raises(ValueError, match="200 deep"):
        deepest.__invert__()
