"""EASE: a linear item-to-item model in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recfast.schema import Schema

from ..layers import EmbeddingBag, emit_pick
from ..program import ProgramBuilder
from .linear_items import LinearItemModel

Matrix = npt.NDArray[np.float32]


class EASE(LinearItemModel):
    """The ridge regression of every item on all others: `W = argmin |X - X W|^2 + regularisation |W|^2, diag(W) = 0`.

    W is dense: 4 R^2 bytes for R items, a quarter in a file with `tables="i8"`. Learn it with `fit_items`.

    Args:
        schema: a bag of items and the item, see `LinearItemModel`.
        regularisation: above 0; larger for rare items, tuned on validation data.

    Raises:
        ValueError: another schema, or regularisation is not above 0.

    Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019).

    Example:
        >>> import recfast as rf
        >>> from recfast_training import fit_items, predict
        >>> schema = rf.Schema(
        ...     request=[rf.WeightedBag("bought", table="sku", transform="log1p")],
        ...     item=[rf.Categorical("sku", buckets=1, vocabulary=("bread", "butter", "soap"))],
        ...     key="sku",
        ... )
        >>> model = EASE(schema, regularisation=1.0)
        >>> report = fit_items(model, {"bought": [{"bread": 2, "butter": 1}, {"bread": 1, "butter": 2}, {"soap": 1}]})
        >>> rows = {"bought": [{"bread": 1}] * 2, "sku": ["butter", "soap"]}
        >>> [round(float(score), 2) for score in predict(model, rows)]
        [0.39, 0.0]
    """

    def __init__(self, schema: Schema, regularisation: float = 100.0) -> None:
        """Start from W = 0."""
        super().__init__(schema)
        _check(regularisation)
        self.regularisation = float(regularisation)
        tables = {self.bag.table: self.rows}
        self.table = EmbeddingBag([self.bag], tables, self.rows, suffix=".ease", deviation=0.0)
        self.table.requires_grad_(False)

    def learn(self, matrix: Matrix) -> None:
        """Solve for W; see `LinearItemModel`."""
        self.table.weight.copy_(torch.from_numpy(ease_weights(matrix, regularisation=self.regularisation)))

    def similarities(self, of: Tensor, to: Tensor) -> Tensor:
        """Numbers of W; see `LinearItemModel`."""
        return self.table.weight[of, to[:, None]]

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the weighted bag and the pick."""
        return emit_pick(builder, self.table.emit(builder)[0], self.ids, "logit")

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values, without the schema."""
        return {"model": "EASE", "regularisation": self.regularisation}


def ease_weights(matrix: Matrix, *, regularisation: float) -> Matrix:
    """W in closed form.

        P = (X'X + lambda I)^-1
        W = I - P / diag(P)            # column by column, so that diag(W) = 0

    With fewer requests than items the inverse is taken on the side of the requests, where it is small (Woodbury):

        A = X P = (XX' + lambda I)^-1 X
        lambda P = I - X'A

    Args:
        matrix: X, float32 [B, N].
        regularisation: lambda, above 0.

    Returns:
        float32 [N, N].

    Raises:
        ValueError: lambda is not above 0.
    """
    _check(regularisation)
    X = matrix
    if len(X) < X.shape[1]:
        W = X.T @ _regressed(X, regularisation)
        W /= 1 - W.diagonal()
    else:
        gram = X.T @ X
        gram[np.diag_indices_from(gram)] += np.float32(regularisation)
        P = np.linalg.inv(gram)
        W = -P / P.diagonal()
    np.fill_diagonal(W, 0)
    return np.asarray(W, dtype=np.float32)


def ease_scores(matrix: Matrix, *, regularisation: float) -> Matrix:
    """`X W` for the rows that W is learned from, without making W: `X - A / diag(P)`, which pays for few rows.

    Args:
        matrix: X, float32 [B, N].
        regularisation: lambda, above 0.

    Returns:
        float32 [B, N].

    Raises:
        ValueError: lambda is not above 0.
    """
    _check(regularisation)
    A = _regressed(matrix, regularisation)
    diagonal = (1 - np.einsum("bn,bn->n", matrix, A)) / regularisation
    return np.asarray(matrix - A / diagonal, dtype=np.float32)


def _regressed(matrix: Matrix, regularisation: float) -> Matrix:
    """A, float32 [B, N]."""
    gram = matrix @ matrix.T
    gram[np.diag_indices_from(gram)] += np.float32(regularisation)
    return np.asarray(np.linalg.solve(gram, matrix), dtype=np.float32)


def _check(regularisation: float) -> None:
    if not regularisation > 0:
        raise ValueError(f"expected regularisation > 0, got {regularisation}")
