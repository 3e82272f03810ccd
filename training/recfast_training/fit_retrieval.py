"""Training on interactions: each row's item among those of its batch, early stopping on the rank in the catalogue."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

import recfast

from .batches import Batches, tensors
from .columns import column
from .encode import Encoded
from .evaluate import encoded_rows
from .fingerprint import fingerprint
from .losses import in_batch_softmax
from .models import TwoTower
from .training_loop import EpochReport, FitConfig, Objective, TrainingLoop

JUDGED_AT = 20


@dataclass(frozen=True)
class RetrievalReport:
    """What `fit_retrieval` did.

    Attributes:
        rows: interactions.
        items: distinct items among them.
        fingerprint: of the rows; see `recfast_training.fingerprint`.
        epochs: one report each; `valid` has "recall@20" and "ndcg@20".
        best_epoch: index of the epoch whose weights the model has now.
        seconds: all of it, encoding included.
        config: as given.
    """

    rows: int
    items: int
    fingerprint: str
    epochs: tuple[EpochReport, ...]
    best_epoch: int
    seconds: float
    config: FitConfig

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, as the provenance of an artifact has it."""
        return {**asdict(self), "epochs": [asdict(epoch) for epoch in self.epochs], "threads": torch.get_num_threads()}


def fit_retrieval(model: TwoTower, rows: Any, *, valid: Any = None, config: FitConfig = FitConfig()) -> RetrievalReport:
    """Train a two-tower model in place on interactions: every row is one, there are no labels.

    The items of a batch are the negatives of its rows, corrected by how often each occurs (`losses.in_batch_softmax`);
    large batches are better ones, and cost B x B. An item bias that was not trained yet starts at the log frequency of
    the items, so that the vectors need to learn preferences only. With validation rows, training stops after `patience`
    epochs without a better NDCG@20 and the model gets the weights of the best epoch; without them it gets those of the
    last. Equal seeds, rows and numbers of threads give equal weights.

    Args:
        model: its weights are where training starts.
        rows: raw rows with every column of the schema and its key, or `Encoded(arrays, items=ids)`.
        valid: the same kind of rows: after every epoch, each row's item is looked up among all items of both tables (an
            item has the features of its first row, validation rows first).
        config: how to train; the last batch of an epoch may be smaller.

    Returns:
        What was done; also appended to `model.provenance["fit_retrieval"]`.

    Raises:
        TypeError: a model that is no TwoTower, or a column of the wrong type.
        ValueError: fewer than two rows, no item ids, a null id, a column missing, a diverged loss.

    Source: Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations" (RecSys 2019).

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(
        ...     request=[rf.Categorical("user", buckets=9)], item=[rf.Categorical("sku", buckets=9)], key="sku"
        ... )
        >>> model = TwoTower(schema, dim=4, hidden=())
        >>> report = fit_retrieval(model, {"user": ["a", "b", "a"], "sku": ["x", "y", "y"]})
        >>> report.rows, report.items, len(report.epochs)
        (3, 2, 10)
    """
    start = time.perf_counter()
    if not isinstance(model, TwoTower):
        raise TypeError(f"fit_retrieval trains a TwoTower, got {type(model).__name__}; fit trains models on labels")
    train = _interactions(model, rows)
    if len(train) < 2:
        raise ValueError(f"a batch needs two interactions or more, got {len(train)} rows")
    assert train.items is not None
    _, codes, counts = np.unique(train.items, return_inverse=True, return_counts=True)
    log_q = torch.from_numpy(np.log(counts / counts.sum()).astype(np.float32))

    def loss(batch: Mapping[str, Tensor], items: Tensor) -> Tensor:
        logits = model.request_vectors(batch) @ model.item_vectors(batch).T + model.item_biases(batch)
        return in_batch_softmax(logits, items, log_q[items])

    _start_bias(model, train)
    judged = None if valid is None else _Judged(model, _interactions(model, valid), train)
    objective = Objective(loss, None if judged is None else judged.figures, f"ndcg@{JUDGED_AT}")
    loop = TrainingLoop(model, Batches(train.arrays, codes.reshape(-1)), objective, config)
    loop.run()
    seconds = time.perf_counter() - start
    report = RetrievalReport(
        len(train), len(counts), fingerprint(train), tuple(loop.reports), loop.best_epoch, seconds, config
    )
    model.provenance.setdefault("fit_retrieval", []).append(report.to_json())
    return report


def _interactions(model: TwoTower, rows: Any) -> Encoded:
    """Encoded rows whose `items` are 64-bit hashes of their ids."""
    encoded = encoded_rows(model.schema, rows, label=None)
    if isinstance(rows, Encoded) and rows.items is None:
        raise ValueError("training on interactions needs the item of each row: give Encoded(arrays, items=ids)")
    ids = rows.items if isinstance(rows, Encoded) else column(rows, model.schema.key)
    return Encoded(encoded.arrays, items=np.asarray(recfast.hash64(ids)))


def _start_bias(model: TwoTower, train: Encoded) -> None:
    """Let a bias that is still zero everywhere start at the log frequency of the item's key, if that is a feature."""
    if model.bias is None or model.bias.weight.any():
        return
    key = next((f for f in model.bias.fields if f.name == model.schema.key and f.kind == "ids"), None)
    if key is None:
        return
    rows = model.bias.rows(key.table + model.bias.suffix)
    counts = np.bincount(train.arrays[key.name], minlength=len(rows))
    with torch.no_grad():
        rows[:, 0] = torch.from_numpy(np.log1p(2 * counts).astype(np.float32))  # log(count + 1/2), unseen ones at 0


class _Judged:
    """Validation rows, and one row of every item."""

    def __init__(self, model: TwoTower, valid: Encoded, train: Encoded) -> None:
        assert valid.items is not None
        assert train.items is not None
        self._model, self._valid = model, Batches(valid.arrays)
        _, first, codes = np.unique(np.concatenate([valid.items, train.items]), return_index=True, return_inverse=True)
        self._targets = torch.from_numpy(codes.reshape(-1)[: len(valid)])
        names = [name for i in model.item.inputs for name in i.arrays]
        self._items = {name: _rows_of(valid.arrays[name], train.arrays[name], first) for name in names}

    def figures(self) -> dict[str, float]:
        """Recall@20 and NDCG@20 of the one item that each row has, among all items; ties count half."""
        model, k = self._model, JUDGED_AT
        model.eval()
        recall = ndcg = 0.0
        with torch.inference_mode():
            items = tensors(self._items)
            vectors, biases = model.item_vectors(items), model.item_biases(items)
            done = 0
            for batch, _ in self._valid.in_order(1024):
                scores = model.request_vectors(batch) @ vectors.T + biases
                own = scores.gather(1, self._targets[done : done + len(scores), None])
                rank = (scores > own).sum(dim=1) + 0.5 * ((scores == own).sum(dim=1) - 1)
                found = rank < k
                recall += float(found.sum())
                ndcg += float((found / torch.log2(rank + 2)).sum())
                done += len(scores)
        return {f"recall@{k}": recall / self._valid.rows, f"ndcg@{k}": ndcg / self._valid.rows}


def _rows_of(first: npt.NDArray[Any], second: npt.NDArray[Any], places: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Rows of two arrays that stand one behind the other; padded bags may differ in length."""
    if first.ndim == 2 and first.shape[1] != second.shape[1]:
        width = max(first.shape[1], second.shape[1])
        first, second = (np.pad(a, ((0, 0), (0, width - a.shape[1]))) for a in (first, second))
    return np.concatenate([first, second])[places]
