"""As people write it: look the items up in a pandas frame, hash every value, run ONNX Runtime, sort by numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..answers import Ranked, best_of
from ..ranking.merged_inputs import Layout, Merged
from ..ranking.networks import NetworkFiles
from ..ranking.shop import Question, Shop
from .hashed_rows import row_of, session_of


class Naive:
    """A frame with the raw items by id, and a session."""

    def __init__(self, files: NetworkFiles, shop: Shop, layout: Layout, folder: Path) -> None:
        self._session, self._layout = session_of(files, shop, layout, folder), layout
        self._buckets = shop.setting.network.table_rows - 1
        self._frame = pd.DataFrame(shop.raw(np.arange(shop.items.num_rows)).to_pydict()).set_index("item_id")

    def rank(self, question: Question, k: int) -> Ranked:
        """What is timed."""
        chosen = self._frame.loc[question.candidates]
        ids = [self._column(name, question, chosen, ids=True) for name in self._layout.fields]
        numbers = [self._column(name, question, chosen, ids=False) for name in self._layout.numbers]
        rows = Merged(np.stack(ids, axis=1) + self._layout.starts, np.stack(numbers, axis=1).astype(np.float32))
        return best_of(question.ids, self._session(rows), k)

    def _column(self, name: str, question: Question, chosen: Any, *, ids: bool) -> Any:
        """One encoded feature of all candidates."""
        if name in question.request:
            value = question.request[name]
            return np.full(len(chosen), row_of(value, self._buckets) if ids else value)
        values = chosen[name]
        return np.array([row_of(value, self._buckets) for value in values]) if ids else values.to_numpy()
