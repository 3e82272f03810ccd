"""What every model has in common: a schema, logits, and the way it becomes data."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from recfast.schema import Schema

from ..inputs import Input
from ..layers import Cross, CrossLowRank, EmbeddingBag, Linear
from ..program import Emitted, ProgramBuilder


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Options of a network that few need to change.

    Args:
        batch_norm: normalise each hidden layer before its ReLU; folded into the weights at export.
        dropout: share of hidden units that are zeroed in training, in [0, 1).
        embedding_dropout: share of fields whose whole embedding is zeroed in training, row by row, in [0, 1); keeps the
            network from relying on a single id.
        deviation: of the normal distribution that embeddings start from.
        seed: of the initial weights; torch's global generator is left alone.

    Raises:
        ValueError: a share or deviation out of range.

    Example:
        >>> NetworkConfig(dropout=0.1).batch_norm
        False
    """

    batch_norm: bool = False
    dropout: float = 0.0
    embedding_dropout: float = 0.0
    deviation: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("dropout", "embedding_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is in [0, 1), got {getattr(self, name)}")
        if not self.deviation >= 0:
            raise ValueError(f"deviation is at least 0, got {self.deviation}")


class Chain(NamedTuple):
    """Hidden layers, one behind the other, and who reads the last one: what `prune` removes units from.

    Attributes:
        layers: in order.
        reader: its last inputs are the units of the last layer; it may have others before them.
    """

    layers: list[Linear]
    reader: Linear


class RankingModel(nn.Module, ABC):
    """A network over the encoded features of a schema, whose output is a logit.

    Attributes:
        schema: the features.
        provenance: JSON values about how the weights came to be; `fit` and `prune` add to it, `export` writes it.
    """

    schema: Schema
    provenance: dict[str, Any]

    def __init__(self, schema: Schema) -> None:
        """Keep the schema."""
        super().__init__()
        if not tuple(schema):
            raise ValueError("the schema has no features; a model needs at least one")
        self.schema = schema
        self.provenance = {}

    @abstractmethod
    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows.

        Args:
            encoded: what `recfast_training.encode` returns, as tensors.

        Returns:
            Logits, float [B].
        """

    @abstractmethod
    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the model's ops to a program and return the slot of the logit."""

    @abstractmethod
    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""

    def chains(self) -> list[Chain]:
        """The hidden layers of the model's own; none here."""
        return []

    def emit(self) -> Emitted:
        """Return the model as data: `(program, weights, tables)`, as it behaves in evaluation."""
        builder = ProgramBuilder(self.schema)
        return builder.finish(self.append_to(builder))

    def flops(self) -> int:
        """Dense multiply-adds per row: those of every linear and cross layer."""
        return sum(module.flops() for module in self.modules() if isinstance(module, (Linear, Cross, CrossLowRank)))

    def num_parameters(self) -> int:
        """Trained numbers, embeddings included."""
        return sum(parameter.numel() for parameter in self.parameters())

    def embeddings(self) -> Iterator[EmbeddingBag]:
        """The layers that hold tables."""
        return (module for module in self.modules() if isinstance(module, EmbeddingBag))

    def with_tables(self, tables: Mapping[str, npt.NDArray[np.floating[Any]]]) -> RankingModel:
        """Return a copy in which tables are replaced.

        Args:
            tables: float [R, D] by emitted table name; the others stay as they are.

        Returns:
            A model of the same class.

        Raises:
            KeyError: a table that the model does not have.
        """
        model = copy.deepcopy(self)
        layers = {table: layer for layer in model.embeddings() for table in layer.tables}
        with torch.no_grad():
            for table, rows in tables.items():
                layers[table].rows(table).copy_(torch.from_numpy(np.asarray(rows, dtype=np.float32)))
        return model

    def extra_repr(self) -> str:
        """Parameters and FLOPs."""
        return f"{self.num_parameters():,} parameters, {self.flops():,} multiply-adds per row"


def embedding(fields: Sequence[Input], schema: Schema, dim: int, config: NetworkConfig) -> EmbeddingBag:
    """The embeddings of width `dim` that every model has."""
    return EmbeddingBag(fields, schema.tables, dim, deviation=config.deviation, dropout=config.embedding_dropout)


def check_sizes(dim: int, hidden: tuple[int, ...]) -> None:
    """Raise ValueError unless dim and every hidden width are at least 1."""
    if dim < 1:
        raise ValueError(f"dim is at least 1, got {dim}")
    if any(width < 1 for width in hidden):
        raise ValueError(f"hidden widths are at least 1, got {hidden}")


def network_json(config: NetworkConfig) -> dict[str, Any]:
    """The options as JSON values."""
    return asdict(config)
