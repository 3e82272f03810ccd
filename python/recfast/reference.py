"""The meaning of every op, in NumPy float64: readable, slow, and what every executor is compared with.

Letters: B rows (requests times candidates), L longest bag, D embedding dim, I and O widths, R table rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def embedding_bag(
    table: npt.ArrayLike,
    ids: npt.NDArray[np.int64],
    mask: npt.NDArray[np.bool_] | None = None,
    *,
    pooling: str = "sum",
    weights: npt.ArrayLike | None = None,
) -> Floats:
    """Pool the rows of `table` that each bag names; an empty bag is zeros.

    ::

        for b in range(B):
            bag = [weights[b, l] * table[ids[b, l]] for l in range(L) if mask[b, l]]
            out[b] = sum(bag) | sum(bag) / len(bag) | max(bag)   # per dim

    Args:
        table: float [R, D].
        ids: int64 [B] (each a bag of one) or [B, L]; in [0, R) wherever the mask is set.
        mask: bool [B, L], true where an id is real; all of them when None.
        pooling: "sum", "mean" or "max".
        weights: float [B, L], a factor per id; 1 when None.

    Returns:
        float64 [B, D].

    Raises:
        IndexError: a real id out of range.
        ValueError: an unknown pooling.

    Example:
        >>> embedding_bag([[1.0], [5.0]], np.array([[1, 0], [1, 1]]), np.array([[True, False], [True, True]])).tolist()
        [[5.0], [10.0]]
    """
    rows = np.asarray(table, dtype=np.float64)
    bags = ids[:, None] if ids.ndim == 1 else ids
    real = np.ones(bags.shape, dtype=bool) if mask is None else mask
    if ((bags < 0) | (bags >= len(rows)))[real].any():
        raise IndexError(f"ids must be in [0, {len(rows)})")
    vectors = rows[np.where(real, bags, 0)]
    if weights is not None:
        vectors = vectors * np.asarray(weights, dtype=np.float64)[:, :, None]
    count = real.sum(axis=1)[:, None]
    total: Floats = np.where(real[:, :, None], vectors, 0.0).sum(axis=1)
    if pooling == "sum":
        return total
    if pooling == "mean":
        return np.asarray(total / np.maximum(count, 1), dtype=np.float64)
    if pooling == "max":
        largest = np.where(real[:, :, None], vectors, -np.inf).max(axis=1, initial=-np.inf)
        return np.where(count > 0, largest, 0.0)
    raise ValueError(f"pooling is 'sum', 'mean' or 'max', got {pooling!r}")


def concat(parts: Sequence[npt.ArrayLike]) -> Floats:
    """Put the parts side by side, in order.

    Args:
        parts: float [B, width] each.

    Returns:
        float64 [B, sum of widths].

    Example:
        >>> concat([[[1.0]], [[2.0, 3.0]]]).tolist()
        [[1.0, 2.0, 3.0]]
    """
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts], axis=1)


def linear(
    x: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None, *, activation: str = "none"
) -> Floats:
    """`act(W x + b)`.

    Args:
        x: float [B, I].
        weight: float [O, I].
        bias: float [O]; zero when None.
        activation: "none" or "relu".

    Returns:
        float64 [B, O].

    Raises:
        ValueError: an unknown activation.

    Example:
        >>> linear([[1.0, 2.0]], [[1.0, 1.0], [-1.0, 0.0]], [0.5, 0.0], activation="relu").tolist()
        [[3.5, 0.0]]
    """
    if activation not in ("none", "relu"):
        raise ValueError(f"activation is 'none' or 'relu', got {activation!r}")
    y: Floats = np.asarray(x, dtype=np.float64) @ np.asarray(weight, dtype=np.float64).T
    if bias is not None:
        y = y + np.asarray(bias, dtype=np.float64)
    return np.maximum(y, 0.0) if activation == "relu" else y


def fm(vectors: Sequence[npt.ArrayLike]) -> Floats:
    """The sum of the dot products of all pairs of vectors: `0.5 * sum_d((sum_f v_fd)^2 - sum_f v_fd^2)`.

    Args:
        vectors: F arrays, float [B, D] each.

    Returns:
        float64 [B, 1].

    Source: Rendle, "Factorization Machines" (ICDM 2010), lemma 3.1.

    Example:
        >>> fm([[[1.0, 2.0]], [[3.0, 4.0]]]).tolist()
        [[11.0]]
    """
    v = np.stack([np.asarray(vector, dtype=np.float64) for vector in vectors])
    pairs: Floats = 0.5 * (v.sum(axis=0) ** 2 - (v**2).sum(axis=0)).sum(axis=1, keepdims=True)
    return pairs


def dot_interaction(vectors: Sequence[npt.ArrayLike]) -> Floats:
    """The dot products of all distinct pairs of vectors.

    ::

        for j in range(F):
            for i in range(j):
                out[:, j * (j - 1) // 2 + i] = sum_d(v[i, d] * v[j, d])   # the strictly lower triangle, row by row

    Args:
        vectors: F arrays, float [B, D] each, two or more.

    Returns:
        float64 [B, F (F - 1) / 2].

    Source: Naumov et al., "Deep Learning Recommendation Model for Personalization and Recommendation Systems" (2019).

    Example:
        >>> dot_interaction([[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]]).tolist()
        [[11.0, 17.0, 39.0]]
    """
    v = [np.asarray(vector, dtype=np.float64) for vector in vectors]
    return np.stack([(v[i] * v[j]).sum(axis=1) for j in range(len(v)) for i in range(j)], axis=1)


def dot(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """The inner product of two vectors.

    Args:
        a: float [B, D].
        b: float [B, D].

    Returns:
        float64 [B, 1].

    Example:
        >>> dot([[1.0, 2.0]], [[3.0, 4.0]]).tolist()
        [[11.0]]
    """
    products: Floats = np.asarray(a, dtype=np.float64) * np.asarray(b, dtype=np.float64)
    total: Floats = products.sum(axis=1, keepdims=True)
    return total


def cross(x0: npt.ArrayLike, x: npt.ArrayLike, weight: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Floats:
    """`x0 * (W x + b) + x`.

    Args:
        x0: float [B, I], the input of the first cross layer.
        x: float [B, I], the output of the cross layer before.
        weight: float [I, I].
        bias: float [I]; zero when None.

    Returns:
        float64 [B, I].

    Source: Wang et al., "DCN V2" (WWW 2021), equation 1.

    Example:
        >>> cross([[2.0]], [[3.0]], [[1.0]], [1.0]).tolist()
        [[11.0]]
    """
    return np.asarray(x0, dtype=np.float64) * linear(x, weight, bias) + np.asarray(x, dtype=np.float64)


def cross_low_rank(
    x0: npt.ArrayLike,
    x: npt.ArrayLike,
    projection: npt.ArrayLike,
    weight: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
) -> Floats:
    """`x0 * (U V^T x + b) + x`, V^T the projection and U the weight.

    Args:
        x0: float [B, I], the input of the first cross layer.
        x: float [B, I], the output of the cross layer before.
        projection: float [r, I].
        weight: float [I, r].
        bias: float [I]; zero when None.

    Returns:
        float64 [B, I].

    Source: Wang et al., "DCN V2" (WWW 2021), equation 2.

    Example:
        >>> cross_low_rank([[2.0, 1.0]], [[3.0, 5.0]], [[1.0, 1.0]], [[1.0], [0.0]], [1.0, 0.0]).tolist()
        [[21.0, 5.0]]
    """
    return cross(x0, x, np.asarray(weight, dtype=np.float64) @ np.asarray(projection, dtype=np.float64), bias)


def normalise(x: npt.ArrayLike, gain: npt.ArrayLike | None = None) -> Floats:
    """`gain * x / max(|x|, 1e-12)`: vectors of length 1, times a gain per coordinate.

    Args:
        x: float [B, D].
        gain: float [D]; one when None.

    Returns:
        float64 [B, D]; zeros for a vector of zeros.

    Example:
        >>> normalise([[3.0, 4.0], [0.0, 0.0]], [10.0, 10.0]).tolist()
        [[6.0, 8.0], [0.0, 0.0]]
    """
    vectors: Floats = np.asarray(x, dtype=np.float64)
    unit: Floats = vectors / np.maximum(np.sqrt((vectors**2).sum(axis=1, keepdims=True)), 1e-12)
    return unit if gain is None else unit * np.asarray(gain, dtype=np.float64)


def pick(x: npt.ArrayLike, ids: npt.NDArray[np.int64]) -> Floats:
    """One number of a vector per row: `x[ids]`.

    Args:
        x: float [B, N].
        ids: int64 [B], in [0, N).

    Returns:
        float64 [B, 1].

    Example:
        >>> pick([[1.0, 2.0], [3.0, 4.0]], np.array([1, 0])).tolist()
        [[2.0], [3.0]]
    """
    return np.take_along_axis(np.asarray(x, dtype=np.float64), np.asarray(ids)[:, None], axis=1)


def sparse_bag(
    entries: npt.ArrayLike,
    columns: npt.NDArray[np.int32],
    ids: npt.NDArray[np.int64],
    mask: npt.NDArray[np.bool_],
    weights: npt.ArrayLike | None = None,
) -> Floats:
    """The weighted sum of sparse rows of a square table.

    ::

        for b in range(B):
            for l in range(L) if mask[b, l]:
                for j in range(n):
                    out[b, columns[ids[b, l], j]] += weights[b, l] * entries[ids[b, l], j]

    Args:
        entries: float [R, n].
        columns: int [R, n], in [0, R).
        ids: int64 [B, L], in [0, R) wherever the mask is set.
        mask: bool [B, L], true where an id is real.
        weights: float [B, L], a factor per id; 1 when None.

    Returns:
        float64 [B, R].

    Example:
        >>> sparse_bag([[2.0], [3.0]], np.array([[1], [1]]), np.array([[0, 1]]), np.array([[True, True]])).tolist()
        [[0.0, 5.0]]
    """
    rows = np.asarray(entries, dtype=np.float64)
    factors = np.asarray(mask, dtype=np.float64)
    if weights is not None:
        factors = factors * np.asarray(weights, dtype=np.float64)
    real = np.where(mask, ids, 0)
    out = np.zeros((len(ids), len(rows)))
    np.add.at(out, (np.arange(len(ids))[:, None, None], columns[real]), factors[:, :, None] * rows[real])
    return out


def sum(parts: Sequence[npt.ArrayLike]) -> Floats:
    """Add the parts elementwise.

    Args:
        parts: float [B, width] each, of one width.

    Returns:
        float64 [B, width].

    Example:
        >>> sum([[[1.0]], [[2.0]], [[3.5]]]).tolist()
        [[6.5]]
    """
    total: Floats = np.sum([np.asarray(part, dtype=np.float64) for part in parts], axis=0)
    return total


def dequantise(data: npt.NDArray[Any], dtype: str, dim: int) -> Floats:
    """Table rows as numbers: i8 and i4 mean `code * scale + offset`.

    Args:
        data: f32 [R, dim], f16 [R, dim], or uint8 [R, row bytes]: codes, then f16 scale and f16 offset. i8 has dim
            codes of a byte, i4 ceil(dim / 2) bytes of two codes, the low half first.
        dtype: "f32", "f16", "i8" or "i4".
        dim: D.

    Returns:
        float64 [R, dim].

    Raises:
        ValueError: an unknown dtype, or data of another shape.

    Example:
        >>> row = np.concatenate([np.array([0, 2], np.uint8), np.array([0.5, -1.0], np.float16).view(np.uint8)])
        >>> dequantise(row[None], "i8", 2).tolist()
        [[-1.0, 0.0]]
    """
    width = {"f32": dim, "f16": dim, "i8": dim + 4, "i4": (dim + 1) // 2 + 4}.get(dtype)
    if width is None:
        raise ValueError(f"dtype is 'f32', 'f16', 'i8' or 'i4', got {dtype!r}")
    if data.ndim != 2 or data.shape[1] != width:
        raise ValueError(f"{dtype} rows of dim {dim} have shape [R, {width}], got {list(data.shape)}")
    if dtype in ("f32", "f16"):
        return data.astype(np.float64)
    codes = data[:, :-4]
    if dtype == "i4":
        codes = np.stack([codes & 15, codes >> 4], axis=2).reshape(len(data), -1)[:, :dim]
    scale, offset = np.ascontiguousarray(data[:, -4:]).view("<f2").astype(np.float64).T[:, :, None]
    values: Floats = codes * scale + offset
    return values
