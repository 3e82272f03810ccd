"""CJ-rank as the demo uses it: samples encoded once, and what a service knows on the first day of each part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

import recfast as rf

from ..data.cj_rank import CjRank, Part, load_cj_rank
from ..data.cj_recommendation import RecommendationTask, recommendation_task
from ..encode import Encoded, encode
from ..features.cj_rows import rows_for_task_b
from ..features.cj_schema import cj_schema
from ..features.cj_serving import items_as_of, requests_for
from ..features.purchase_history import PurchaseHistory, index_history

PARTS: tuple[Part, ...] = ("train", "valid", "test")


@dataclass(frozen=True)
class Samples:
    """The labelled rows of one part.

    Attributes:
        rows: raw features, label and household_id.
        encoded: the same, encoded.
        households: int64 [B], the household of each row.
        labels: int8 [B], 1 for a purchase.
    """

    rows: pa.Table = field(repr=False)
    encoded: Encoded = field(repr=False)
    households: npt.NDArray[np.int64] = field(repr=False)
    labels: npt.NDArray[np.int8] = field(repr=False)


@dataclass(frozen=True)
class ServingDay:
    """What a service knows on the morning that a part begins, and what happened then.

    Attributes:
        day: local days since 2017-01-01.
        items: the item table of that morning.
        requests: one request per household that bought anything in the part.
        task: the truth and its judge, households numbered as the requests.
    """

    day: int
    items: pa.Table = field(repr=False)
    requests: pa.Table = field(repr=False)
    task: RecommendationTask = field(repr=False)


@dataclass(frozen=True)
class ShopData:
    """Everything that training and judging need, made once.

    Attributes:
        history: the indexed purchases, with the split.
        schema: fitted on the training samples.
        samples: per part.
    """

    history: PurchaseHistory
    schema: rf.Schema
    samples: dict[Part, Samples]

    @property
    def split(self) -> CjRank:
        """The benchmark's split."""
        return self.history.split


def load_shop(weeks: tuple[int, int] | None = None) -> ShopData:
    """Load, clean, split and encode The Complete Journey.

    Args:
        weeks: first and last week of the training samples; default all of them.

    Returns:
        The data; training rows first fit the schema.
    """
    history = index_history(load_cj_rank())
    tables = {part: rows_for_task_b(history, part, weeks if part == "train" else None) for part in PARTS}
    schema = cj_schema().fit(tables["train"])
    return ShopData(history, schema, {part: _samples(schema, table) for part, table in tables.items()})


def _samples(schema: rf.Schema, rows: pa.Table) -> Samples:
    labels = rows["label"].to_numpy()
    return Samples(rows, Encoded(encode(schema, rows), labels), rows["household_id"].to_numpy(), labels)


def serving_day(history: PurchaseHistory, part: Literal["valid", "test"]) -> ServingDay:
    """Build what a service knows as a part begins.

    Args:
        history: the indexed purchases; only days before the part are looked at for features.
        part: "valid" or "test".

    Returns:
        Items, requests and truth.
    """
    split = history.split
    day = int(split.part(part)["day"].min())  # type: ignore[arg-type]
    task = recommendation_task(split, part)
    households = task.truth["household"].unique().sort()
    place = pl.DataFrame({"household": households, "place": np.arange(households.len())})

    def renumbered(pairs: pl.DataFrame) -> pl.DataFrame:
        return pairs.join(place, on="household", maintain_order="left").with_columns(household="place").drop("place")

    compact = RecommendationTask(renumbered(task.truth), renumbered(task.seen), households.len(), task.n_items)
    ids = split.households["household_id"].gather(households.to_numpy())
    return ServingDay(day, items_as_of(history, day), requests_for(history, ids.to_list(), day), compact)
