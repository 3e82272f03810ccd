"""Written with care: items encoded ahead in one matrix, a dict from id to row, and only the request is encoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..answers import Ranked, best_of
from ..ranking.merged_inputs import Layout, Merged
from ..ranking.networks import NetworkFiles
from ..ranking.shop import Question, Shop
from .hashed_rows import row_of, session_of


class Careful:
    """Matrices of all items, and a session."""

    def __init__(self, files: NetworkFiles, shop: Shop, layout: Layout, folder: Path) -> None:
        self._session = session_of(files, shop, layout, folder)
        self._buckets = shop.setting.network.table_rows - 1
        items = shop.raw(np.arange(shop.items.num_rows))
        self._rows = {item: row for row, item in enumerate(items["item_id"].to_pylist())}
        self._fields = [(i, name) for i, name in enumerate(layout.fields) if name in shop.requests[0]]
        self._numbers = [(i, name) for i, name in enumerate(layout.numbers) if name in shop.requests[0]]
        self._starts = layout.starts.tolist()
        self._ids = np.zeros((items.num_rows, len(layout.fields)), np.int64)
        self._floats = np.zeros((items.num_rows, len(layout.numbers)), np.float32)
        for i, name in enumerate(layout.fields):
            if name in items.column_names:
                hashed = [row_of(value, self._buckets) for value in items[name].to_pylist()]
                self._ids[:, i] = np.array(hashed) + layout.starts[i]
        for i, name in enumerate(layout.numbers):
            if name in items.column_names:
                self._floats[:, i] = items[name].to_numpy()

    def rank(self, question: Question, k: int) -> Ranked:
        """What is timed."""
        at = [self._rows[item] for item in question.candidates]
        ids, numbers = self._ids[at], self._floats[at]
        request = question.request
        for i, name in self._fields:
            ids[:, i] = row_of(request[name], self._buckets) + self._starts[i]
        for i, name in self._numbers:
            numbers[:, i] = request[name]
        return best_of(question.ids, self._session(Merged(ids, numbers)), k)
