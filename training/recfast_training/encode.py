"""Raw rows to arrays, by the same compiled code that serves, and rows that are encoded once and used often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from recfast.schema import Schema

Arrays = dict[str, npt.NDArray[Any]]


def encode(schema: Schema, rows: Any) -> Arrays:
    """Encode raw rows into what the models take and what an exported ONNX model is fed, under the same names.

    | feature | arrays |
    |---|---|
    | Categorical, Bucketized | `name`: int64 [B], rows of its table |
    | Numeric, Match | `name`: float32 [B]; with missing_indicator also `name_missing`: float32 [B], 1 = missing |
    | Bag | `name`: int64 [B, L] padded with 0, `name_mask`: bool [B, L], true = real; L >= 1 |
    | WeightedBag | the same, and `name_weight`: float32 [B, L], 0 where padded |
    | Vector | `name`: float32 [B, dim] |

    Args:
        schema: fitted.
        rows: a table with every column that the schema reads, B rows; other columns are ignored.

    Returns:
        The arrays by name.

    Raises:
        ValueError: a column is missing, columns differ in length, or the schema is not fitted.
        TypeError: a column has the wrong type.

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(item=[rf.Numeric("price", transform="log1p", missing_indicator=True)], key="sku")
        >>> {name: array.tolist() for name, array in encode(schema, {"price": [0.0, None]}).items()}
        {'price': [0.0, 0.0], 'price_missing': [0.0, 1.0]}
    """
    return schema.encode(rows)


@dataclass(frozen=True, eq=False)
class Encoded:
    """Rows that are already encoded, for `fit`, `prune` and `evaluate`.

    Args:
        arrays: what `encode` returned, B rows.
        labels: float [B], 0 or 1; null labels are NaN. None where no labels are needed.
        items: int or str [B], the id of each row's item; for `fit_retrieval`.

    Raises:
        ValueError: arrays, labels or items that differ in length, or no arrays.
    """

    arrays: Arrays = field(repr=False)
    labels: npt.NDArray[Any] | None = field(default=None, repr=False)
    items: npt.NDArray[Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check the lengths."""
        lengths = {name: len(array) for name, array in self.arrays.items()}
        if not lengths:
            raise ValueError("there are no arrays")
        for name, values in (("labels", self.labels), ("items", self.items)):
            if values is not None:
                lengths[name] = len(values)
        if len(set(lengths.values())) > 1:
            raise ValueError(f"the arrays differ in length: {lengths}")

    def __len__(self) -> int:
        """Rows."""
        return len(next(iter(self.arrays.values())))

    def select(self, index: npt.NDArray[Any]) -> Encoded:
        """The rows at `index`: int [n] or bool [B]."""
        arrays = {name: array[index] for name, array in self.arrays.items()}
        labels, items = (None if values is None else np.asarray(values)[index] for values in (self.labels, self.items))
        return Encoded(arrays, labels, items)
