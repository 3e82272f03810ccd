"""DCN-V2, parallel: explicit feature crosses beside an MLP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from recfast.schema import Schema

from ..inputs import dense_of, dense_parts, fields_of
from ..layers import Cross, Linear, concat, emit_concat
from ..program import ProgramBuilder
from .base import NetworkConfig, RankingModel, check_sizes, embedding, network_json
from .mlp import MLP


class DCNv2(RankingModel):
    """`logit = w · [cross layers of x, MLP(x)] + b`, x = the embeddings, numbers and vectors side by side.

    Args:
        schema: the features.
        dim: width D of the embeddings.
        cross_layers: how many, at least 0.
        hidden: widths of the MLP's hidden layers; none means that there is no MLP.
        config: BatchNorm, dropout, initial weights; NetworkConfig() when None.

    Raises:
        ValueError: a size out of range, neither cross layers nor hidden layers, or a schema without features.

    Source: Wang et al., "DCN V2" (WWW 2021), figure 1b.

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(item=[rf.Categorical("brand", buckets=9), rf.Numeric("price")], key="sku")
        >>> model = DCNv2(schema, dim=4, hidden=(8,))
        >>> model({"brand": torch.tensor([3]), "price": torch.tensor([1.5])}).shape
        torch.Size([1])
    """

    def __init__(
        self,
        schema: Schema,
        dim: int = 16,
        cross_layers: int = 3,
        hidden: Sequence[int] = (256, 128, 64),
        *,
        config: NetworkConfig | None = None,
    ) -> None:
        """Build both halves."""
        super().__init__(schema)
        self.dim, self.cross_layers, self.hidden = dim, cross_layers, tuple(hidden)
        self.config = config or NetworkConfig()
        check_sizes(dim, self.hidden)
        if cross_layers < 0 or not (cross_layers or self.hidden):
            raise ValueError(f"DCNv2 needs cross layers or hidden layers, got {cross_layers} and {self.hidden}")
        fields, self._dense = fields_of(schema), dense_of(schema)
        width = len(fields) * dim + sum(i.width for i in self._dense)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            self.embedding = embedding(fields, schema, dim, self.config) if fields else None
            self.crosses = nn.ModuleList(Cross(width) for _ in range(cross_layers))
            self.mlp = MLP(width, self.hidden, self.config)
            self.head = Linear((width if cross_layers else 0) + (self.mlp.outputs if self.hidden else 0), 1)

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows: encoded arrays as tensors -> logits, float [B]."""
        parts = [self.embedding(encoded).flatten(1)] if self.embedding is not None else []
        x0 = x = concat([*parts, *dense_parts(encoded, self._dense)])
        for layer in self.crosses:
            x = layer(x0, x)
        halves = ([x] if self.cross_layers else []) + ([self.mlp(x0)] if self.hidden else [])
        logits: Tensor = self.head(concat(halves))[:, 0]
        return logits

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the ops; the halves meet in one linear op."""
        embedded = self.embedding.emit(builder) if self.embedding is not None else []
        x0 = x = emit_concat(builder, [*embedded, *(i.name for i in self._dense)], "x")
        for i, layer in enumerate(self.crosses):
            assert isinstance(layer, Cross)
            x = layer.emit(builder, x0, x, f"cross.{i}")
        halves = ([x] if self.cross_layers else []) + ([self.mlp.emit(builder, x0)] if self.hidden else [])
        return self.head.emit(builder, emit_concat(builder, halves, "halves"), "logit")

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {
            "model": "DCNv2",
            "dim": self.dim,
            "cross_layers": self.cross_layers,
            "hidden": list(self.hidden),
            "config": network_json(self.config),
        }
