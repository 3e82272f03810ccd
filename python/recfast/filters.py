"""Filters: which items may be returned, said by expressions over their attributes.

>>> import recfast as rf
>>> (rf.col("price") < 50) & rf.col("brand").is_in(["acme", "blue"])
(col('price') < 50) & col('brand').is_in(['acme', 'blue'])
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NoReturn

import numpy as np

from . import _core

__all__ = ["Column", "Expression", "Scalar", "col"]

Scalar = bool | int | float | str | date | np.generic


class Expression:
    """A condition on the attributes of an item; `col` makes them. Join them with `&`, `|` and `~`.

    Nulls follow SQL: a comparison with a null attribute is neither true nor false, its negation with `~` neither, and
    an item is eligible where the whole expression is true. Only `is_null` sees nulls. A NaN attribute is null.

    The repr is the expression's text. Expressions of one text are equal, and share what they evaluated to. They are
    immutable, and can be pickled: to be kept in a configuration, or sent to another process.

    Example:
        >>> import recfast as rf
        >>> ~(rf.col("price") < 50) | rf.col("price").is_null()
        ~(col('price') < 50) | col('price').is_null()
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.Expression) -> None:
        self._core = core

    def __and__(self, other: Expression) -> Expression:
        """Both."""
        return Expression(self._core.all(other._core)) if isinstance(other, Expression) else NotImplemented

    def __or__(self, other: Expression) -> Expression:
        """At least one."""
        return Expression(self._core.any(other._core)) if isinstance(other, Expression) else NotImplemented

    def __invert__(self) -> Expression:
        """Not this one; what is null stays null."""
        return Expression(self._core.negation())

    def __bool__(self) -> NoReturn:
        """Refuse: `and`, `or`, `not` and chains like `1 < x < 5` would ask for it."""
        raise TypeError(
            "a filter has no truth value: join filters with & | ~, each comparison in parentheses, "
            "and write a range as col(name).between(low, high)"
        )

    def __eq__(self, other: object) -> bool:
        """Whether both have the same text."""
        return self._core.text == other._core.text if isinstance(other, Expression) else NotImplemented

    def __hash__(self) -> int:
        """Of the text."""
        return hash(self._core.text)

    def __copy__(self) -> Expression:
        """Itself: it never changes."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Expression:
        """Itself: it never changes."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle names, words and values."""
        return _of_state, (self._core.state,)

    def __repr__(self) -> str:
        return self._core.text


def _of_state(state: tuple[Any, ...]) -> Expression:
    """Return the pickled expression."""
    return Expression(_core.Expression.of_state(state))


class Column:
    """An attribute by its name, to be compared.

    Numbers (booleans, integers, floats) compare by their exact values, whatever their types: 2**53 + 1 is not
    2.0**53, and a float32 attribute has the value that float32 holds. Strings compare by code points. Points in time
    compare exactly, whatever their units; an attribute with a time zone takes values with one, an attribute without
    takes values without. A date is the midnight that begins it.

    Raises:
        TypeError: the value is neither a number, a str, nor a point in time (datetime, date, numpy.datetime64,
            pandas.Timestamp); None, which `is_null` asks for.
        ValueError: the value is NaN or NaT. What the attribute's type does not allow is found where the filter is used.
    """

    __slots__ = ("_name",)
    __array_ufunc__ = None  # numpy's scalars leave comparisons to this class
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of an attribute is a str, got {type(name).__name__}")
        self._name = name

    def _test(self, word: str, *values: Any) -> Expression:
        return Expression(_core.Expression(self._name, word, values))

    def __eq__(self, value: Scalar) -> Expression:  # type: ignore[override]
        """Equal."""
        return self._test("==", value)

    def __ne__(self, value: Scalar) -> Expression:  # type: ignore[override]
        """Not equal, and not null."""
        return self._test("!=", value)

    def __lt__(self, value: Scalar) -> Expression:
        """Less."""
        return self._test("<", value)

    def __le__(self, value: Scalar) -> Expression:
        """Less or equal."""
        return self._test("<=", value)

    def __gt__(self, value: Scalar) -> Expression:
        """Greater."""
        return self._test(">", value)

    def __ge__(self, value: Scalar) -> Expression:
        """Greater or equal."""
        return self._test(">=", value)

    def between(self, low: Scalar, high: Scalar) -> Expression:
        """Whether the attribute lies in [low, high], both included.

        Example:
            >>> import recfast as rf
            >>> rf.col("price").between(5, 9.5)
            col('price').between(5, 9.5)
        """
        return self._test("between", low, high)

    def is_in(self, values: Iterable[Scalar]) -> Expression:
        """Whether the attribute is one of the values.

        Args:
            values: any iterable of values, a set or a numpy array as well; may be empty.

        Example:
            >>> import recfast as rf
            >>> rf.col("brand").is_in(["acme", "blue"])
            col('brand').is_in(['acme', 'blue'])
        """
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            raise TypeError(f"is_in takes several values, a list or a set, got {type(values).__name__}")
        return self._test("is_in", *values)

    def contains(self, value: Scalar) -> Expression:
        """Whether the attribute, a list of integers or strings, has the value as an element.

        Null elements are no values. An empty list contains nothing; a null list is null.

        Example:
            >>> import recfast as rf
            >>> rf.col("tags").contains("vegan")
            col('tags').contains('vegan')
        """
        return self._test("contains", value)

    def is_null(self) -> Expression:
        """Whether the item has no value, or NaN.

        Example:
            >>> import recfast as rf
            >>> ~rf.col("price").is_null()
            ~col('price').is_null()
        """
        return self._test("is_null")

    def __bool__(self) -> NoReturn:
        """Refuse: an attribute has one value per item."""
        raise TypeError(f"an attribute has no truth value: compare it, as in col({self._name!r}) == True")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the name."""
        return Column, (self._name,)

    def __repr__(self) -> str:
        return f"col({self._name!r})"


def col(name: str) -> Column:
    """Name an attribute of the items, to be compared: the beginning of every filter.

    Args:
        name: the attribute's name, which is its column's in the items.

    Returns:
        A `recfast.filters.Column`: `== != < <= > >=`, `between`, `is_in`, `contains` and `is_null` make expressions.

    Example:
        >>> import recfast as rf
        >>> (rf.col("price") < 50) & ~rf.col("brand").is_in(["acme"])
        (col('price') < 50) & ~col('brand').is_in(['acme'])
    """
    return Column(name)


def core_of(where: Any) -> _core.Expression | None:
    """What the core takes for `where=`; None means that everything is eligible.

    Raises:
        TypeError: it is no expression.
    """
    if where is None:
        return None
    if isinstance(where, Expression):
        return where._core
    raise TypeError(
        f"where= is a filter made with rf.col, as in (rf.col('price') < 50) & rf.col('brand').is_in(['acme']); "
        f"got {type(where).__name__}"
    )


def attribute_names(attributes: Any) -> list[str] | None:
    """What the core takes for `attributes=`; None means all columns that can be attributes.

    Raises:
        TypeError: it is no list of names.
    """
    if attributes is None:
        return None
    iterable = isinstance(attributes, Iterable) and not isinstance(attributes, str)
    names = list(attributes) if iterable else []
    if not iterable or not all(isinstance(name, str) for name in names):
        raise TypeError(f"attributes= is a list of column names, got {attributes!r}")
    return names
