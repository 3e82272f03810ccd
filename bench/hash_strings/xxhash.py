"""xxhash, one Python call per string; the same XXH64 as recfast's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash


class XxHash:
    """A loop."""

    same = True

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings

    def __call__(self) -> Any:
        """What is timed."""
        hash_of = xxhash.xxh64_intdigest
        return [hash_of(string.encode()) for string in self._strings]

    def hashes(self) -> npt.NDArray[Any]:
        """One number per string."""
        return np.array(self(), dtype=np.uint64)
