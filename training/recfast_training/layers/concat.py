"""concat: parts side by side."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..program import ProgramBuilder


def concat(parts: Sequence[Tensor]) -> Tensor:
    """Put the parts side by side, in order: float [B, width] each -> float [B, sum of widths].

    Example:
        >>> concat([torch.tensor([[1.0]]), torch.tensor([[2.0, 3.0]])]).tolist()
        [[1.0, 2.0, 3.0]]
    """
    return parts[0] if len(parts) == 1 else torch.cat(list(parts), dim=1)


def emit_concat(builder: ProgramBuilder, slots: Sequence[str], output: str) -> str:
    """Append the op and return its slot; one slot alone is returned as it is."""
    return slots[0] if len(slots) == 1 else builder.op("concat", slots, output)
