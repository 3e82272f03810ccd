"""What training minimises."""

from __future__ import annotations

import math

import torch
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


def in_batch_softmax(logits: Tensor, items: Tensor, log_q: Tensor) -> Tensor:
    """The mean cross-entropy of each row's item among the items of the batch, as if it were among all items.

        Z_i  = exp(logits[i, i]) + sum over j with items[j] != items[i] of exp(logits[i, j]) / ((B - 1) q[j])
        loss = mean_i (log Z_i - logits[i, i])

    Popular items come into many batches as negatives. Divided by the number of times that one is expected there, they
    count as often as all others, and Z_i is in expectation the sum over the whole catalogue: the logits estimate the
    log probability of an item given the request. The own item is always there, so it is not corrected, and where
    another row has it too, it is no negative.

    Args:
        logits: float [B, B], of request i with the item of row j.
        items: int64 [B], which item each row has.
        log_q: float [B], log of the probability q with which the item of row j is drawn.

    Returns:
        float [], in nats.

    Source: Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations" (RecSys 2019);
        Khrylchenko et al., "Correcting the LogQ Correction" (RecSys 2025) for the own item.

    Example:
        >>> q = torch.tensor([2 / 3, 1 / 3, 2 / 3])
        >>> loss = in_batch_softmax(torch.zeros(3, 3), torch.tensor([0, 1, 0]), q.log())
        >>> bool(torch.isclose(loss, torch.tensor([2.5, 2.5, 2.5]).log().mean()))
        True
    """
    own = torch.eye(len(items), dtype=torch.bool)
    expected = log_q + math.log(max(len(items) - 1, 1))
    corrected = torch.where(own, logits, logits - expected)
    corrected = corrected.masked_fill((items[:, None] == items) & ~own, -torch.inf)
    return functional.cross_entropy(corrected, torch.arange(len(items)))
