"""The checksums of an artifact: XXH64, by the core, of everything that the file holds.

Entry 0 covers the header with its length (8 + n bytes), entry i the i-th tensor in file order, pads included, and the
last entry all entries before it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from recfast import _core

_SEED = 0


def checksum(data: npt.NDArray[np.uint8]) -> int:
    """XXH64 of the bytes of `data` (uint8 [n], contiguous), seed 0."""
    return _core.hash_buffer(data, _SEED)


def count(tensors: int) -> int:
    """How many entries `__checksums` has in a file of `tensors` tensors besides it."""
    return tensors + 2


def compute(header: npt.NDArray[np.uint8], tensors: Iterable[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint64]:
    """The content of `__checksums`: uint64 [2 + tensors]."""
    entries = np.array([checksum(header), *map(checksum, tensors)], dtype="<u8")
    return np.append(entries, np.array([checksum(entries.view(np.uint8))], dtype="<u8"))
