"""DeepFM: a first-order term, a factorisation machine and an MLP over the same embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from recfast.schema import Schema

from ..inputs import dense_of, dense_parts, fields_of
from ..layers import EmbeddingBag, Linear, concat, emit_concat, emit_fm, emit_sum, fm, sum_parts
from ..program import ProgramBuilder
from .base import Chain, NetworkConfig, RankingModel, check_sizes, embedding, network_json
from .hidden_layers import HiddenLayers


class DeepFM(RankingModel):
    """`logit = first order + FM(embeddings) + MLP(embeddings, numbers, vectors)`.

    Numbers and vectors enter the MLP and the first-order term, not the FM. What the schema lacks is left out: without
    numbers the first-order term has none, with fewer than two embedded fields there is no FM.

    Args:
        schema: the features.
        dim: width D of the embeddings.
        hidden: widths of the MLP's hidden layers.
        config: BatchNorm, dropout, initial weights; NetworkConfig() when None.

    Raises:
        ValueError: a size out of range, or a schema without features.

    Source: Guo et al., "DeepFM" (IJCAI 2017).

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(item=[rf.Categorical("brand", buckets=9), rf.Numeric("price")], key="sku")
        >>> model = DeepFM(schema, dim=4, hidden=(8,))
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
        """Build the terms that the schema allows."""
        super().__init__(schema)
        self.dim, self.config = dim, config or NetworkConfig()
        check_sizes(dim, tuple(hidden))
        fields, self._dense = fields_of(schema), dense_of(schema)
        numbers = sum(i.width for i in self._dense)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            self.embedding = self.first = self.first_dense = None
            if fields:
                self.embedding = embedding(fields, schema, dim, self.config)
                self.first = EmbeddingBag(fields, schema.tables, 1, suffix=".linear", deviation=0.0)
            if numbers:
                self.first_dense = Linear(numbers, 1)
            self.mlp = HiddenLayers(len(fields) * dim + numbers, hidden, self.config)
            self.head = Linear(self.mlp.outputs, 1)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Widths of the MLP's hidden layers."""
        return self.mlp.widths

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows: encoded arrays as tensors -> logits, float [B]."""
        dense = dense_parts(encoded, self._dense)
        terms: list[Tensor] = []
        parts: list[Tensor] = []
        if self.embedding is not None and self.first is not None:
            vectors = self.embedding(encoded)
            parts.append(vectors.flatten(1))
            terms.append(self.first(encoded).sum(dim=1))
            if vectors.shape[1] > 1:
                terms.append(fm(vectors))
        if self.first_dense is not None:
            terms.append(self.first_dense(dense[0]))
        terms.append(self.head(self.mlp(concat([*parts, *dense]))))
        return sum_parts(terms)[:, 0]

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the ops; the terms are added in one sum."""
        dense = [i.name for i in self._dense]
        terms: list[str] = []
        embedded: list[str] = []
        if self.embedding is not None and self.first is not None:
            embedded = self.embedding.emit(builder)
            terms += self.first.emit(builder)
            if len(embedded) > 1:
                terms.append(emit_fm(builder, embedded))
        if self.first_dense is not None:
            terms.append(self.first_dense.emit(builder, emit_concat(builder, dense, "numbers"), "first"))
        x = emit_concat(builder, [*embedded, *dense], "x")
        terms.append(self.head.emit(builder, self.mlp.emit(builder, x), "deep.out"))
        return emit_sum(builder, terms, "logit")

    def chains(self) -> list[Chain]:
        """The MLP's hidden layers, read by the head."""
        return [Chain(self.mlp.linears(), self.head)]

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {"model": "DeepFM", "dim": self.dim, "hidden": list(self.hidden), "config": network_json(self.config)}
