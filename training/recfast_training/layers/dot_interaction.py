"""dot_interaction: the dot products of all distinct pairs of vectors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..program import ProgramBuilder


def dot_interaction(vectors: Tensor) -> Tensor:
    """`out[j (j - 1) / 2 + i] = v_i . v_j` for i < j: the strictly lower triangle, row by row.

    Args:
        vectors: float [B, F, D], F at least 2.

    Returns:
        float [B, F (F - 1) / 2].

    Source: Naumov et al., "Deep Learning Recommendation Model" (2019).

    Example:
        >>> dot_interaction(torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])).tolist()
        [[11.0, 17.0, 39.0]]
    """
    count = vectors.shape[1]
    j, i = torch.tril_indices(count, count, offset=-1)
    return torch.bmm(vectors, vectors.transpose(1, 2))[:, j, i]


def emit_dot_interaction(builder: ProgramBuilder, slots: Sequence[str], output: str = "dots") -> str:
    """Append the op over the vectors' slots (one width, two or more) and return its slot."""
    return builder.op("dot_interaction", slots, output)
