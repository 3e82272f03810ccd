"""What a schema's encoded arrays are to a model: ids and bags for embeddings, numbers for the dense part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from recfast.features import Bag, Bucketized, Categorical, Vector, WeightedBag
from recfast.schema import Schema

Kind = Literal["ids", "bag", "weighted_bag", "dense"]


@dataclass(frozen=True)
class Input:
    """One encoded array.

    Attributes:
        name: its name in what `encode` returns (a bag's mask is `<name>_mask`, its weights are `<name>_weight`).
        side: "request", "item" or "pair".
        kind: "ids" (int64 [B]), "bag" (int64 [B, L] with a mask), "weighted_bag" (with weights too) or "dense" (float32
            [B] or [B, width]).
        width: numbers per row of a dense input.
        vector: whether a dense input is [B, width] (even of width 1) and not [B].
        table: the table whose rows ids and bags name.
        pooling: of a bag.
    """

    name: str
    side: str
    kind: Kind
    width: int = 1
    vector: bool = False
    table: str = ""
    pooling: str = "sum"

    @property
    def is_bag(self) -> bool:
        """Whether it is a bag, with weights or without."""
        return self.kind in ("bag", "weighted_bag")

    @property
    def arrays(self) -> tuple[str, ...]:
        """The names of its encoded arrays."""
        suffixes = {"bag": ("_mask",), "weighted_bag": ("_mask", "_weight")}.get(self.kind, ())
        return (self.name, *(self.name + suffix for suffix in suffixes))

    def to_json(self) -> dict[str, Any]:
        """Return the input as a program's manifest has it."""
        base = {"name": self.name, "side": self.side, "kind": self.kind}
        return {**base, "width": self.width} if self.kind == "dense" else base


def inputs_of(schema: Schema) -> tuple[Input, ...]:
    """The inputs of a schema, in its order.

    Args:
        schema: need not be fitted.

    Returns:
        One input per encoded array, masks and weights excepted.

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(item=[rf.Bag("tags", buckets=9), rf.Numeric("price", missing_indicator=True)], key="sku")
        >>> [(i.name, i.kind) for i in inputs_of(schema)]
        [('tags', 'bag'), ('price', 'dense'), ('price_missing', 'dense')]
    """
    inputs: list[Input] = []
    for feature in schema:
        name, side = feature.name, schema.side(feature.name)
        if isinstance(feature, (Categorical, Bucketized)):
            inputs.append(Input(name, side, "ids", table=feature.table))
        elif isinstance(feature, (Bag, WeightedBag)):
            kind: Kind = "bag" if isinstance(feature, Bag) else "weighted_bag"
            inputs.append(Input(name, side, kind, table=feature.table, pooling=feature.pooling))
        elif isinstance(feature, Vector):
            inputs.append(Input(name, side, "dense", width=feature.dim, vector=True))
        else:
            inputs.append(Input(name, side, "dense"))
            if feature.missing_indicator:
                inputs.append(Input(f"{name}_missing", side, "dense"))
    return tuple(inputs)


def fields_of(schema: Schema) -> tuple[Input, ...]:
    """The inputs that have embeddings: first all ids, then all bags, each in the schema's order."""
    inputs = inputs_of(schema)
    return (*(i for i in inputs if i.kind == "ids"), *(i for i in inputs if i.is_bag))


def dense_of(schema: Schema) -> tuple[Input, ...]:
    """The inputs that are numbers, in the schema's order."""
    return tuple(i for i in inputs_of(schema) if i.kind == "dense")


def dense_parts(encoded: Mapping[str, Tensor], inputs: Sequence[Input]) -> list[Tensor]:
    """The dense inputs of a batch as one part.

    Args:
        encoded: arrays of `encode` as tensors.
        inputs: which of them, all dense.

    Returns:
        One tensor, float [B, sum of widths], or nothing when there are no such inputs.
    """
    if not inputs:
        return []
    if all(i.width == 1 for i in inputs):
        return [torch.stack([encoded[i.name].reshape(-1) for i in inputs], dim=1)]
    return [torch.cat([encoded[i.name].reshape(-1, i.width) for i in inputs], dim=1)]
