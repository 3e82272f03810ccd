"""embedding_bag: pooled rows of tables; ids are bags of one, an empty bag is zeros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ..inputs import Input
from ..program import ProgramBuilder


class EmbeddingBag(nn.Module):
    """All tables of one width, stacked in one parameter: a batch is one gather and one scatter of gradients.

    Fields that share a table share its rows.

    Args:
        fields: inputs of kind "ids" or "bag"; ids stand before bags.
        rows: rows R by table name.
        dim: width D.
        suffix: appended to the table names when they are emitted.
        deviation: of the normal distribution that the rows start from.
    """

    def __init__(
        self, fields: Sequence[Input], rows: Mapping[str, int], dim: int, *, suffix: str = "", deviation: float = 0.01
    ) -> None:
        """Stack the tables."""
        super().__init__()
        self.fields = tuple(fields)
        self.dim = dim
        self.suffix = suffix
        names = tuple(dict.fromkeys(f.table for f in fields))
        ends = np.cumsum([rows[name] for name in names]).tolist()
        self._ranges = {name: (end - rows[name], end) for name, end in zip(names, ends, strict=True)}
        self.weight = nn.Parameter(torch.empty(ends[-1] if ends else 0, dim))
        nn.init.normal_(self.weight, std=deviation)
        self._ids = [f for f in self.fields if f.kind == "ids"]
        self._bags = [f for f in self.fields if f.kind == "bag"]
        starts = torch.tensor([self._ranges[f.table][0] for f in self._ids], dtype=torch.int64)
        self._starts: Tensor
        self.register_buffer("_starts", starts, persistent=False)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, as they are emitted."""
        return tuple(name + self.suffix for name in self._ranges)

    def rows(self, table: str) -> Tensor:
        """The rows of one table (by its emitted name): a view, float [R, D]."""
        start, end = self._ranges[table.removesuffix(self.suffix) if self.suffix else table]
        return self.weight[start:end]

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Pool the rows of every field.

        Args:
            encoded: int64 or int32 [B] per ids field; int [B, L] and bool `<name>_mask` [B, L] per bag.

        Returns:
            float [B, F, D], fields in the order of `fields`.
        """
        blocks: list[Tensor] = []
        if self._ids:
            blocks.append(torch.stack([encoded[f.name] for f in self._ids], dim=1) + self._starts)
        blocks += [encoded[f.name] + self._ranges[f.table][0] for f in self._bags]
        vectors = _gather(self.weight, torch.cat([block.reshape(-1) for block in blocks]))
        parts = [
            part.view(*block.shape, self.dim)
            for part, block in zip(torch.split(vectors, [b.numel() for b in blocks]), blocks, strict=True)
        ]
        pooled = parts[:1] if self._ids else []
        for field, part in zip(self._bags, parts[len(pooled) :], strict=True):
            pooled.append(pool(part, encoded[f"{field.name}_mask"], field.pooling)[:, None])
        return pooled[0] if len(pooled) == 1 else torch.cat(pooled, dim=1)

    def emit(self, builder: ProgramBuilder) -> list[str]:
        """Append one op per field and each table once; return the slots in the order of `fields`."""
        slots = []
        for field in self.fields:
            table = field.table + self.suffix
            if not builder.has_table(table):
                builder.table(table, self.rows(table))
            output = f"{field.name}{self.suffix}/e"
            slots.append(builder.op("embedding_bag", [field.name], output, table=table, pooling=field.pooling))
        return slots


def pool(vectors: Tensor, mask: Tensor, pooling: str) -> Tensor:
    """Pool padded bags.

    Args:
        vectors: float [B, L, D].
        mask: bool [B, L], true where a vector is real.
        pooling: "sum", "mean" (over the real vectors) or "max".

    Returns:
        float [B, D]; zeros where a bag is empty.

    Raises:
        ValueError: an unknown pooling.

    Example:
        >>> pool(torch.tensor([[[2.0], [4.0], [9.0]]]), torch.tensor([[True, True, False]]), "mean").tolist()
        [[3.0]]
    """
    if pooling == "max":
        largest = vectors.masked_fill(~mask[:, :, None], -torch.inf).amax(dim=1)
        return torch.where(mask.any(dim=1)[:, None], largest, 0.0)
    if pooling not in ("sum", "mean"):
        raise ValueError(f"pooling is 'sum', 'mean' or 'max', got {pooling!r}")
    weights = mask.to(vectors.dtype)
    total = torch.bmm(weights[:, None], vectors)[:, 0]
    return total / weights.sum(dim=1, keepdim=True).clamp(min=1) if pooling == "mean" else total


def _gather(weight: Tensor, ids: Tensor) -> Tensor:
    """`weight[ids]`; the gradient of a one-wide table is three times as fast in one dimension."""
    if weight.shape[1] == 1:
        return weight.view(-1).index_select(0, ids)
    return weight.index_select(0, ids)
