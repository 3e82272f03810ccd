"""sparse_bag: the weighted sum of sparse rows of a square table."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from ..inputs import Input
from ..program import ProgramBuilder


class SparseBag(nn.Module):
    """`out[columns[id, j]] += w * entries[id, j]` for every id of a bag, w its weight or 1.

    Args:
        field: a bag, with weights or without.
        entries: float32 [R, n]; what a row does not need is 0.
        columns: int64 [R, n], in [0, R).

    Example:
        >>> import torch
        >>> bag = Input("bought", "request", "bag", table="sku")
        >>> layer = SparseBag(bag, torch.tensor([[2.0], [3.0]]), torch.tensor([[1], [1]]))
        >>> layer({"bought": torch.tensor([[0, 1]]), "bought_mask": torch.tensor([[True, True]])}).tolist()
        [[0.0, 5.0]]
    """

    def __init__(self, field: Input, entries: Tensor, columns: Tensor) -> None:
        """Keep the rows; they are not trained."""
        super().__init__()
        self.field = field
        self.entries: Tensor
        self.columns: Tensor
        self.register_buffer("entries", entries.float())
        self.register_buffer("columns", columns.long())

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """The bag's arrays as tensors -> float [B, R]."""
        name = self.field.name
        ids, factors = encoded[name].long(), encoded[f"{name}_mask"].to(self.entries.dtype)
        if self.field.kind == "weighted_bag":
            factors = factors * encoded[f"{name}_weight"]
        added = factors[:, :, None] * self.entries[ids]
        out = added.new_zeros(len(ids), len(self.entries))
        return out.scatter_add_(1, self.columns[ids].flatten(1), added.flatten(1))

    def emit(self, builder: ProgramBuilder, name: str) -> str:
        """Append the op under the weight names `<name>.entries` and `<name>.columns`; return its slot."""
        entries = builder.weight(f"{name}.entries", self.entries)
        columns = builder.indices(f"{name}.columns", self.columns)
        return builder.op("sparse_bag", [self.field.name], name, weight=entries, columns=columns)
