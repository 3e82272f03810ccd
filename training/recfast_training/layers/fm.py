"""fm: the sum of the dot products of all pairs of fields."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from ..program import ProgramBuilder


def fm(vectors: Tensor) -> Tensor:
    """`0.5 * sum_d((sum_f v_fd)^2 - sum_f v_fd^2)`.

    Args:
        vectors: float [B, F, D].

    Returns:
        float [B, 1].

    Source: Rendle, "Factorization Machines" (ICDM 2010), lemma 3.1.

    Example:
        >>> import torch
        >>> fm(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
        [[11.0]]
    """
    return 0.5 * (vectors.sum(dim=1).square() - vectors.square().sum(dim=1)).sum(dim=1, keepdim=True)


def emit_fm(builder: ProgramBuilder, slots: Sequence[str], output: str = "fm") -> str:
    """Append the op over the fields' slots (one width) and return its slot."""
    return builder.op("fm", slots, output)
