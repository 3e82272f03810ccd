"""DCN-V2, parallel: explicit feature crosses beside an MLP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from recfast.schema import Schema

from ..inputs import dense_of, dense_parts, fields_of
from ..layers import Cross, CrossLowRank, Linear, concat, emit_concat
from ..program import ProgramBuilder
from .base import Chain, NetworkConfig, RankingModel, check_sizes, embedding, network_json
from .hidden_layers import HiddenLayers


class DCNv2(RankingModel):
    """`logit = w · [cross layers of x, MLP(x)] + b`, x = the embeddings, numbers and vectors side by side.

    `prune` removes hidden units of the MLP. The cross layers keep their width, which is that of x; `rank` makes them
    smaller.

    Args:
        schema: the features.
        dim: width D of the embeddings.
        cross_layers: how many, at least 0.
        hidden: widths of the MLP's hidden layers; none means that there is no MLP.
        rank: r of low-rank cross layers, `x0 * (U V^T x + b) + x` with U and V [width of x, r]; 1 to the width of x.
            None: full matrices.
        config: BatchNorm, dropout, initial weights; NetworkConfig() when None.

    Raises:
        ValueError: a size out of range, neither cross layers nor hidden layers, a rank without cross layers or above
            the width of x, or a schema without features.

    Source: Wang et al., "DCN V2" (WWW 2021), figure 1b; equation 2 for the low rank.

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(item=[rf.Categorical("brand", buckets=9), rf.Numeric("price")], key="sku")
        >>> model = DCNv2(schema, dim=4, hidden=(8,))
        >>> model({"brand": torch.tensor([3]), "price": torch.tensor([1.5])}).shape
        torch.Size([1])
        >>> DCNv2(schema, dim=4, hidden=(8,), rank=1).flops() < model.flops()
        True
    """

    def __init__(
        self,
        schema: Schema,
        dim: int = 16,
        cross_layers: int = 3,
        hidden: Sequence[int] = (256, 128, 64),
        *,
        rank: int | None = None,
        config: NetworkConfig | None = None,
    ) -> None:
        """Build both halves."""
        super().__init__(schema)
        self.dim, self.cross_layers, self.rank = dim, cross_layers, rank
        self.config = config or NetworkConfig()
        hidden = tuple(hidden)
        check_sizes(dim, hidden)
        if cross_layers < 0 or not (cross_layers or hidden):
            raise ValueError(f"DCNv2 needs cross layers or hidden layers, got {cross_layers} and {hidden}")
        fields, self._dense = fields_of(schema), dense_of(schema)
        width = len(fields) * dim + sum(i.width for i in self._dense)
        if rank is not None and not (cross_layers and 1 <= rank <= width):
            raise ValueError(
                f"rank is that of the cross layers' matrices, 1 to {width} (the width of x) with cross_layers >= 1;"
                f" got rank={rank} and cross_layers={cross_layers}"
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            self.embedding = embedding(fields, schema, dim, self.config) if fields else None
            self.crosses = nn.ModuleList(
                Cross(width) if rank is None else CrossLowRank(width, rank) for _ in range(cross_layers)
            )
            self.mlp = HiddenLayers(width, hidden, self.config)
            self.head = Linear((width if cross_layers else 0) + (self.mlp.outputs if hidden else 0), 1)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Widths of the MLP's hidden layers."""
        return self.mlp.widths

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
            assert isinstance(layer, (Cross, CrossLowRank))
            x = layer.emit(builder, x0, x, f"cross.{i}")
        halves = ([x] if self.cross_layers else []) + ([self.mlp.emit(builder, x0)] if self.hidden else [])
        return self.head.emit(builder, emit_concat(builder, halves, "halves"), "logit")

    def chains(self) -> list[Chain]:
        """The MLP's hidden layers, read by the head."""
        return [Chain(self.mlp.linears(), self.head)]

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {
            "model": "DCNv2",
            "dim": self.dim,
            "cross_layers": self.cross_layers,
            "hidden": list(self.hidden),
            "rank": self.rank,
            "config": network_json(self.config),
        }
