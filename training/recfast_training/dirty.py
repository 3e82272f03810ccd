"""Dirty training data: counted, reported, handled by stated rules.

| what | rule |
|---|---|
| null or NaN label | the row is dropped and counted |
| label outside {0, 1} | `ValueError` that shows the first ones |
| rows equal in every encoded feature and in the label | kept (repeat purchases are real) and counted |
| missing values (null, NaN, infinity) | each feature kind has a meaning for them; counted where it is a row |
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from recfast.schema import Schema

from .encode import Arrays, Encoded
from .inputs import fields_of

_MIX = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class DataReport:
    """What was found in the training rows.

    Attributes:
        rows: given.
        null_labels: rows dropped for a null or NaN label.
        used: rows that are left.
        positives: of the rows used, those with label 1.
        duplicates: of the rows used, those equal to an earlier one in every feature and in the label; kept.
        missing: of the rows used, how many lack a value, by feature (ids only), where there are any.
    """

    rows: int
    null_labels: int
    used: int
    positives: int
    duplicates: int
    missing: dict[str, int] = field(default_factory=dict)


def clean(schema: Schema, encoded: Encoded) -> tuple[Encoded, DataReport]:
    """Apply the rules above.

    Args:
        schema: of the rows.
        encoded: with labels.

    Returns:
        The rows to train on, labels float32 [used], and the report.

    Raises:
        ValueError: no labels, labels outside {0, 1}, or no row left.
    """
    if encoded.labels is None:
        raise ValueError("training needs labels: give raw rows with a label column, or Encoded(arrays, labels)")
    labels = np.asarray(encoded.labels, dtype=np.float64)
    known = ~np.isnan(labels)
    wrong = known & (labels != 0) & (labels != 1)
    if wrong.any():
        at = np.flatnonzero(wrong)
        raise ValueError(
            f"labels are 0 or 1 (null drops the row), got {labels[at[:3]].tolist()} in rows {at[:3].tolist()}"
            f" and {len(at)} such rows in all"
        )
    kept = Encoded(encoded.arrays, labels.astype(np.float32))
    if not known.all():
        kept = kept.select(known)
    if not len(kept):
        raise ValueError(f"no row is left to train on: {len(encoded)} rows, {int((~known).sum())} with a null label")
    assert kept.labels is not None
    missing = {
        f.name: int((kept.arrays[f.name] == schema.tables[f.table] - 1).sum())
        for f in fields_of(schema)
        if f.kind == "ids"
    }
    return kept, DataReport(
        rows=len(encoded),
        null_labels=int((~known).sum()),
        used=len(kept),
        positives=int(kept.labels.sum()),
        duplicates=count_duplicates({**kept.arrays, "": kept.labels}),
        missing={name: count for name, count in missing.items() if count},
    )


def count_duplicates(arrays: Arrays) -> int:
    """How many rows equal an earlier one in all arrays, judged by a 64-bit mix of their bits.

    Example:
        >>> count_duplicates({"a": np.array([1, 2, 1, 1]), "b": np.array([0.5, 0.5, 0.5, 0.0], np.float32)})
        1
    """
    mixed: npt.NDArray[np.uint64] = np.zeros(len(next(iter(arrays.values()))), dtype=np.uint64)
    for array in arrays.values():
        for column in array.reshape(len(array), -1).T:
            bits = column.view(f"u{column.dtype.itemsize}").astype(np.uint64)
            mixed = (mixed ^ bits) * np.uint64(_MIX)
            mixed ^= mixed >> np.uint64(29)
    return int(mixed.size - np.unique(mixed).size)
