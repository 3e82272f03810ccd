"""What this machine allows: random rows of a table, and work that never varies; compiled on first use."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from .competitors import Absent

AHEAD, TRIES = (4, 8, 16, 24, 32, 48, 64), 15


class RandomRows:
    """The plain prefetched sum over rows of a table.

    Args:
        table: C-contiguous [R, x], rows of 128, 36 or 20 bytes.
        batches: int64 [n] each, to choose the best prefetch distance by; in turns, so that caches do not hold the rows.
    """

    def __init__(self, table: npt.NDArray[Any], batches: Sequence[npt.NDArray[np.int64]]) -> None:
        self._library = library()
        self._words = table.view(np.uint8).reshape(len(table), -1).shape[1] // 4
        self._table = table
        self._sums = np.zeros(self._words, np.uint32)
        spent: dict[int, list[float]] = {ahead: [] for ahead in AHEAD}
        for i in range(TRIES * len(AHEAD)):
            ahead = AHEAD[i % len(AHEAD)]
            spent[ahead].append(self._seconds(batches[i % len(batches)], ahead))
        self.ahead = min(AHEAD, key=lambda ahead: float(np.median(spent[ahead])))

    def __call__(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """The sums of the words of all rows."""
        self._run(ids, self.ahead)
        return self._sums

    def expected(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """What it has to be."""
        words = self._table.view(np.uint32).reshape(len(self._table), -1)
        sums: npt.NDArray[np.uint32] = words[ids].sum(axis=0, dtype=np.uint32)
        return sums

    def _run(self, ids: npt.NDArray[np.int64], ahead: int) -> None:
        pointers = self._table.ctypes.data, self._words, ids.ctypes.data, len(ids), ahead, self._sums.ctypes.data
        known = self._library.random_rows(*(ctypes.c_int64(p) for p in pointers))
        assert known & 1, f"limits.cpp has no rows of {self._words * 4} bytes"

    def _seconds(self, ids: npt.NDArray[np.int64], ahead: int) -> float:
        start = perf_counter()
        self._run(ids, ahead)
        return perf_counter() - start


class Spin:
    """The same work in every call.

    Args:
        seconds: how long a call is to take, roughly.
    """

    def __init__(self, seconds: float) -> None:
        self._library = library()
        self._steps = 1_000_000
        best = min(self._seconds() for _ in range(5))
        self._steps = max(1, round(self._steps * seconds / best))

    def __call__(self) -> None:
        """Spin."""
        self._library.spin(ctypes.c_int64(self._steps))

    def _seconds(self) -> float:
        start = perf_counter()
        self()
        return perf_counter() - start


@cache
def library() -> ctypes.CDLL:
    """limits.cpp for this CPU.

    Raises:
        Absent: there is no compiler.
    """
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    if not compiler:
        raise Absent("needs a C++ compiler")
    with TemporaryDirectory() as folder:
        built = Path(folder) / "limits.so"
        source = Path(__file__).with_name("limits.cpp")
        subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", built, source], check=True)
        return ctypes.CDLL(str(built))  # stays mapped when the folder goes
