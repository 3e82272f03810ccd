"""DLRM: dot products of all pairs of feature vectors, under an MLP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from recfast.schema import Schema

from ..inputs import Input, dense_of, dense_parts, fields_of
from ..layers import Linear, concat, dot_interaction, emit_concat, emit_dot_interaction
from ..program import ProgramBuilder
from .base import Chain, NetworkConfig, RankingModel, check_sizes, embedding, network_json
from .hidden_layers import HiddenLayers

SIDES = ("request", "item", "pair")


class DLRM(RankingModel):
    """`logit = w · MLP_top(bottom vectors, dot products of all pairs of vectors) + b`.

    The vectors are the embeddings and, per side that has numbers or vectors, `MLP_bottom` of them. One bottom MLP per
    side, where the paper has one for all, is what lets the sides split: only dot products between sides, and the top
    MLP, are work per candidate.

    Args:
        schema: the features; at least two vectors come from them.
        dim: width D of the embeddings and of what a bottom MLP gives.
        bottom: widths of a bottom MLP's hidden layers, before its last one of width `dim`: for all sides, or by side
            ("request", "item", "pair") for each one that has numbers.
        top: widths of the top MLP's hidden layers.
        config: BatchNorm, dropout, initial weights; NetworkConfig() when None.

    Raises:
        ValueError: a size out of range, fewer than two vectors, or other sides in `bottom` than have numbers.

    Source: Naumov et al., "Deep Learning Recommendation Model for Personalization and Recommendation Systems" (2019).

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(item=[rf.Categorical("brand", buckets=9), rf.Numeric("price")], key="sku")
        >>> model = DLRM(schema, dim=4, bottom=(8,), top=(8,))
        >>> model({"brand": torch.tensor([3]), "price": torch.tensor([1.5])}).shape
        torch.Size([1])
    """

    def __init__(
        self,
        schema: Schema,
        dim: int = 16,
        bottom: Sequence[int] | Mapping[str, Sequence[int]] = (64,),
        top: Sequence[int] = (256, 128, 64),
        *,
        config: NetworkConfig | None = None,
    ) -> None:
        """Build the bottom MLPs, the embeddings and the top MLP."""
        super().__init__(schema)
        self.dim, self.config = dim, config or NetworkConfig()
        fields, dense = fields_of(schema), dense_of(schema)
        self._dense = {s: of_side for s in SIDES if (of_side := tuple(i for i in dense if i.side == s))}
        widths = _by_side(bottom, tuple(self._dense))
        check_sizes(dim, (*(width for hidden in widths.values() for width in hidden), *top))
        count = len(fields) + len(self._dense)
        if count < 2:
            raise ValueError(
                f"DLRM needs two vectors or more, the schema gives {count}: one per categorical, bucketized or bag"
                " feature, and one for the numbers of each side"
            )
        sides = [*(f.side for f in fields), *self._dense]
        # Sorted by side, the bottom vector first: then the pair side's dot products follow each other in the output.
        self._order = sorted(range(count), key=lambda i: (SIDES.index(sides[i]), i < len(fields), i))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            self.embedding = embedding(fields, schema, dim, self.config) if fields else None
            self.bottoms = nn.ModuleDict(
                {side: Bottom(inputs, widths[side], dim, self.config) for side, inputs in self._dense.items()}
            )
            self.mlp = HiddenLayers(len(self._dense) * dim + count * (count - 1) // 2, top, self.config)
            self.head = Linear(self.mlp.outputs, 1)

    @property
    def bottom(self) -> dict[str, tuple[int, ...]]:
        """Widths of the bottom MLPs' hidden layers, by side."""
        return {side: tower.mlp.widths for side, tower in self._towers()}

    @property
    def top(self) -> tuple[int, ...]:
        """Widths of the top MLP's hidden layers."""
        return self.mlp.widths

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows: encoded arrays as tensors -> logits, float [B]."""
        bottoms = [tower(encoded) for _, tower in self._towers()]
        embedded = [self.embedding(encoded)] if self.embedding is not None else []
        vectors = torch.cat([*embedded, *(vector[:, None] for vector in bottoms)], dim=1)
        logits: Tensor = self.head(self.mlp(concat([*bottoms, dot_interaction(vectors[:, self._order])])))[:, 0]
        return logits

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the ops; vectors stand in the order request, item, pair."""
        bottoms = [tower.emit(builder, f"bottom.{side}") for side, tower in self._towers()]
        vectors = [*(self.embedding.emit(builder) if self.embedding is not None else []), *bottoms]
        dots = emit_dot_interaction(builder, [vectors[i] for i in self._order])
        x = emit_concat(builder, [*bottoms, dots], "x")
        return self.head.emit(builder, self.mlp.emit(builder, x, "top"), "logit")

    def chains(self) -> list[Chain]:
        """The hidden layers of each bottom MLP, read by its last layer, and those of the top MLP, read by the head."""
        return [
            *(Chain(tower.mlp.linears(), tower.last) for _, tower in self._towers()),
            Chain(self.mlp.linears(), self.head),
        ]

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {
            "model": "DLRM",
            "dim": self.dim,
            "bottom": {side: list(widths) for side, widths in self.bottom.items()},
            "top": list(self.top),
            "config": network_json(self.config),
        }

    def _towers(self) -> list[tuple[str, Bottom]]:
        return [(side, tower) for side, tower in self.bottoms.items() if isinstance(tower, Bottom)]


class Bottom(nn.Module):
    """The numbers and vectors of one side as one vector: hidden layers, and a last one (ReLU too) of width `dim`."""

    def __init__(self, inputs: Sequence[Input], hidden: Sequence[int], dim: int, config: NetworkConfig) -> None:
        """Stack the layers; units of the last one are no hidden units, which dropout would zero."""
        super().__init__()
        self._inputs = tuple(inputs)
        self.mlp = HiddenLayers(sum(i.width for i in inputs), hidden, config)
        self.last = Linear(self.mlp.outputs, dim, relu=True, batch_norm=config.batch_norm)

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Encoded arrays as tensors -> float [B, dim]."""
        vector: Tensor = self.last(self.mlp(dense_parts(encoded, self._inputs)[0]))
        return vector

    def emit(self, builder: ProgramBuilder, name: str) -> str:
        """Append one concat and one op per layer, named `<name>.<i>`; return the last slot."""
        numbers = emit_concat(builder, [i.name for i in self._inputs], f"{name}.numbers")
        return self.last.emit(builder, self.mlp.emit(builder, numbers, name), f"{name}.last")


def _by_side(bottom: Sequence[int] | Mapping[str, Sequence[int]], sides: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """Widths for each side that has numbers."""
    if not isinstance(bottom, Mapping):
        return {side: tuple(bottom) for side in sides}
    if set(bottom) != set(sides):
        raise ValueError(f"bottom= has widths for {sorted(bottom)}; the sides with numbers are {list(sides)}")
    return {side: tuple(bottom[side]) for side in sides}
