"""mmh3, one Python call per string; MurmurHash3, 32 bits."""

from __future__ import annotations

from typing import Any

import mmh3
import numpy as np
import numpy.typing as npt


class Mmh3:
    """A loop."""

    def __init__(self, strings: list[str]) -> None:
        self._strings = strings

    def __call__(self) -> Any:
        """What is timed."""
        hash_of = mmh3.hash
        return [hash_of(string) for string in self._strings]

    def hashes(self) -> npt.NDArray[Any]:
        """One number per string."""
        return np.array(self())
