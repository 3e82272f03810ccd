"""The retriever: the exact best of all vectors for a query, without scoring every one of them exactly."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core
from .arguments import check_device, check_k, check_threads, skips
from .filters import Expression, core_of
from .topk import TopK

MOST_ROWS = 2**31 - 1
MOST_DIMENSIONS = 65536


class Retriever:
    """Vectors with ids, ready to be searched; immutable and free to share between threads.

    The score of a row x with bias b for a query q is, with all sums in float64 and one product after the other,

    - "inner_product": `float32(q · x + b)`;
    - "cosine": `float32(q · x / (|q| |x|) + b)`, where `|x| = sqrt(x · x)`; the cosine of a vector of zeros is 0.

    The order is score descending, then earlier row. Results are exact and certified: a scan of all rows in `dtype`
    bounds every score, and whoever may be among the best by these bounds is scored as above. No dtype, ISA or number of
    threads changes an id or a score.

    Args:
        vectors: float32 [N, D], finite, N < 2**31, 1 <= D <= 65536. They are kept, not copied, if the numbers of a row
            lie beside each other: do not change them as long as the retriever is in use.
        ids: N different integers or strings: a list, numpy array or Arrow column. The numbers of the rows if None.
        dtype: what is scanned: "i8" (D bytes per row, the fastest), "f16" (2 D bytes) or "f32" (the vectors
            themselves: no memory beside them). It decides how fast a search is, never what it finds.
        metric: "inner_product" or "cosine".
        bias: float32 [N], finite, added to each score; zeros if None.
        attributes: a table with one row per vector, whose columns filters (`where=`) may ask about: numbers, booleans,
            strings, points in time, and lists of integers or strings. None if None.
        device: where vectors are scanned: "cpu", or "cuda" for the first CUDA device. It gets a float32 copy of them, 4
            D bytes per row and 8 to 12 more, and names the rows with the largest bounds; these are scored here. The CPU
            searches, in `dtype`, for k > 819, and where bounds leave more rows open than the device names. Ids and
            scores are the same.

    Raises:
        ValueError: a wrong shape, a value that is not finite (names its row), ids that come twice or are not N, another
            dtype or metric.
        TypeError: vectors or bias are not float32, or ids are of another type.
        DeviceError: device="cuda" without a device, and why; its memory is not enough. Searches raise it, too, and
            after a fork.

    Example:
        >>> import numpy as np
        >>> import recfast as rf
        >>> retriever = rf.Retriever(np.eye(3, dtype=np.float32), ids=["a", "b", "c"])
        >>> retriever.search(np.float32([0.1, 0.5, 0.2]), k=2)
        TopK(2 ids, best b at 0.5)
    """

    def __init__(
        self,
        vectors: npt.ArrayLike,
        ids: Any = None,
        dtype: Literal["f32", "f16", "i8"] = "i8",
        metric: Literal["inner_product", "cosine"] = "inner_product",
        *,
        bias: npt.ArrayLike | None = None,
        attributes: Any = None,
        device: Literal["cpu", "cuda"] = "cpu",
    ) -> None:
        """Quantise the vectors."""
        if dtype not in ("f32", "f16", "i8"):
            raise ValueError(f'dtype is "f32", "f16" or "i8", got {dtype!r}')
        if metric not in ("inner_product", "cosine"):
            raise ValueError(f'metric is "inner_product" or "cosine", got {metric!r}')
        rows = _floats(vectors, "vectors")
        if rows.ndim != 2:
            raise ValueError(f"vectors must be [N, D], got {rows.ndim} dimension(s)")
        if len(rows) > MOST_ROWS:
            raise ValueError(f"a retriever holds at most 2**31 - 1 vectors, got {len(rows):,}")
        if not 1 <= rows.shape[1] <= MOST_DIMENSIONS:
            raise ValueError(f"a vector has from 1 to {MOST_DIMENSIONS} dimensions, got {rows.shape[1]}")
        if rows.strides[1] != 4 or rows.strides[0] < 0 or rows.strides[0] % 4 or not rows.flags.aligned:
            rows = np.ascontiguousarray(rows)
        per_row = None
        if bias is not None:
            per_row = _floats(bias, "bias")
            if per_row.shape != (len(rows),):
                raise ValueError(f"bias must be [N] for {len(rows)} vectors, got {list(per_row.shape)}")
            per_row = np.ascontiguousarray(per_row)
        self.dtype = dtype
        self.metric = metric
        self.device = check_device(device)
        self._core = _core.Retriever(rows, ids, dtype, metric, per_row, attributes, device == "cuda")

    @property
    def dim(self) -> int:
        """D, the dimensions of a vector."""
        return self._core.dim

    @property
    def size_bytes(self) -> int:
        """Memory in bytes, beside the vectors that were given.

        What is scanned (codes, error bounds and bias), ids, and attributes with the strings of their dictionaries.
        """
        return self._core.size_bytes

    def search(
        self,
        queries: npt.ArrayLike,
        k: int,
        *,
        where: Expression | None = None,
        exclude: Any = None,
        candidates: Any = None,
        missing: Literal["error", "skip"] = "error",
        threads: int = 1,
    ) -> TopK:
        """Find the best k of all rows, or of the candidates, for one query or for several.

        Args:
            queries: float32 [D], or [B, D] for a batch, finite. A batch costs much less than its queries one by one.
            k: how many to return at most, at least 1.
            where: a filter over the attributes, such as `rf.col("price") < 50`; nothing else comes back. What it
                evaluates to is kept for later searches.
            exclude: ids that may not come back; unknown ones are ignored, and counted in the result's `ignored`. For a
                batch a flat sequence for all queries, or a list of B sequences.
            candidates: the only ids that may come back, given like `exclude`; all if None.
            missing: "error" raises on unknown candidates, "skip" leaves them out and counts them in `skipped`.
            threads: how many threads search at most, in [1, 1024]; they live as long as the call.

        Returns:
            TopK with min(k, eligible) ids, best first; for a batch ids [B, K'], padded with -1 or None, and the true
            lengths in counts. `rescored` says how many rows were scored exactly, of all queries together; skipped and
            ignored are sums, too.

        Raises:
            KeyError: unknown candidates; names the first ones.
            ValueError: k < 1, another dimension, a query that is not finite; threads out of range; an attribute that is
                not there: the message lists those that are.
            TypeError: queries are not float32, ids are of another type than the retriever's, k is no integer, or a
                filter compares an attribute with another type.

        Example:
            >>> import numpy as np
            >>> import recfast as rf
            >>> retriever = rf.Retriever(np.float32([[1, 0], [0, 2], [1, 1]]))
            >>> retriever.search(np.float32([1, 1]), k=2).ids
            array([1, 2])
            >>> retriever.search(np.float32([[1, 1], [1, 0]]), k=2, exclude=[[1], []]).ids
            array([[2, 0],
                   [0, 2]])
            >>> shop = rf.Retriever(np.float32([[1, 0], [0, 2], [1, 1]]), attributes={"price": [9.0, 3.0, 5.0]})
            >>> shop.search(np.float32([1, 1]), k=2, where=rf.col("price") > 4).ids
            array([2, 0])
        """
        wanted = _floats(queries, "queries")
        if wanted.ndim not in (1, 2) or wanted.shape[-1] != self.dim:
            raise ValueError(f"queries must be [{self.dim}] or [B, {self.dim}], got {list(wanted.shape)}")
        batch = wanted.ndim == 2
        return TopK(
            *self._core.search(
                np.ascontiguousarray(wanted if batch else wanted[None]),
                batch,
                check_k(k),
                exclude,
                candidates,
                skips(missing),
                check_threads(threads),
                core_of(where),
            )
        )

    def similar(
        self,
        id: int | str,
        k: int,
        *,
        where: Expression | None = None,
        exclude: Any = None,
        candidates: Any = None,
        missing: Literal["error", "skip"] = "error",
        threads: int = 1,
    ) -> TopK:
        """Find the best k for the vector of a row, without that row.

        Args:
            id: of the row.
            k: how many to return at most, at least 1.
            where: a filter over the attributes, as in `search`.
            exclude: further ids that may not come back; unknown ones are ignored and counted.
            candidates: the only ids that may come back; all if None.
            missing: "error" raises on unknown candidates, "skip" leaves them out and counts them.
            threads: as in `search`.

        Returns:
            TopK with min(k, eligible) ids, best first.

        Raises:
            KeyError: no row has the id; unknown candidates.
            ValueError, TypeError: as in `search`.

        Example:
            >>> import numpy as np
            >>> import recfast as rf
            >>> retriever = rf.Retriever(np.float32([[1, 0], [0, 1], [2, 1]]), ids=["a", "b", "c"], metric="cosine")
            >>> retriever.similar("a", k=1).ids.tolist()
            ['c']
        """
        return TopK(
            *self._core.similar(
                [id], check_k(k), exclude, candidates, skips(missing), check_threads(threads), core_of(where)
            )
        )

    def __len__(self) -> int:
        """Return N, the number of rows."""
        return len(self._core)

    def __repr__(self) -> str:
        """Name the size, the dtype and the metric."""
        size = self.size_bytes / 1e6
        return f"Retriever({len(self):,} rows, dim {self.dim}, {self.metric}, {self.dtype}, {size:.1f} MB)"


def _floats(values: npt.ArrayLike, what: str) -> npt.NDArray[np.float32]:
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{what} are a masked array, and what is masked has no value; pass values.filled(...)")
    array = np.asarray(values)
    if array.dtype != np.float32:
        raise TypeError(
            f"{what} must be float32, got {array.dtype}: convert with numpy.asarray({what}, dtype=numpy.float32)"
        )
    return array
