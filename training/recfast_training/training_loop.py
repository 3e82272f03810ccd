"""The training loop that every objective shares: Adam, early stopping, equal results for equal seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from .batches import Batches
from .models import RankingModel
from .progress import Progress, progress_bar


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """How to train.

    Args:
        epochs: at most this many passes over the rows, at least 1.
        batch_size: rows per step, at least 2.
        learning_rate: of Adam.
        decay: the learning rate is multiplied by this after every epoch, in (0, 1].
        patience: epochs without a better figure on the validation rows before training stops, at least 1.
        weight_decay: decoupled, on all weights but the embeddings.
        embedding_decay: decoupled, on the embedding rows (not on the item bias of a TwoTower). Every step shrinks all
            rows, so rare ones stay small.
        seed: of the order of rows and of dropout.
        progress: show a progress bar when standard error is a terminal.

    Raises:
        ValueError: a value out of range.

    Example:
        >>> FitConfig(epochs=3).batch_size
        4096
    """

    epochs: int = 10
    batch_size: int = 4096
    learning_rate: float = 1e-3
    decay: float = 1.0
    patience: int = 2
    weight_decay: float = 0.0
    embedding_decay: float = 0.0
    seed: int = 0
    progress: bool = True

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, low in (("epochs", 1), ("batch_size", 2), ("patience", 1)):
            if getattr(self, name) < low:
                raise ValueError(f"{name} is at least {low}, got {getattr(self, name)}")
        if not self.learning_rate > 0 or not 0 < self.decay <= 1:
            raise ValueError(f"learning_rate is above 0 and decay in (0, 1], got {self.learning_rate} and {self.decay}")
        if not (self.weight_decay >= 0 and self.embedding_decay >= 0):
            raise ValueError("weight_decay and embedding_decay are at least 0")


@dataclass(frozen=True)
class EpochReport:
    """One pass over the rows.

    Attributes:
        loss: mean training loss, in nats.
        seconds: the pass alone, without validation.
        valid: figures of the validation rows; empty when there are none.
    """

    loss: float
    seconds: float
    valid: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Objective:
    """What a training loop minimises, and what it is stopped by.

    Attributes:
        loss: from a batch of encoded arrays and its labels to the mean loss, float [].
        judge: the figures of the validation rows; None where there are none.
        measure: the figure that decides which epoch is the best: the larger, the better.
    """

    loss: Callable[[Mapping[str, Tensor], Tensor], Tensor]
    judge: Callable[[], dict[str, float]] | None
    measure: str


class TrainingLoop:
    """One run: the optimiser, and the best weights so far.

    With an objective that judges, training stops after `patience` epochs without a better figure and the model gets the
    weights of the best epoch; else it gets those of the last.

    Args:
        model: trained in place; left in evaluation mode.
        batches: the rows.
        objective: what to minimise.
        config: how to train.
    """

    def __init__(self, model: RankingModel, batches: Batches, objective: Objective, config: FitConfig) -> None:
        """Make the optimiser: embeddings decay on their own."""
        self._model, self._batches, self._objective, self._config = model, batches, objective, config
        self._generator = torch.Generator().manual_seed(config.seed)
        decay = {id(layer.weight): config.embedding_decay if layer.decays else 0.0 for layer in model.embeddings()}
        groups = [
            {"params": [p], "weight_decay": decay.get(id(p), config.weight_decay)}
            for p in model.parameters()
            if p.requires_grad
        ]
        self._adam = torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)
        self._best: dict[str, Tensor] | None = None
        self.reports: list[EpochReport] = []
        self.best_epoch = 0

    def run(self) -> None:
        """Run epochs until the last one or until validation stops to improve.

        Raises:
            ValueError: the loss became NaN.
        """
        config = self._config
        steps = config.epochs * -(-self._batches.rows // config.batch_size)
        with _seeded(config.seed), progress_bar(config.progress, steps) as progress:
            self._run(progress)

    def _run(self, progress: Progress) -> None:
        judge = self._objective.judge
        for epoch in range(self._config.epochs):
            start = time.perf_counter()
            loss = self._epoch(progress)
            seconds = time.perf_counter() - start
            valid = {} if judge is None else judge()
            self.reports.append(EpochReport(loss, seconds, valid))
            progress.describe(epoch, loss, self._objective.measure, valid)
            if judge is None or self._figure(epoch) > self._figure(self.best_epoch) or epoch == 0:
                self.best_epoch = epoch
                if judge is not None:
                    self._best = {name: value.clone() for name, value in self._model.state_dict().items()}
            elif epoch - self.best_epoch >= self._config.patience:
                break
            for group in self._adam.param_groups:
                group["lr"] *= self._config.decay
        if self._best is not None and self.best_epoch != len(self.reports) - 1:
            self._model.load_state_dict(self._best)
        self._model.eval()

    def _figure(self, epoch: int) -> float:
        return self.reports[epoch].valid[self._objective.measure]

    def _epoch(self, progress: Progress) -> float:
        self._model.train()
        total = torch.zeros((), dtype=torch.float64)
        rows = 0
        for batch, labels in self._batches.shuffled(self._config.batch_size, self._generator):
            loss = self._objective.loss(batch, labels)
            self._adam.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            self._adam.step()
            total += loss.detach().double() * len(labels)
            rows += len(labels)
            progress.advance()
        mean = float(total) / rows
        if mean != mean:
            raise ValueError("the loss became NaN: look for huge numbers in the features, or lower learning_rate")
        return mean


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed torch's global generator (dropout draws from it) for a while, and put it back as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
