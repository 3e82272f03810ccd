"""What filters mean, in plain Python: rows as dicts, tests of a row as True, False or None, random expressions."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

import recfast as rf
from recfast import _core
from recfast.filters import Expression

Truth = Callable[[dict[str, Any]], "bool | None"]
COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Case:
    """An expression, and what it means for a row."""

    expression: Expression
    truth: Truth

    def __repr__(self) -> str:
        return repr(self.expression)


def evaluate(attributes: _core.Attributes, expression: Expression) -> npt.NDArray[np.bool_]:
    return attributes.evaluate(expression._core)


def expected(rows: list[dict[str, Any]], truth: Truth) -> list[bool]:
    return [truth(row) is True for row in rows]


def is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def plain(value: Any) -> Any:
    """Comparable in Python: dates are the midnight that begins them."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value.item() if isinstance(value, np.generic) else value


def test_of(name: str, values: tuple[Any, ...], meaning: Callable[..., bool]) -> Truth:
    compared = [plain(value) for value in values]
    return lambda row: None if is_null(row[name]) else meaning(plain(row[name]), *compared)


def both(a: Case, b: Case) -> Case:
    def truth(row: dict[str, Any]) -> bool | None:
        sides = (a.truth(row), b.truth(row))
        return False if False in sides else None if None in sides else True

    return Case(a.expression & b.expression, truth)


def either(a: Case, b: Case) -> Case:
    def truth(row: dict[str, Any]) -> bool | None:
        sides = (a.truth(row), b.truth(row))
        return True if True in sides else None if None in sides else False

    return Case(a.expression | b.expression, truth)


def negated(a: Case) -> Case:
    def truth(row: dict[str, Any]) -> bool | None:
        value = a.truth(row)
        return None if value is None else not value

    return Case(~a.expression, truth)


def null_case(name: str) -> Case:
    return Case(rf.col(name).is_null(), lambda row: is_null(row[name]))


def comparison(name: str, word: str, value: Any) -> Case:
    return Case(COMPARISONS[word](rf.col(name), value), test_of(name, (value,), COMPARISONS[word]))


def between(name: str, low: Any, high: Any) -> Case:
    return Case(rf.col(name).between(low, high), test_of(name, (low, high), lambda x, a, b: a <= x <= b))


def is_in(name: str, values: list[Any]) -> Case:
    return Case(rf.col(name).is_in(values), test_of(name, tuple(values), lambda x, *wanted: x in wanted))


def contains(name: str, value: Any) -> Case:
    return Case(rf.col(name).contains(value), test_of(name, (value,), lambda xs, wanted: wanted in xs))


def joined(tests: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.recursive(
        tests,
        lambda parts: st.one_of(
            st.builds(both, parts, parts), st.builds(either, parts, parts), st.builds(negated, parts)
        ),
        max_leaves=6,
    )


EDGES = [0, 1, -1, 7, 2**31, 2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]
FLOATS = [0.0, -0.0, 0.5, 1.0, 7.0, -1.5, 2.0**53, 2.0**63, -(2.0**63), 2.0**64, 5e-324, 1e308, math.inf, -math.inf]
SMALL = st.sampled_from(EDGES)
REAL = st.one_of(st.sampled_from(FLOATS), st.floats(allow_nan=False))
NUMBER = st.one_of(
    st.booleans(),
    st.sampled_from([*EDGES, 2**63, 2**64 - 1, 2**64, 10**30, -(10**30), 2**200, 10**400, -(10**400)]),
    REAL,
    st.sampled_from([np.int8(7), np.uint64(2**63), np.float32(0.5), np.float16(7), np.bool_(True), np.float64(1.0)]),
)
TEXT = st.one_of(st.sampled_from(["", "a", "acme", "b\0c", "é", "'\\\n", "\U0001f600"]), st.text(max_size=3))
MOMENT = st.one_of(
    st.sampled_from([datetime(1970, 1, 1), datetime(2026, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999999)]),
    st.datetimes(),
)
ZONES = st.sampled_from([timezone.utc, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=11))])
ZONED = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=ZONES)
DAY = st.one_of(st.sampled_from([date(1970, 1, 1), date(2026, 1, 1)]), st.dates())

COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "flag": st.booleans(),
    "count": SMALL,
    "big": st.sampled_from([0, 1, 7, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1]),
    "price": st.one_of(REAL, st.just(math.nan)),
    "brand": TEXT,
    "added": MOMENT,
    "seen": ZONED,
    "day": DAY,
    "tags": st.lists(st.one_of(TEXT, st.none()), max_size=3),
    "codes": st.lists(st.one_of(SMALL, st.none()), max_size=3),
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(["flag", "count", "big", "price", "codes"], NUMBER),
    **dict.fromkeys(["brand", "tags"], TEXT),
    **dict.fromkeys(["added", "day"], st.one_of(MOMENT, DAY)),
    "seen": ZONED,
}


def rows_of(*names: str, max_size: int = 12) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries({name: st.one_of(st.none(), COLUMNS[name]) for name in names})
    return st.lists(row, max_size=max_size)


def conditions_of(name: str) -> st.SearchStrategy[Case]:
    value = VALUES[name]
    column = st.just(name)
    if name in ("tags", "codes"):
        return st.one_of(st.builds(null_case, column), st.builds(contains, column, value))
    return st.one_of(
        st.builds(null_case, column),
        st.builds(comparison, column, st.sampled_from(sorted(COMPARISONS)), value),
        st.builds(between, column, value, value),
        st.builds(is_in, column, st.lists(value, max_size=12)),
    )


def table_of(rows: list[dict[str, Any]], *names: str) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in names}
