"""Real vectors: products and households of The Complete Journey, as task A of CJ-rank trains and serves them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from recfast_training import FitConfig, NetworkConfig
from recfast_training.data.cj_rank import load_cj_rank
from recfast_training.features.cj_interactions import cj_retrieval_schema, interactions, retrieval_requests
from recfast_training.features.item_statistics import item_attributes
from recfast_training.features.purchase_history import index_history

from .scenario import SEED, TUNING, Trained
from .towers import Towers


def make_complete_journey(weeks: int) -> Trained:
    """Train on so many weeks before the test weeks; a query is a household on the morning that these begin."""
    history = index_history(load_cj_rank())
    test = interactions(history, (51, 53))
    towers = Towers(
        cj_retrieval_schema(),
        interactions(history, (51 - weeks, 50)),
        test.slice(0, 2_000),
        temperature=0.25,
        network=NetworkConfig(embedding_dropout=0.1, deviation=0.1),
        config=FitConfig(epochs=3, batch_size=1024, embedding_decay=0.3, progress=False),
    )
    items = item_attributes(history, np.arange(history.split.items.height))
    bought = history.split.test
    households = np.random.default_rng(SEED).permutation(bought["household"].unique().sort().to_numpy())
    first_day = np.full(len(households), bought["day"].to_numpy().min())
    requests = retrieval_requests(history, households.astype(np.int64), first_day.astype(np.int64))
    anything = item_attributes(history, np.zeros(len(households), np.int64))
    queries = towers.requests(pa.table({**requests, **anything}))
    return Trained(towers.items(pa.table(items)), queries[:TUNING], queries[TUNING:], towers.facts)
