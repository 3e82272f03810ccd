"""pandas, an array of str objects; SipHash."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pandas.util import hash_array


class Pandas:
    """One call; the array is made ahead."""

    def __init__(self, strings: list[str]) -> None:
        self._array = np.array(strings, dtype=object)

    def __call__(self) -> Any:
        """What is timed."""
        return hash_array(self._array, categorize=False)

    def hashes(self) -> npt.NDArray[Any]:
        """One number per string."""
        return np.asarray(self())
