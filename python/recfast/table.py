"""Embedding tables: immutable rows in f32, f16, i8 or i4."""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from recfast import _core

__all__ = ["Pooling", "RowFormat", "Table"]

RowFormat = Literal["f32", "f16", "i8", "i4"]
Pooling = Literal["sum", "mean", "max"]

_INT64 = np.dtype(np.int64)


class Table:
    """Immutable embedding rows in one row format.

    - ``f32``, ``f16``: D numbers.
    - ``i8``: D codes of one byte, then scale and offset as f16; a value is ``code * scale + offset``, rounded once.
    - ``i4``: the same with codes of four bits, two in a byte, the low half first: ceil(D / 2) + 4 bytes.

    Rounding to i8 or i4 changes a weight by half the row's scale at most: 1/510 or 1/30 of the row's range
    (max - min), and at most a thousandth of the row's largest magnitude more, for scale and offset are f16.

    Args:
        weights: float32 [R, D], finite.
        dtype: The row format that the weights are converted to.

    Raises:
        TypeError: `weights` is not float32.
        ValueError: The shape or the dtype is wrong, a weight is not finite, or f16 cannot hold it.

    Example:
        >>> import numpy as np
        >>> import recfast as rf
        >>> table = rf.Table(np.eye(3, dtype=np.float32), dtype="i8")
        >>> table.bag([0, 2, 1], offsets=[0, 2]).round(2)
        array([[1., 0., 1.],
               [0., 1., 0.]], dtype=float32)
    """

    __slots__ = ("_native",)

    _native: _core.Table

    def __init__(self, weights: npt.ArrayLike, dtype: RowFormat = "f32") -> None:
        array = np.asarray(weights)
        if array.dtype != np.float32:
            raise TypeError(
                f"weights must be float32, got {array.dtype}: convert with numpy.asarray(weights, dtype=numpy.float32)"
            )
        if array.ndim != 2:
            raise ValueError(f"weights must be [R, D], got {array.ndim} dimension(s)")
        self._native = _core.Table(np.ascontiguousarray(array), dtype)

    @classmethod
    def from_bytes(cls, data: npt.NDArray[Any], *, dtype: RowFormat, dim: int) -> Table:
        """Make a table of rows that exist already, without a copy.

        Args:
            data: C-contiguous [R, x] whose bytes are the rows: uint8 [R, row_bytes], or for dtype "f32" float32
                [R, D], for "f16" float16 [R, D]. The table keeps it alive; changing it changes the table.
            dtype: The row format of `data`.
            dim: D.

        Returns:
            The table.

        Raises:
            TypeError: `data` has another dtype.
            ValueError: `data` is not contiguous, or its size does not fit.

        Example:
            >>> import numpy as np
            >>> import recfast as rf
            >>> rf.Table.from_bytes(np.ones((2, 3), dtype=np.float16), dtype="f16", dim=3)
            Table(2 rows, dim 3, f16, 12 bytes)
        """
        array = np.asarray(data)
        allowed = {"f32": ("uint8", "float32"), "f16": ("uint8", "float16")}.get(dtype, ("uint8",))
        if array.dtype.name not in allowed:
            raise TypeError(f"the rows of a {dtype} table are {' or '.join(allowed)}, got {array.dtype}")
        table = cls.__new__(cls)
        table._native = _core.Table.from_bytes(array, dtype, dim)
        return table

    @property
    def dtype(self) -> RowFormat:
        """The row format."""
        return cast(RowFormat, self._native.dtype)

    @property
    def num_rows(self) -> int:
        """R, the number of rows."""
        return self._native.num_rows

    @property
    def dim(self) -> int:
        """D, the numbers in a row."""
        return self._native.dim

    @property
    def size_bytes(self) -> int:
        """The size of all rows in bytes."""
        return self._native.size_bytes

    @property
    def data(self) -> npt.NDArray[np.uint8]:
        """The rows as they lie in memory: uint8 [R, row_bytes], read-only, not a copy."""
        return self._native.data

    def rows(self, ids: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Look up rows.

        Args:
            ids: Integers [N] in [0, num_rows).

        Returns:
            float32 [N, D].

        Raises:
            TypeError: `ids` are not integers.
            IndexError: An id is outside the table; names its position.

        Example:
            >>> import numpy as np
            >>> import recfast as rf
            >>> rf.Table(np.float32([[1, 2], [3, 4]])).rows([1, 1])
            array([[3., 4.],
                   [3., 4.]], dtype=float32)
        """
        return self._native.rows(_integers(ids, "ids"))

    def bag(
        self,
        ids: npt.ArrayLike,
        offsets: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        pooling: Pooling = "sum",
    ) -> npt.NDArray[np.float32]:
        """Pool the rows of each bag of ids.

        Args:
            ids: Integers [N] in [0, num_rows), all bags one after the other.
            offsets: Integers [B], where each bag starts; the first is 0, the last bag ends at N. A bag that starts
                where the next one starts (or at N) is empty: zeros.
            weights: float32 [N], one factor per id; for "sum" and "mean" only.
            pooling: "sum", "mean" (the sum divided by the bag's length, with weights too) or "max".

        Returns:
            float32 [B, D].

        Raises:
            TypeError: `ids` or `offsets` are not integers, or `weights` are not float32.
            ValueError: `offsets` do not start at 0, decrease or exceed N; or `weights` do not fit.
            IndexError: An id is outside the table; names its position.

        Example:
            >>> import numpy as np
            >>> import recfast as rf
            >>> table = rf.Table(np.float32([[1, 2], [3, 4]]))
            >>> table.bag([0, 1, 1], offsets=[0, 2], pooling="mean")
            array([[2., 3.],
                   [3., 4.]], dtype=float32)
        """
        factors = None
        if weights is not None:
            factors = np.ascontiguousarray(weights)
            if factors.dtype != np.float32:
                raise TypeError(f"weights must be float32, got {factors.dtype}")
        return self._native.bag(_integers(ids, "ids"), _integers(offsets, "offsets"), factors, pooling)

    def __len__(self) -> int:
        return self.num_rows

    def __repr__(self) -> str:
        return f"Table({self.num_rows:,} rows, dim {self.dim}, {self.dtype}, {self.size_bytes:,} bytes)"


def _integers(values: npt.ArrayLike, what: str) -> npt.NDArray[np.int64]:
    """Integers as contiguous int64 [N]; anything else is refused rather than rounded."""
    if type(values) is np.ndarray and values.dtype is _INT64 and values.ndim == 1 and values.flags.c_contiguous:
        return values
    array = np.asarray(values)
    if array.size == 0 and not isinstance(values, np.ndarray):
        array = array.astype(np.int64)  # numpy takes an empty list for floats
    if array.dtype.kind not in "iu":
        raise TypeError(f"{what} must be integers, got {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{what} must have one dimension, got {array.ndim}")
    if array.dtype == np.uint64 and array.size and int(array.max()) >= 2**63:
        position = int(np.argmax(array >= 2**63))
        raise IndexError(f"{what}[{position}] = {array[position]} is outside the table")
    return np.ascontiguousarray(array, dtype=np.int64)
