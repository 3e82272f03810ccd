"""pick: one number of a vector, such as the score of the item in hand among those of all items."""

from __future__ import annotations

from torch import Tensor

from ..program import ProgramBuilder


def pick(x: Tensor, ids: Tensor) -> Tensor:
    """`x[ids]`, row by row: float [B, N] and int [B] in [0, N) -> float [B, 1].

    Example:
        >>> import torch
        >>> pick(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1, 0])).tolist()
        [[2.0], [3.0]]
    """
    return x.gather(1, ids[:, None].long())


def emit_pick(builder: ProgramBuilder, x: str, ids: str, output: str = "pick") -> str:
    """Append the op over a dense slot and an input of ids that has as many rows as it is wide; return its slot."""
    return builder.op("pick", [x, ids], output)
