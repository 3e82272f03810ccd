"""polars, one thread; its own hash, which may change between versions."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
import polars as pl


class PolarsList:
    """From a list: makes the Series, too."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings

    def __call__(self) -> Any:
        """What is timed."""
        return pl.Series(self._strings, dtype=pl.String).hash()

    def hashes(self) -> npt.NDArray[Any]:
        """One number per string."""
        return self().to_numpy()


class PolarsSeries:
    """From a Series that is there already."""

    def __init__(self, strings: list[str]) -> None:
        self._series = pl.Series(strings, dtype=pl.String)

    def __call__(self) -> Any:
        """What is timed."""
        return self._series.hash()

    def hashes(self) -> npt.NDArray[Any]:
        """One number per string."""
        return self().to_numpy()
