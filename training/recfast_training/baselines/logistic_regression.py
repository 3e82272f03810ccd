"""Logistic regression on sparse binary features, by Adagrad."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class LogisticConfig:
    """How to train.

    Args:
        epochs: passes over the rows.
        batch_size: rows per step.
        learning_rate: of Adagrad.
        decay: L2 penalty on every weight that a batch touches.
        seed: of the order of rows.
    """

    epochs: int = 2
    batch_size: int = 2048
    learning_rate: float = 0.05
    decay: float = 1e-6
    seed: int = 0


def fit_logistic(
    features: npt.NDArray[np.int32], labels: npt.NDArray[np.integer], n_features: int, config: LogisticConfig
) -> npt.NDArray[np.float64]:
    """Fit p(row) = 1 / (1 + exp(-sum of weights[features[row]])).

    Args:
        features: int32 [B, F], the active features of each row, in [0, n_features); give a constant one as the bias.
        labels: {0, 1} [B].
        n_features: R, how many weights there are.
        config: how to train.

    Returns:
        float64 [R], the weights.

    Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods" (JMLR 2011).
    """
    rng = np.random.default_rng(config.seed)
    weights = np.zeros(n_features)
    squares = np.full(n_features, 1e-6)
    label = labels.astype(np.float64)
    for _ in range(config.epochs):
        order = rng.permutation(label.size)
        for start in range(0, label.size, config.batch_size):
            rows = order[start : start + config.batch_size]
            active = features[rows]
            residual = predict_logistic(weights, active) - label[rows]
            touched, slot = np.unique(active, return_inverse=True)
            gradient = np.bincount(slot.reshape(-1), weights=np.repeat(residual, active.shape[1])) / rows.size
            gradient += config.decay * weights[touched]
            squares[touched] += gradient**2
            weights[touched] -= config.learning_rate * gradient / np.sqrt(squares[touched])
    return weights


def predict_logistic(weights: npt.NDArray[np.float64], features: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """The probability of each row, float64 [B]; arguments as in `fit_logistic`."""
    probability: npt.NDArray[np.float64] = 1 / (1 + np.exp(-weights[features].sum(axis=1)))
    return probability
