"""sum: parts of one width, added."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from ..program import ProgramBuilder


def sum_parts(parts: Sequence[Tensor]) -> Tensor:
    """Add the parts elementwise: float [B, width] each -> float [B, width].

    Example:
        >>> import torch
        >>> sum_parts([torch.tensor([[1.0]]), torch.tensor([[2.5]])]).tolist()
        [[3.5]]
    """
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def emit_sum(builder: ProgramBuilder, slots: Sequence[str], output: str) -> str:
    """Append the op and return its slot; one slot alone is returned as it is."""
    return slots[0] if len(slots) == 1 else builder.op("sum", slots, output)
