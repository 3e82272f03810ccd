"""cross_low_rank: one layer of the DCN-V2 cross network whose matrix is a product of two narrow ones."""

from __future__ import annotations

from torch import Tensor, nn

from ..program import ProgramBuilder


class CrossLowRank(nn.Module):
    """`x0 * (U V^T x + b) + x`, U and V [width, rank].

    Args:
        width: of x0 and x.
        rank: columns of U and V.

    Source: Wang et al., "DCN V2" (WWW 2021), equation 2.
    """

    def __init__(self, width: int, rank: int) -> None:
        """Draw the weights small, so that the layer starts near the identity."""
        super().__init__()
        self.project = nn.Linear(width, rank, bias=False)
        self.dense = nn.Linear(rank, width)
        nn.init.xavier_normal_(self.project.weight)
        nn.init.xavier_normal_(self.dense.weight, gain=0.5)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x0: Tensor, x: Tensor) -> Tensor:
        """Float [B, width] twice -> float [B, width]."""
        y: Tensor = x0 * self.dense(self.project(x)) + x
        return y

    def emit(self, builder: ProgramBuilder, x0: str, x: str, name: str) -> str:
        """Append the op under the weight names `<name>.projection`, `.weight` and `.bias`; return its slot."""
        return builder.op(
            "cross_low_rank",
            [x0, x],
            name,
            projection=builder.weight(f"{name}.projection", self.project.weight),
            weight=builder.weight(f"{name}.weight", self.dense.weight),
            bias=builder.weight(f"{name}.bias", self.dense.bias),
        )

    def flops(self) -> int:
        """Multiply-adds per row: 2 * width * rank."""
        return 2 * self.dense.in_features * self.dense.out_features
