"""embedding_bag: pooled rows of tables; ids are bags of one, an empty bag is zeros."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..inputs import Input
from ..program import ProgramBuilder


class EmbeddingBag(nn.Module):
    """All tables of one width, stacked in one parameter: a batch is one gather and one scatter of gradients.

    Fields that share a table share its rows.

    Args:
        fields: inputs that are ids or bags; ids stand before bags.
        rows: rows R by table name.
        dim: width D.
        suffix: appended to the table names when they are emitted.
        deviation: of the normal distribution that the rows start from.
        dropout: share of fields whose whole vector is zeroed in training, row by row, in [0, 1).
        decays: whether the rows shrink by `FitConfig.embedding_decay`.
    """

    def __init__(
        self,
        fields: Sequence[Input],
        rows: Mapping[str, int],
        dim: int,
        *,
        suffix: str = "",
        deviation: float = 0.01,
        dropout: float = 0.0,
        decays: bool = True,
    ) -> None:
        """Stack the tables."""
        super().__init__()
        self.dim = dim
        self.suffix = suffix
        self.dropout = dropout
        self.decays = decays
        names = tuple(dict.fromkeys(f.table for f in fields))
        ends = np.cumsum([rows[name] for name in names]).tolist()
        self._ranges = {name: (end - rows[name], end) for name, end in zip(names, ends, strict=True)}
        self.weight = nn.Parameter(torch.empty(ends[-1] if ends else 0, dim))
        nn.init.normal_(self.weight, std=deviation)
        self._read(fields)

    def _read(self, fields: Sequence[Input]) -> None:
        """Note which fields `forward` pools."""
        self.fields = tuple(fields)
        self._ids = [f for f in self.fields if f.kind == "ids"]
        self._bags = [f for f in self.fields if f.is_bag]
        starts = torch.tensor([self._ranges[f.table][0] for f in self._ids], dtype=torch.int64)
        self._starts: Tensor
        self.register_buffer("_starts", starts, persistent=False)

    def of(self, fields: Sequence[Input]) -> EmbeddingBag:
        """A layer that pools some of the fields only, from the same rows: they stay one parameter.

        Args:
            fields: some of `fields`; ids stand before bags.

        Returns:
            A layer whose `weight` is this one's.
        """
        layer = copy.copy(self)
        layer._buffers = dict(self._buffers)
        layer._read(fields)
        return layer

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
            encoded: int64 or int32 [B] per ids field; int [B, L] and bool `<name>_mask` [B, L] per bag, and float
                `<name>_weight` [B, L] per weighted bag.

        Returns:
            float [B, F, D], fields in the order of `fields`.
        """
        blocks: list[Tensor] = []
        if self._ids:
            blocks.append(torch.stack([encoded[f.name] for f in self._ids], dim=1) + self._starts)
        blocks += [encoded[f.name] + self._ranges[f.table][0] for f in self._bags]
        vectors = gather(self.weight, blocks)
        pooled = list(vectors[:1]) if self._ids else []
        for field, part in zip(self._bags, vectors[len(pooled) :], strict=True):
            weights = encoded.get(f"{field.name}_weight")
            pooled.append(pool(part, encoded[f"{field.name}_mask"], field.pooling, weights)[:, None])
        out = pooled[0] if len(pooled) == 1 else torch.cat(pooled, dim=1)
        if self.training and self.dropout:
            out = out * nn.functional.dropout(torch.ones_like(out[:, :, :1]), self.dropout)
        return out

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


def pool(vectors: Tensor, mask: Tensor, pooling: str, weights: Tensor | None = None) -> Tensor:
    """Pool padded bags.

    Args:
        vectors: float [B, L, D].
        mask: bool [B, L], true where a vector is real.
        pooling: "sum", "mean" (the sum by the number of real vectors) or "max".
        weights: float [B, L], a factor per vector, for "sum" and "mean"; 1 when None.

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
    real = mask.to(vectors.dtype)
    factors = real if weights is None else real * weights
    total = torch.bmm(factors[:, None], vectors)[:, 0]
    return total / real.sum(dim=1, keepdim=True).clamp(min=1) if pooling == "mean" else total


def gather(weight: Tensor, blocks: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Rows of one table for several blocks of ids.

    One gradient is made for all blocks, so that a large table is zeroed once per step and not once per block.

    Args:
        weight: float [R, D].
        blocks: int64 or int32, any shape each, in [0, R).

    Returns:
        Per block float [*shape, D].

    Example:
        >>> [v.tolist() for v in gather(torch.tensor([[1.0], [2.0]]), [torch.tensor([1]), torch.tensor([[0, 1]])])]
        [[[2.0]], [[[1.0], [2.0]]]]
    """
    rows: tuple[Tensor, ...] = _Gather.apply(weight, *blocks)  # type: ignore[no-untyped-call]
    return rows


class _Gather(torch.autograd.Function):
    """`weight[ids]` per block; its gradient is the sum over blocks, scattered into one zeroed table."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, *blocks: Tensor) -> tuple[Tensor, ...]:
        ctx.save_for_backward(*blocks)
        ctx.shape = weight.shape
        return tuple(_flat(weight).index_select(0, b.reshape(-1)).view(*b.shape, weight.shape[1]) for b in blocks)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        table = gradients[0].new_zeros(ctx.shape)
        for block, gradient in zip(ctx.saved_tensors, gradients, strict=True):
            rows = gradient.reshape(-1, ctx.shape[1])
            _flat(table).index_add_(0, block.reshape(-1), _flat(rows))
        return table, *(None for _ in gradients)


def _flat(rows: Tensor) -> Tensor:
    """One-wide rows in one dimension: gathers and scatters are several times as fast there."""
    return rows.view(-1) if rows.shape[1] == 1 else rows
