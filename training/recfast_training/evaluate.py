"""Scores of many rows, and how good they are."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from recfast.schema import Schema

from . import metrics
from .batches import Batches
from .columns import codes, column, numbers
from .encode import Encoded, encode
from .models import RankingModel


class Scorer(Protocol):
    """What scores raw rows: a loaded `recfast.Model`."""

    def score(self, rows: Any) -> npt.NDArray[np.float32]:
        """Score a table: float32 [N]."""


def encoded_rows(schema: Schema, rows: Any, *, label: str | None) -> Encoded:
    """Raw rows, or rows that are encoded already, as `Encoded`.

    Args:
        schema: fitted.
        rows: raw rows, or `Encoded`, which is returned as it is.
        label: the label's column in raw rows; None when no labels are needed.

    Returns:
        The rows, encoded.
    """
    if isinstance(rows, Encoded):
        return rows
    labels = None if label is None else numbers(column(rows, label), label)
    return Encoded(encode(schema, rows), labels)


def predict(model: RankingModel | Scorer, rows: Any, *, batch_size: int = 16384) -> npt.NDArray[np.float32]:
    """Score rows, in evaluation mode.

    Args:
        model: a torch model (left in the mode it was in) or a loaded `recfast.Model`.
        rows: raw rows; or `Encoded`, for torch models.
        batch_size: rows at a time, for torch models.

    Returns:
        Logits, float32 [N].

    Raises:
        TypeError: a `recfast.Model` that is given encoded rows.
    """
    if not isinstance(model, RankingModel):
        if isinstance(rows, Encoded):
            raise TypeError("a recfast.Model scores raw rows; encoded rows are for torch models")
        return np.asarray(model.score(rows), dtype=np.float32)
    batches = Batches(encoded_rows(model.schema, rows, label=None).arrays)
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            parts = [model(batch).float().numpy() for batch, _ in batches.in_order(batch_size)]
    finally:
        model.train(training)
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def evaluate(
    model: RankingModel | Scorer,
    rows: Any,
    *,
    label: str = "label",
    group: str | npt.ArrayLike | None = None,
    batch_size: int = 16384,
) -> dict[str, float]:
    """Judge a model on labelled rows.

    Args:
        model: a torch model or a loaded `recfast.Model`.
        rows: raw rows with the label; or `Encoded(arrays, labels)`, for torch models.
        label: the label's column; ignored for `Encoded`.
        group: the column whose values GAUC groups by, or an array [N]; without it there is no GAUC.
        batch_size: rows at a time, for torch models.

    Returns:
        "rows", "auc", "logloss", and with a group "gauc" (weighted by rows). Rows with a null label are left out.

    Raises:
        ValueError: labels of one kind only, or a missing column.
    """
    if isinstance(rows, Encoded):
        if rows.labels is None:
            raise ValueError("evaluation needs labels: give Encoded(arrays, labels)")
        labels = np.asarray(rows.labels, dtype=np.float64)
    else:
        labels = numbers(column(rows, label), label)
    scores = predict(model, rows, batch_size=batch_size)
    known = ~np.isnan(labels)
    y, s = labels[known], scores[known].astype(np.float64)
    out = {
        "rows": float(len(y)),
        "auc": float(metrics.auc(y, s)),
        "logloss": float(metrics.logloss(y, 1 / (1 + np.exp(-np.clip(s, -60, 60))))),
    }
    if group is not None:
        groups = codes(column(rows, group) if isinstance(group, str) else group)
        out["gauc"] = float(metrics.gauc(y, s, groups[known]))
    return out
