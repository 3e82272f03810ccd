"""Real rows of one day of the shop, scored by recfast in every way that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

import recfast as rf
from recfast import _core
from recfast_training.columns import first_rows
from recfast_training.features.cj_rows import rows_for_task_b
from recfast_training.features.cj_schema import cj_schema
from recfast_training.features.cj_serving import items_as_of
from recfast_training.features.purchase_history import PurchaseHistory

DAY, WEEK = 344, (51, 51)  # the first day of the test part
TRAINED_WEEK = (48, 48)  # the transforms and vocabularies learn from it: later ids may be unseen

PLAIN_REQUESTS = 8  # given as plain Python values: a map has up to 4,000 entries, so the others stay Arrow

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ShopDay:
    """Labelled rows of a day, and the same day as a service sees it.

    Attributes:
        schema: fitted on an earlier week.
        rows: N rows with all raw features.
        items: the whole catalogue as of that morning.
    """

    schema: rf.Schema
    rows: pa.Table
    items: pa.Table

    def head(self, count: int) -> ShopDay:
        """The first rows."""
        return ShopDay(self.schema, self.rows.slice(0, count), self.items)

    def requests(self) -> list[Request]:
        """The rows by who asked, where and at which hour: what one request would rank."""
        asked = np.stack([self.rows[name].to_numpy() for name in ("household_id", "store_id", "hour")])
        _, first, of_row = np.unique(asked, axis=1, return_index=True, return_inverse=True)
        of_row = of_row.reshape(-1)
        columns = self.rows.select(list(self.schema.request_columns)).combine_chunks()
        return [Request(columns.slice(row, 1), np.flatnonzero(of_row == i)) for i, row in enumerate(first)]


@dataclass(frozen=True)
class Request:
    """The request's columns as a table of one row, and the rows that are its candidates."""

    columns: pa.Table
    rows: Ints

    def as_dict(self) -> dict[str, Any]:
        """Plain Python values, maps as dicts."""
        return {name: v[0] for name, v in first_rows(self.columns, self.columns.column_names, 1).items()}


def shop_day(history: PurchaseHistory) -> ShopDay:
    """Every row of the day."""
    schema = cj_schema().fit(rows_for_task_b(history, "train", TRAINED_WEEK))
    week = rows_for_task_b(history, "test", WEEK)
    return ShopDay(schema, week.filter(pa.array(week["day"].to_numpy() == DAY)), items_as_of(history, DAY))


def load_on(isa: str, path: Path) -> rf.Model:
    """Load a file as a process would that was started with RECFAST_ISA."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_core, "selected_isa", lambda: isa)
        model = rf.load(path)
    assert model.isa == isa
    return model


def by_score(model: rf.Model, day: ShopDay) -> Floats:
    """All rows at once."""
    return model.score(day.rows)


def by_resident_items(model: rf.Model, day: ShopDay) -> Floats:
    """Request by request, the items from the catalogue of the morning."""
    ranker = rf.Ranker(model, rf.Catalog(model, day.items))
    return _by_request(day, lambda request, ids, at: ranker.rank(request, candidates=ids, k=len(ids)))


def by_fresh_items(model: rf.Model, day: ShopDay) -> Floats:
    """Request by request, the items of the rows themselves as raw features, beside an empty catalogue."""
    ranker = rf.Ranker(model, rf.Catalog(model, day.items.slice(0, 0)))
    columns = day.rows.select(list(day.schema.item_columns)).combine_chunks()
    return _by_request(day, lambda request, ids, at: ranker.rank(request, items=columns.take(at), k=len(ids)))


WAYS: dict[str, Callable[[rf.Model, ShopDay], Floats]] = {
    "score": by_score,
    "resident": by_resident_items,
    "fresh": by_fresh_items,
}


def _by_request(day: ShopDay, rank: Callable[[Any, Ints, Ints], rf.TopK]) -> Floats:
    """The score of each row, found by its id in what its request gave back: every id, each once.

    `rank` gets a request, the ids of its candidates, and a row of each.
    """
    scores = np.full(day.rows.num_rows, np.nan, np.float32)
    products = day.rows["product_id"].to_numpy()
    for i, request in enumerate(day.requests()):
        ids, first, of_row = np.unique(products[request.rows], return_index=True, return_inverse=True)
        top = rank(request.as_dict() if i < PLAIN_REQUESTS else request.columns, ids, request.rows[first])
        order = np.argsort(top.ids)
        np.testing.assert_array_equal(top.ids[order], ids)
        scores[request.rows] = top.scores[order][of_row]
    return scores
