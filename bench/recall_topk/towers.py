"""A two-tower model trained on interactions, as the vectors that a search needs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import torch

import recfast as rf
from recfast_training import FitConfig, NetworkConfig, encode, fit_retrieval
from recfast_training.batches import Batches
from recfast_training.models import TwoTower

from .scenario import TOWER, Floats

CHUNK = 8192


class Towers:
    """A trained model: towers of TOWER dimensions whose cosine counts, and an item bias.

    Args:
        schema: not fitted yet.
        rows: interactions.
        valid: others, to say what training reached.
        temperature: of the cosine.
        network: initial weights and dropout.
        config: how to train.
    """

    def __init__(
        self,
        schema: rf.Schema,
        rows: pa.Table,
        valid: pa.Table,
        *,
        temperature: float,
        network: NetworkConfig,
        config: FitConfig,
    ) -> None:
        self._schema = schema.fit(rows)
        self._model = TwoTower(self._schema, TOWER, (), temperature=temperature, config=network)
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            report = fit_retrieval(self._model, rows, valid=valid, config=config)
        finally:
            torch.set_num_threads(threads)
        reached = report.epochs[report.best_epoch].valid["ndcg@20"]
        self.facts = {
            "interactions": report.rows,
            "seconds of training": round(report.seconds, 1),
            "NDCG@20 of the validation rows": round(reached, 4),
        }

    def items(self, rows: pa.Table) -> Floats:
        """Item columns -> float32 [N, D]: the item's vector, and its bias as the last dimension."""
        schema, parts = rf.Schema(item=self._schema.item, key=self._schema.key), []
        with torch.inference_mode():
            for batch, _ in Batches(encode(schema, rows)).in_order(CHUNK):
                parts += [torch.cat([self._model.item_vectors(batch), self._model.item_biases(batch)[:, None]], dim=1)]
        return torch.cat(parts).numpy()

    def requests(self, rows: pa.Table) -> Floats:
        """Rows with all columns -> float32 [B, D]: the request's vector, and 1 for the bias."""
        with torch.inference_mode():
            batch, _ = Batches(encode(self._schema, rows)).take(torch.arange(rows.num_rows))
            vectors = self._model.request_vectors(batch).numpy()
        return np.concatenate([vectors, np.ones((len(vectors), 1), np.float32)], axis=1)
