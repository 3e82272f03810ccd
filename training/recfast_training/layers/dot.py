"""dot: the inner product of two vectors, what a two-tower model scores by."""

from __future__ import annotations

from torch import Tensor

from ..program import ProgramBuilder


def dot(a: Tensor, b: Tensor) -> Tensor:
    """`sum_d(a_d * b_d)`.

    Args:
        a: float [B, D].
        b: float [B, D].

    Returns:
        float [B, 1].

    Example:
        >>> import torch
        >>> dot(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])).tolist()
        [[11.0]]
    """
    return (a * b).sum(dim=1, keepdim=True)


def emit_dot(builder: ProgramBuilder, a: str, b: str, output: str = "dot") -> str:
    """Append the op over two slots of one width and return its slot."""
    return builder.op("dot", [a, b], output)
