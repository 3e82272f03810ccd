"""Task A baseline: EASE, a linear item-to-item model in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def ease_scores(counts: npt.NDArray[np.float32], *, regularisation: float) -> npt.NDArray[np.float32]:
    """Score every item for every household from log counts.

        X = log(1 + counts)
        P = (X'X + λI)^-1
        W = I - P / diag(P)            # so that diag(W) = 0
        scores = X W = X - X P / diag(P)

    With fewer households than items the inverse is taken on the household side, where it is small:

        A = X P = (XX' + λI)^-1 X
        diag(P)[n] = (1 - sum_b X[b, n] A[b, n]) / λ

    Args:
        counts: float32 [B, N], purchases, B < N.
        regularisation: λ, above 0.

    Returns:
        float32 [B, N].

    Raises:
        ValueError: λ is not above 0.

    Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019); the household side by the
        Woodbury identity.
    """
    if not regularisation > 0:
        raise ValueError(f"expected regularisation > 0, got {regularisation}")
    X = np.log1p(counts)
    gram = X @ X.T
    gram[np.diag_indices_from(gram)] += np.float32(regularisation)
    A = np.linalg.solve(gram, X)
    diagonal = (1 - np.einsum("bn,bn->n", X, A)) / regularisation
    return np.asarray(X - A / diagonal, dtype=np.float32)
