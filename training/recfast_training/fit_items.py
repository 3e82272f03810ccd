"""Learning of linear item-to-item models: from what every request holds, in closed form."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .columns import column
from .encode import Encoded, encode
from .fingerprint import fingerprint
from .models import LinearItemModel


@dataclass(frozen=True)
class ItemsReport:
    """What `fit_items` did.

    Attributes:
        requests: rows given.
        entries: items in all of them together.
        items: distinct ones.
        fingerprint: of the encoded rows; see `recfast_training.fingerprint`.
        seconds: all of it, encoding included.
    """

    requests: int
    entries: int
    items: int
    fingerprint: str
    seconds: float


def fit_items(model: LinearItemModel, rows: Any) -> ItemsReport:
    """Learn the table of an item-to-item model in place.

    The rows are encoded by the schema, like the requests later on: a transform of the counts is the same here and
    there. All of them are a dense matrix of float32, requests x items, in memory.

    Args:
        model: an EASE or an ItemKNN.
        rows: a table with the column of the model's bag, one row per household, user or basket; others are ignored.

    Returns:
        What was done; also appended to `model.provenance["fit_items"]`.

    Raises:
        TypeError: a model of another kind, or a column of the wrong type.
        ValueError: no rows, or the column is missing.

    Example:
        >>> import recfast as rf
        >>> from recfast_training.models import ItemKNN
        >>> item = rf.Categorical("sku", buckets=1, vocabulary=("bread", "butter"))
        >>> bought = rf.WeightedBag("bought", table="sku", transform="log1p")
        >>> model = ItemKNN(rf.Schema(request=[bought], item=[item], key="sku"))
        >>> report = fit_items(model, {"bought": [{"bread": 3, "butter": 1}, {"bread": 1}]})
        >>> report.requests, report.entries, report.items
        (2, 3, 2)
    """
    start = time.perf_counter()
    if not isinstance(model, LinearItemModel):
        raise TypeError(f"fit_items learns a linear item-to-item model, got {type(model).__name__}")
    bags = column(rows, model.bag.name)
    encoded = Encoded(encode(model.schema, {model.bag.name: bags, model.ids: [None] * len(bags)}))
    if not len(encoded):
        raise ValueError("there is nothing to learn from: no rows")
    arrays = encoded.arrays
    ids, mask = arrays[model.bag.name], arrays[f"{model.bag.name}_mask"]
    weights = arrays.get(f"{model.bag.name}_weight", mask.astype(np.float32))
    matrix = np.zeros((len(encoded), model.rows), np.float32)
    np.add.at(matrix, (np.nonzero(mask)[0], ids[mask]), weights[mask])
    model.learn(matrix)
    seconds = time.perf_counter() - start
    report = ItemsReport(len(encoded), int(mask.sum()), len(np.unique(ids[mask])), fingerprint(encoded), seconds)
    model.provenance.setdefault("fit_items", []).append(asdict(report))
    return report
