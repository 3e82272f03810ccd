"""What training minimises."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def bce_with_logits(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean binary cross-entropy.

    Args:
        logits: float [B].
        labels: float [B], 0 or 1.

    Returns:
        float [], in nats.

    Example:
        >>> import torch
        >>> round(float(bce_with_logits(torch.zeros(2), torch.tensor([0.0, 1.0]))), 4)
        0.6931
    """
    return functional.binary_cross_entropy_with_logits(logits, labels)
