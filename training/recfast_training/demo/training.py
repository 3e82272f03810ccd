"""The demo's models: a full network, a pruned one, and the bias that lets them rank everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ..compress import PruneConfig, prune
from ..fit import FitReport, fit
from ..metrics import auc, gauc, logloss
from ..models import DCNv2, DeepFM, NetworkConfig
from ..training_loop import FitConfig
from .shop_data import Samples, ShopData

Network: TypeAlias = DeepFM | DCNv2
Architecture: TypeAlias = Literal["DeepFM", "DCNv2"]

DIM, HIDDEN = 16, (256, 128, 64)
NETWORK = NetworkConfig(embedding_dropout=0.2)
FULL = FitConfig(epochs=2, batch_size=4096, learning_rate=1e-3, embedding_decay=1.0)
PRUNED = FitConfig(epochs=1, batch_size=4096, learning_rate=1e-3, embedding_decay=1.0)
FLOPS_KEPT = 0.3


@dataclass(frozen=True)
class Judgement:
    """Task B on one part: AUC over all rows, GAUC by household, log loss of the probabilities."""

    auc: float
    gauc: float
    logloss: float


@dataclass(frozen=True)
class Trained:
    """A model with the report of its training."""

    model: Network
    report: FitReport


def train_full(data: ShopData, *, seed: int, architecture: Architecture = "DeepFM", progress: bool = True) -> Trained:
    """Train the full model."""
    network = {"DeepFM": DeepFM, "DCNv2": DCNv2}[architecture]
    model: Network = network(data.schema, dim=DIM, hidden=HIDDEN, config=replace(NETWORK, seed=seed))
    samples = data.samples
    config = replace(FULL, seed=seed, progress=progress)
    return Trained(model, fit(model, samples["train"].encoded, valid=samples["valid"].encoded, config=config))


def train_pruned(full: Network, data: ShopData, *, seed: int, progress: bool = True) -> Trained:
    """Remove hidden units of the full model; what is left learns from it."""
    samples = data.samples
    model = prune(full, samples["train"].encoded, flops=FLOPS_KEPT, config=PruneConfig(seed=seed))
    config = replace(PRUNED, seed=seed, progress=progress)
    report = fit(model, samples["train"].encoded, valid=samples["valid"].encoded, teacher=full, config=config)
    return Trained(model, report)


def judge(samples: Samples, logits: npt.NDArray[np.floating]) -> Judgement:
    """Judge logits [B] of a part."""
    probabilities = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return Judgement(
        auc(samples.labels, logits),
        gauc(samples.labels, logits, samples.households),
        logloss(samples.labels, probabilities),
    )
