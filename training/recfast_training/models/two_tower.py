"""TwoTower: a vector per request, a vector per item, and their inner product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from recfast.schema import Schema

from ..inputs import Input, dense_of, dense_parts, fields_of
from ..layers import (
    EmbeddingBag,
    Linear,
    concat,
    dot,
    emit_concat,
    emit_dot,
    emit_normalise,
    emit_sum,
    normalise,
    sum_parts,
)
from ..program import ProgramBuilder
from .base import Chain, NetworkConfig, RankingModel, check_sizes, embedding, network_json
from .hidden_layers import HiddenLayers


class TwoTower(RankingModel):
    """`logit = request tower . item tower + item bias`, each tower an MLP over the embeddings and numbers of its side.

    All that a request and an item share is one inner product, so the whole catalogue can be scored at once. Train it
    with `fit_retrieval` on interactions, or with `fit` on labels. Features that share a table share it across towers: a
    `Bag("recent", table="product_id")` of the request reads the rows that the item's `product_id` has.

    Args:
        schema: request and item features; no pair features.
        dim: width D of the embeddings and of both vectors.
        hidden: widths of the hidden layers of each tower.
        temperature: None, or a number above 0: both vectors get length 1, and their cosine is divided by it.
        bias: add a number per value of the item's categoricals and bags, learned with the rest: popularity needs no
            room in the vectors then.
        config: BatchNorm, dropout, initial weights; NetworkConfig() when None.

    Raises:
        ValueError: a size out of range, pair features, or a side without features.

    Source: Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations" (RecSys 2019).

    Example:
        >>> import recfast as rf
        >>> user, item = rf.Bag("recent", table="sku"), rf.Categorical("sku", buckets=9)
        >>> model = TwoTower(rf.Schema(request=[user], item=[item], key="sku"), dim=4, hidden=(8,))
        >>> item_side = {"sku": torch.tensor([3, 5])}
        >>> model.item_vectors(item_side).shape, model.item_biases(item_side).tolist()
        (torch.Size([2, 4]), [0.0, 0.0])
    """

    def __init__(
        self,
        schema: Schema,
        dim: int = 64,
        hidden: Sequence[int] = (128,),
        *,
        temperature: float | None = None,
        bias: bool = True,
        config: NetworkConfig | None = None,
    ) -> None:
        """Build both towers over one set of tables."""
        super().__init__(schema)
        if schema.pair:
            raise ValueError(
                f"a two-tower model has no pair features, the schema has {[f.name for f in schema.pair]}: its vectors"
                " meet in one inner product only; leave them out, or rank with another model"
            )
        if not (schema.request and schema.item):
            raise ValueError("a two-tower model needs request features and item features")
        if temperature is not None and not 0 < temperature < float("inf"):
            raise ValueError(f"temperature is None or a number above 0, got {temperature}")
        self.dim, self.temperature, self.config = dim, temperature, config or NetworkConfig()
        check_sizes(dim, tuple(hidden))
        fields, dense = fields_of(schema), dense_of(schema)
        sides = {side: tuple(f for f in fields if f.side == side) for side in ("request", "item")}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.config.seed)
            self.embedding = embedding(fields, schema, dim, self.config) if fields else None
            towers = {
                side: _Tower(
                    self.embedding.of(of_side) if self.embedding is not None and of_side else None,
                    tuple(i for i in dense if i.side == side),
                    dim,
                    hidden,
                    self.config,
                )
                for side, of_side in sides.items()
            }
            self.request, self.item = towers["request"], towers["item"]
            has_bias = bias and bool(sides["item"])
            self.bias = (
                EmbeddingBag(sides["item"], schema.tables, 1, suffix=".bias", deviation=0.0, decays=False)
                if has_bias
                else None
            )

    @property
    def hidden(self) -> tuple[int, ...]:
        """Widths of the hidden layers of each tower."""
        return self.request.mlp.widths

    def request_vectors(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Encoded request arrays as tensors -> float [B, D]; the temperature is in them."""
        vectors: Tensor = self.request(encoded)
        return vectors if self.temperature is None else normalise(vectors, 1 / self.temperature)

    def item_vectors(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Encoded item arrays as tensors -> float [B, D]."""
        vectors: Tensor = self.item(encoded)
        return vectors if self.temperature is None else normalise(vectors)

    def item_biases(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Encoded item arrays as tensors -> float [B]; zeros without a bias."""
        if self.bias is not None:
            biases: Tensor = self.bias(encoded).sum(dim=1)[:, 0]
            return biases
        first = encoded[self.item.inputs[0].name]
        return torch.zeros(len(first))

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows: encoded arrays as tensors -> logits, float [B]."""
        logits = dot(self.request_vectors(encoded), self.item_vectors(encoded))[:, 0]
        return logits if self.bias is None else sum_parts([logits, self.item_biases(encoded)])

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append both towers, the inner product and the bias."""
        request, item = self.request.emit(builder, "request"), self.item.emit(builder, "item")
        if self.temperature is not None:
            request = emit_normalise(builder, request, self.dim, "request.unit", 1 / self.temperature)
            item = emit_normalise(builder, item, self.dim, "item.unit")
        product = emit_dot(builder, request, item)
        return product if self.bias is None else emit_sum(builder, [product, *self.bias.emit(builder)], "logit")

    def chains(self) -> list[Chain]:
        """The hidden layers of the request tower, then those of the item tower, each read by its last layer."""
        return [Chain(tower.mlp.linears(), tower.last) for tower in (self.request, self.item)]

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {
            "model": "TwoTower",
            "dim": self.dim,
            "hidden": list(self.hidden),
            "temperature": self.temperature,
            "bias": self.bias is not None,
            "config": network_json(self.config),
        }


class _Tower(nn.Module):
    """Hidden layers over the embeddings and numbers of one side, then a linear layer to D."""

    def __init__(
        self,
        embedding: EmbeddingBag | None,
        dense: Sequence[Input],
        dim: int,
        hidden: Sequence[int],
        config: NetworkConfig,
    ) -> None:
        super().__init__()
        self.embedding, self._dense = embedding, tuple(dense)
        fields = embedding.fields if embedding is not None else ()
        self.inputs = (*fields, *self._dense)
        self.mlp = HiddenLayers(len(fields) * dim + sum(i.width for i in self._dense), hidden, config)
        self.last = Linear(self.mlp.outputs, dim)

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        parts = [self.embedding(encoded).flatten(1)] if self.embedding is not None else []
        vectors: Tensor = self.last(self.mlp(concat([*parts, *dense_parts(encoded, self._dense)])))
        return vectors

    def emit(self, builder: ProgramBuilder, name: str) -> str:
        embedded = self.embedding.emit(builder) if self.embedding is not None else []
        x = emit_concat(builder, [*embedded, *(i.name for i in self._dense)], f"{name}.x")
        return self.last.emit(builder, self.mlp.emit(builder, x, name), f"{name}.last")
