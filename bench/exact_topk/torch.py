"""torch: a matrix product and topk."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
import torch

from .scenario import TOP_K, Search


class Torch:
    """Exact up to float32 rounding."""

    exact = True

    def __init__(self, search: Search) -> None:
        torch.set_num_threads(1)
        self._vectors = torch.from_numpy(search.vectors).T
        self._batches = torch.from_numpy(search.batches)

    def __call__(self, number: int) -> torch.Tensor:
        """What is timed: int64 [B, K]."""
        with torch.inference_mode():
            return torch.topk(self._batches[number % len(self._batches)] @ self._vectors, TOP_K).indices

    def ids(self, number: int) -> npt.NDArray[Any]:
        """The same as an array."""
        return self(number).numpy()
