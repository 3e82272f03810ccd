"""scikit-learn's FeatureHasher: strings straight to columns of a sparse matrix; MurmurHash3, 32 bits."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from sklearn.feature_extraction import FeatureHasher


class ScikitLearn:
    """One string per row."""

    def __init__(self, strings: list[str]) -> None:
        self._rows = [[string] for string in strings]
        self._hasher = FeatureHasher(n_features=2**30, input_type="string", alternate_sign=False)

    def __call__(self) -> Any:
        """What is timed."""
        return self._hasher.transform(self._rows)

    def hashes(self) -> npt.NDArray[Any]:
        """One number per string."""
        matrix = self()
        assert matrix.nnz == len(self._rows)
        return matrix.indices
