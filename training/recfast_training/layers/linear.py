"""linear: act(W x + b), with BatchNorm (folded when emitted) and dropout (gone when emitted) in training."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..program import ProgramBuilder


class Linear(nn.Module):
    """`dropout(act(norm(W x + b)))`.

    Args:
        inputs: width I.
        outputs: width O.
        relu: whether the activation is max(0, x); otherwise there is none.
        batch_norm: normalise before the activation.
        dropout: share of outputs that are zeroed in training, in [0, 1).
    """

    def __init__(
        self, inputs: int, outputs: int, *, relu: bool = False, batch_norm: bool = False, dropout: float = 0.0
    ) -> None:
        """Draw the weights (He, for ReLU; otherwise torch's default)."""
        super().__init__()
        self.dense = nn.Linear(inputs, outputs)
        if relu:
            nn.init.kaiming_uniform_(self.dense.weight, nonlinearity="relu")
            nn.init.zeros_(self.dense.bias)
        self.norm = nn.BatchNorm1d(outputs) if batch_norm else None
        self.relu = relu
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """Float [B, I] -> float [B, O]."""
        y: Tensor = self.dense(x)
        if self.norm is not None:
            y = self.norm(y)
        if self.relu:
            y = torch.relu(y)
        return nn.functional.dropout(y, self.dropout, self.training) if self.dropout else y

    def folded(self) -> tuple[Tensor, Tensor]:
        """The weight [O, I] and bias [O] that equal this layer in evaluation, BatchNorm included; float64."""
        weight, bias = self.dense.weight.detach().double(), self.dense.bias.detach().double()
        if self.norm is None:
            return weight, bias
        mean, variance = self.norm.running_mean, self.norm.running_var
        assert mean is not None
        assert variance is not None
        gain = self.norm.weight.detach().double() / torch.sqrt(variance.double() + self.norm.eps)
        return weight * gain[:, None], (bias - mean.double()) * gain + self.norm.bias.detach().double()

    def emit(self, builder: ProgramBuilder, slot: str, name: str) -> str:
        """Append the op under the weight names `<name>.weight` and `<name>.bias`; return its slot."""
        weight, bias = self.folded()
        return builder.op(
            "linear",
            [slot],
            name,
            weight=builder.weight(f"{name}.weight", weight),
            bias=builder.weight(f"{name}.bias", bias),
            activation="relu" if self.relu else "none",
        )

    def flops(self) -> int:
        """Multiply-adds per row: I * O."""
        return self.dense.in_features * self.dense.out_features
