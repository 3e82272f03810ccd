"""The hidden layers that every model has: linear, ReLU, again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from ..layers import Linear
from ..program import ProgramBuilder
from .base import NetworkConfig


class HiddenLayers(nn.Module):
    """`x -> relu(W x + b)`, once per hidden width; no hidden widths is the identity.

    Args:
        inputs: width of x.
        hidden: width of each layer.
        config: BatchNorm and dropout.
    """

    def __init__(self, inputs: int, hidden: Sequence[int], config: NetworkConfig) -> None:
        """Stack the layers."""
        super().__init__()
        self.inputs = inputs
        self.layers = nn.ModuleList(
            Linear(i, o, relu=True, batch_norm=config.batch_norm, dropout=config.dropout)
            for i, o in pairwise([inputs, *hidden])
        )

    def forward(self, x: Tensor) -> Tensor:
        """Float [B, inputs] -> float [B, outputs]."""
        for layer in self.layers:
            x = layer(x)
        return x

    def emit(self, builder: ProgramBuilder, slot: str, name: str = "deep") -> str:
        """Append one op per layer, named `<name>.<i>`; return the last slot."""
        for i, layer in enumerate(self.linears()):
            slot = layer.emit(builder, slot, f"{name}.{i}")
        return slot

    def linears(self) -> list[Linear]:
        """The layers in order."""
        return [layer for layer in self.layers if isinstance(layer, Linear)]

    @property
    def widths(self) -> tuple[int, ...]:
        """Outputs of each layer."""
        return tuple(layer.dense.out_features for layer in self.linears())

    @property
    def outputs(self) -> int:
        """Width of what `forward` returns."""
        return (self.inputs, *self.widths)[-1]
