"""Hashing: XXH64, the same on every CPU, in every process and in every language that has xxHash."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core


def hash64(values: Any, seed: int = 0) -> int | npt.NDArray[np.uint64]:
    """Hash values with XXH64.

    A str is hashed as its UTF-8 bytes, bytes as they are, an integer as 8 little-endian bytes (two's complement).

    Args:
        values: a str, bytes or int in [-2**63, 2**64), or a column of N of them: a list, a numpy array, a pandas or
            polars Series, anything that speaks Arrow's PyCapsule interface. Dictionary columns are resolved.
        seed: in [0, 2**64).

    Returns:
        An int for one value, uint64 [N] for a column.

    Raises:
        TypeError: floats or other types.
        ValueError: a null, an integer out of range, a str with an unpaired surrogate.

    Source:
        The xxHash specification, XXH64.

    Example:
        >>> import recfast as rf
        >>> hex(rf.hash64("abc"))
        '0x44bc2cf5ad770999'
        >>> rf.hash64(["a", "b"]).dtype
        dtype('uint64')
    """
    result: int | npt.NDArray[np.uint64] = _core.hash64(values, seed)
    return result


def bucket(values: Any, buckets: int, seed: int = 0) -> int | npt.NDArray[np.int64]:
    """Hash values into buckets: floor(hash64(value, seed) * buckets / 2**64).

    Args:
        values: as in `hash64`.
        buckets: how many, at least 1.
        seed: in [0, 2**64).

    Returns:
        An int for one value, int64 [N] for a column, in [0, buckets).

    Raises:
        TypeError: floats or other types.
        ValueError: buckets < 1, or as in `hash64`.

    Example:
        >>> import recfast as rf
        >>> rf.bucket("abc", 1000)
        268
    """
    result: int | npt.NDArray[np.int64] = _core.bucket(values, buckets, seed)
    return result
