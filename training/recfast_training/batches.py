"""Encoded rows as tensors in memory, laid out so that a random batch is a handful of gathers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .encode import Arrays


class Batches:
    """Arrays of equal kind side by side: one row gather serves all ids, one all numbers, one each bag.

    Args:
        arrays: what `encode` returned, B rows. Ids are kept as int32 where they fit.
        labels: float or int64 [B], or None.
    """

    def __init__(self, arrays: Arrays, labels: npt.NDArray[np.generic] | None = None) -> None:
        """Copy the arrays into blocks."""
        self._blocks: list[tuple[list[str], Tensor]] = []
        for kind in (np.integer, np.floating):
            names = [n for n, a in arrays.items() if a.ndim == 1 and np.issubdtype(a.dtype, kind)]
            if names:
                block = np.stack([_narrow(arrays[name]) for name in names], axis=1)
                self._blocks.append((names, torch.from_numpy(block)))
        stacked = {name for names, _ in self._blocks for name in names}
        self._others = {n: _tensor(a) for n, a in arrays.items() if n not in stacked}
        self._labels = None if labels is None else _tensor(labels)
        self.rows = len(next(iter(arrays.values())))

    def take(self, index: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The rows at `index` (int64 [n]): arrays by name, and labels (empty when there are none)."""
        batch = {name: tensor.index_select(0, index) for name, tensor in self._others.items()}
        for names, block in self._blocks:
            batch.update(zip(names, block.index_select(0, index).unbind(1), strict=True))
        return batch, torch.empty(0) if self._labels is None else self._labels.index_select(0, index)

    def in_order(self, size: int) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        """All rows, in batches of at most `size`."""
        for start in range(0, self.rows, size):
            yield self.take(torch.arange(start, min(start + size, self.rows)))

    def shuffled(self, size: int, generator: torch.Generator) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        """All rows once, in random order, in batches of `size`; a last batch of one row is left out."""
        order = torch.randperm(self.rows, generator=generator)
        for index in torch.split(order, size):
            if len(index) > 1 or self.rows == 1:
                yield self.take(index)


def tensors(arrays: Arrays) -> dict[str, Tensor]:
    """Encoded arrays as tensors, under the same names and with the same dtypes.

    Example:
        >>> tensors({"price": np.array([1.5], np.float32)})
        {'price': tensor([1.5000])}
    """
    return {name: _tensor(array) for name, array in arrays.items()}


def _tensor(array: npt.NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.require(array, requirements=["C", "W"]))


def _narrow(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    fits = array.dtype == np.int64 and (not array.size or int(array.max()) < 2**31)
    return array.astype(np.int32) if fits else array
