"""The tables, the bags, and what their sums have to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

DIM = 32
SEED = 20170102
LEVELS = {"i8": 255, "i4": 15}
BATCH_ROWS = 2_000_000  # rows that all batches together ask for: several times what caches hold


@dataclass(frozen=True)
class Tables:
    """Ten tables in one.

    Attributes:
        count: of tables T.
        rows: of each table, R.
        weights: float32 [T * R, D], table after table.
    """

    count: int
    rows: int
    weights: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Bags:
    """A batch: B bags per table, all of one length, the bags of the first table first.

    Attributes:
        ids: int64 [T * B * L], rows of the merged table.
        offsets: int64 [T * B].
        length: L.
    """

    ids: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    length: int


def make_tables(rows: int, count: int = 10) -> Tables:
    """Normal weights with a deviation of 0.1."""
    rng = np.random.default_rng(SEED)
    weights = rng.standard_normal((count * rows, DIM), dtype=np.float32)
    weights *= 0.1
    return Tables(count, rows, weights)


def make_batches(tables: Tables, bags: int, length: int) -> list[Bags]:
    """Uniform random ids; so many batches that no ids come back while caches may hold them."""
    rng = np.random.default_rng(SEED + length)
    per_batch = tables.count * bags * length
    starts = np.repeat(np.arange(tables.count) * tables.rows, bags * length)
    offsets = np.arange(0, per_batch, length)
    some = max(2, min(BATCH_ROWS, tables.count * tables.rows) // per_batch)
    return [Bags(rng.integers(0, tables.rows, per_batch) + starts, offsets, length) for _ in range(some)]


def compare(found: npt.NDArray[np.float32], tables: Tables, bags: Bags, dtype: str) -> float:
    """The largest error of a sum, as a share of what is allowed.

    Args:
        found: float32 [T * B, D].
        tables: whose weights are exact.
        bags: what was summed.
        dtype: "f32": eps · L · Σ|w| is allowed. "i8", "i4": per row half a step of 1/255 or 1/15 of its range, and
            what f16 rounds off scale and offset.

    Raises:
        AssertionError: the error exceeds what is allowed.
    """
    rows = tables.weights[bags.ids].reshape(-1, bags.length, DIM)
    error = np.abs(found - rows.sum(axis=1, dtype=np.float64))
    allowed: Any
    if dtype == "f32":
        allowed = np.finfo(np.float32).eps * bags.length * np.abs(rows).sum(axis=1)
    else:
        low, high = rows.min(axis=2), rows.max(axis=2)
        rounding = 2.0**-11
        per_row = (high - low) * (0.5 / LEVELS[dtype] + 1.01 * rounding) + np.abs(low) * rounding + 1e-6
        allowed = per_row.sum(axis=1)[:, None]
    worst = float(np.max(error / allowed))
    assert worst <= 1, f"a sum is off by {worst:.2f} times what {dtype} allows"
    return float(error.max())
