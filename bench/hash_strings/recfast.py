"""recfast: XXH64 of a whole column in one call."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import recfast as rf


class RecfastList:
    """From a list of str."""

    same = True

    def __init__(self, strings: list[str]) -> None:
        self._column: Any = strings

    def __call__(self) -> Any:
        """What is timed."""
        return rf.hash64(self._column)

    def hashes(self) -> npt.NDArray[Any]:
        """One number per string."""
        return np.asarray(self())


class RecfastArrow(RecfastList):
    """From an Arrow column."""

    def __init__(self, strings: list[str]) -> None:
        super().__init__(strings)
        self._column = pa.array(strings)
