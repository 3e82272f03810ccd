"""cross: one layer of the DCN-V2 cross network."""

from __future__ import annotations

from torch import Tensor, nn

from ..program import ProgramBuilder


class Cross(nn.Module):
    """`x0 * (W x + b) + x`.

    Args:
        width: of x0 and x.

    Source: Wang et al., "DCN V2" (WWW 2021), equation 1.
    """

    def __init__(self, width: int) -> None:
        """Draw the weights small, so that the layer starts near the identity."""
        super().__init__()
        self.dense = nn.Linear(width, width)
        nn.init.xavier_normal_(self.dense.weight, gain=0.5)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x0: Tensor, x: Tensor) -> Tensor:
        """Float [B, width] twice -> float [B, width]."""
        y: Tensor = x0 * self.dense(x) + x
        return y

    def emit(self, builder: ProgramBuilder, x0: str, x: str, name: str) -> str:
        """Append the op under the weight names `<name>.weight` and `<name>.bias`; return its slot."""
        weight = builder.weight(f"{name}.weight", self.dense.weight)
        bias = builder.weight(f"{name}.bias", self.dense.bias)
        return builder.op("cross", [x0, x], name, weight=weight, bias=bias)

    def flops(self) -> int:
        """Multiply-adds per row: width squared."""
        return self.dense.in_features**2
