"""Single raw columns of whatever table the caller has: labels, groups, and the first rows as Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def column(rows: Any, name: str) -> Any:
    """One column of a table (a dict, pyarrow, polars or pandas table).

    Raises:
        ValueError: there is no such column.
    """
    names = _names(rows)
    if name not in names:
        raise ValueError(f"the rows have no column {name!r}; their columns are {list(names)}")
    return rows[name]


def numbers(values: Any, name: str) -> npt.NDArray[np.float64]:
    """A column as float64 [B]; null is NaN, false and true are 0 and 1.

    Raises:
        TypeError: values that are no numbers.
    """
    array = _arrow(values)
    try:
        if array is None:
            return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
        if pa.types.is_boolean(array.type):
            array = array.cast(pa.int8())
        return np.asarray(array.cast(pa.float64()).to_numpy(), dtype=np.float64)
    except (ValueError, TypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise TypeError(f"column {name!r} holds numbers 0 and 1 or booleans, but: {error}") from None


def codes(values: Any) -> npt.NDArray[np.int64]:
    """A column of any hashable values as int64 [B]: equal values, equal codes."""
    array = _arrow(values)
    if array is None:
        return np.unique(np.asarray(values), return_inverse=True)[1].reshape(-1).astype(np.int64)
    encoded = array.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def first_rows(rows: Any, names: Sequence[str], limit: int) -> dict[str, list[Any]]:
    """The first rows as Python values: None, bool, int, float, str, lists of them, and maps as dicts.

    Raises:
        ValueError: a column is missing.
    """
    return {name: _values(column(rows, name), limit) for name in names}


def _names(rows: Any) -> Sequence[str]:
    if isinstance(rows, Mapping):
        return list(rows)
    names = getattr(rows, "column_names", None)  # pyarrow
    if names is None:
        names = getattr(rows, "columns", None)  # polars, pandas
    if names is None:
        raise TypeError(f"rows are a dict of columns or a pyarrow, polars or pandas table, got {type(rows).__name__}")
    return list(names)


def _arrow(values: Any) -> Any:
    """The column as a pyarrow ChunkedArray without dictionary, or None when it does not speak Arrow."""
    if not (hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__")):
        return None
    array = pa.chunked_array([values]) if hasattr(values, "__arrow_c_array__") else pa.chunked_array(values)
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def _values(values: Any, limit: int) -> list[Any]:
    if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        array = pa.chunked_array([values]) if hasattr(values, "__arrow_c_array__") else pa.chunked_array(values)
        return list(array.slice(0, limit).to_pylist(maps_as_pydicts="strict"))
    head = values[:limit]
    return list(head.tolist()) if isinstance(head, np.ndarray) else list(head)


def head(rows: Any, limit: int) -> Any:
    """The first rows of a table, as a table of the same kind."""
    if isinstance(rows, Mapping):
        return {name: values[:limit] for name, values in rows.items()}
    return rows[:limit]
