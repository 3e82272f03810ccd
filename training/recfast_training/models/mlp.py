"""MLP: hidden layers over embeddings and numbers side by side, the plain deep network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from recfast.schema import Schema

from ..inputs import dense_of, dense_parts, fields_of
from ..layers import Linear, concat, emit_concat
from ..program import ProgramBuilder
from .base import Chain, NetworkConfig, RankingModel, check_sizes, embedding, network_json
from .hidden_layers import HiddenLayers


class MLP(RankingModel):
    """`logit = w · MLP(embeddings, numbers, vectors) + b`.

    Args:
        schema: the features.
        dim: width D of the embeddings.
        hidden: widths of the hidden layers; none is a linear model of embeddings and numbers.
        config: BatchNorm, dropout, initial weights; NetworkConfig() when None.

    Raises:
        ValueError: a size out of range, or a schema without features.

    Source: Covington et al., "Deep Neural Networks for YouTube Recommendations" (RecSys 2016), the ranking network.

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(item=[rf.Categorical("brand", buckets=9), rf.Numeric("price")], key="sku")
        >>> model = MLP(schema, dim=4, hidden=(8,))
        >>> model({"brand": torch.tensor([3]), "price": torch.tensor([1.5])}).shape
        torch.Size([1])
    """

    def __init__(
        self,
        schema: Schema,
        dim: int = 16,
        hidden: Sequence[int] = (256, 128, 64),
        *,
        config: NetworkConfig | None = None,
    ) -> None:
        """Build the layers."""
        super().__init__(schema)
        self.dim, self.config = dim, config or NetworkConfig()
        check_sizes(dim, tuple(hidden))
        fields, self._dense = fields_of(schema), dense_of(schema)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            self.embedding = embedding(fields, schema, dim, self.config) if fields else None
            self.mlp = HiddenLayers(len(fields) * dim + sum(i.width for i in self._dense), hidden, self.config)
            self.head = Linear(self.mlp.outputs, 1)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Widths of the hidden layers."""
        return self.mlp.widths

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows: encoded arrays as tensors -> logits, float [B]."""
        parts = [self.embedding(encoded).flatten(1)] if self.embedding is not None else []
        logits: Tensor = self.head(self.mlp(concat([*parts, *dense_parts(encoded, self._dense)])))[:, 0]
        return logits

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the ops: one concat and the layers."""
        embedded = self.embedding.emit(builder) if self.embedding is not None else []
        x = emit_concat(builder, [*embedded, *(i.name for i in self._dense)], "x")
        return self.head.emit(builder, self.mlp.emit(builder, x), "logit")

    def chains(self) -> list[Chain]:
        """The hidden layers, read by the head."""
        return [Chain(self.mlp.linears(), self.head)]

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {"model": "MLP", "dim": self.dim, "hidden": list(self.hidden), "config": network_json(self.config)}
