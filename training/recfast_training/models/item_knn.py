"""ItemKNN: every item's nearest neighbours by cosine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import recfast
from recfast.schema import Schema

from ..layers import SparseBag, emit_pick
from ..program import ProgramBuilder
from .linear_items import LinearItemModel

Matrix = npt.NDArray[np.float32]

_ITEMS = 1024  # whose similarities with all others are in memory at a time


class ItemKNN(LinearItemModel):
    """`W[h, i] = x_h . x_i / (|x_h| |x_i| + shrinkage)` for the `neighbours` items i that are nearest to h, else 0.

    x_i is the column of item i: what every request has of it. No item is its own neighbour. W is sparse: 8 bytes per
    neighbour. Learn it with `fit_items`.

    Args:
        schema: a bag of items and the item, see `LinearItemModel`.
        neighbours: per item, at least 1.
        shrinkage: at least 0; takes similarity from items that little is known of.

    Raises:
        ValueError: another schema, or a number out of range.

    Source: Sarwar et al., "Item-based Collaborative Filtering Recommendation Algorithms" (WWW 2001).

    Example:
        >>> import recfast as rf
        >>> from recfast_training import fit_items, predict
        >>> schema = rf.Schema(
        ...     request=[rf.Bag("bought", table="sku", pooling="sum")],
        ...     item=[rf.Categorical("sku", buckets=1, vocabulary=("bread", "butter", "soap"))],
        ...     key="sku",
        ... )
        >>> model = ItemKNN(schema, neighbours=2, shrinkage=0.0)
        >>> report = fit_items(model, {"bought": [["bread", "butter"], ["bread", "butter"], ["bread", "soap"]]})
        >>> rows = {"bought": [["bread"]] * 2, "sku": ["butter", "soap"]}
        >>> [round(float(score), 2) for score in predict(model, rows)]
        [0.82, 0.58]
    """

    def __init__(self, schema: Schema, neighbours: int = 100, shrinkage: float = 10.0) -> None:
        """Start from W = 0."""
        super().__init__(schema)
        if neighbours < 1 or not shrinkage >= 0:
            raise ValueError(f"neighbours is at least 1 and shrinkage at least 0, got {neighbours} and {shrinkage}")
        self.neighbours, self.shrinkage = neighbours, float(shrinkage)
        shape = (self.rows, min(neighbours, self.rows))
        self.table = SparseBag(self.bag, torch.zeros(shape), torch.zeros(shape, dtype=torch.int64))

    def learn(self, matrix: Matrix) -> None:
        """Find the neighbours; see `LinearItemModel`."""
        entries, columns = nearest(matrix, self.table.entries.shape[1], self.shrinkage)
        self.table.entries.copy_(torch.from_numpy(entries))
        self.table.columns.copy_(torch.from_numpy(columns))

    def similarities(self, of: Tensor, to: Tensor) -> Tensor:
        """Numbers of W; see `LinearItemModel`."""
        found = self.table.columns[of] == to[:, None, None]
        return (self.table.entries[of] * found).sum(dim=2)

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the sparse bag and the pick."""
        return emit_pick(builder, self.table.emit(builder, f"{self.bag.table}.neighbours"), self.ids, "logit")

    def num_parameters(self) -> int:
        """The numbers in W."""
        return self.table.entries.numel()

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {"model": "ItemKNN", "neighbours": self.neighbours, "shrinkage": self.shrinkage}


def nearest(matrix: Matrix, neighbours: int, shrinkage: float) -> tuple[Matrix, npt.NDArray[np.int64]]:
    """The nearest columns of every column, by cosine with shrinkage.

    Args:
        matrix: float32 [B, N].
        neighbours: n, at most N.
        shrinkage: added to the product of the lengths.

    Returns:
        Similarities, float32 [N, n], and columns, int64 [N, n]: the nearest first, ties to the lower column; 0 and
        column 0 where an item has fewer neighbours of positive similarity.
    """
    lengths = np.linalg.norm(matrix, axis=0)
    entries = np.zeros((matrix.shape[1], neighbours), np.float32)
    columns = np.zeros((matrix.shape[1], neighbours), np.int64)
    for first in range(0, matrix.shape[1], _ITEMS):
        block = slice(first, min(first + _ITEMS, matrix.shape[1]))
        products = matrix[:, block].T @ matrix
        scale = np.outer(lengths[block], lengths) + np.float32(shrinkage)
        similarity = np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)
        similarity[np.arange(len(similarity)), np.arange(block.start, block.stop)] = 0
        top = recfast.topk(similarity, neighbours)
        near = top.scores > 0
        entries[block] = np.where(near, top.scores, 0)
        columns[block] = np.where(near, top.ids, 0)
    return entries, columns
