"""normalise: vectors of length 1, times a gain per coordinate."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ..program import ProgramBuilder


def normalise(x: Tensor, gain: float = 1.0) -> Tensor:
    """`gain * x / max(|x|, 1e-12)`: float [B, D] -> float [B, D].

    Example:
        >>> normalise(torch.tensor([[3.0, 4.0]]), 10.0).tolist()
        [[6.0, 8.0]]
    """
    unit = functional.normalize(x, dim=1, eps=1e-12)
    return unit if gain == 1 else unit * gain


def emit_normalise(builder: ProgramBuilder, slot: str, width: int, output: str, gain: float = 1.0) -> str:
    """Append the op with one gain for all `width` coordinates (weight `<output>.gain`; none where it is 1)."""
    if gain == 1:
        return builder.op("normalise", [slot], output)
    return builder.op("normalise", [slot], output, weight=builder.weight(f"{output}.gain", torch.full((width,), gain)))
