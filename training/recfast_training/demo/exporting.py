"""The three files that are judged: full f32, pruned f32, pruned i8, each without and with the item bias."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import recfast as rf
from recfast.table import RowFormat

from ..columns import first_rows
from ..export import export
from ..models import ItemBias
from ..self_test import shorten_maps
from .recommending import BIAS, tune_alpha
from .shop_data import ServingDay, ShopData, serving_day
from .training import Network

FULL, PRUNED, SERVED = "full, f32", "pruned, f32", "pruned, i8"
EXAMPLES = 32


def example_rows(data: ShopData) -> dict[str, list[Any]]:
    """The rows that every file records: the first ones of the test part, with excerpts of their maps."""
    names = tuple(dict.fromkeys([*data.schema.request_columns, *data.schema.item_columns]))
    return shorten_maps(data.schema, first_rows(data.samples["test"].rows, names, EXAMPLES))


@dataclass(frozen=True)
class Exported:
    """One network as files.

    Attributes:
        model: the torch model without a bias.
        alpha: factor of the item bias.
        plain: without the bias, for task B and for latency.
        biased: with it, for ranking everything.
    """

    model: Network
    alpha: float
    plain: Path
    biased: Path

    def ranker(self, day: ServingDay) -> rf.Ranker:
        """A ranker over the items of a day, from the file with the bias."""
        model = rf.load(self.biased)
        return rf.Ranker(model, rf.Catalog(model, day.items))


@dataclass(frozen=True)
class Exports:
    """All files, and how the bias was chosen: NDCG@20 per alpha on validation households."""

    files: dict[str, Exported]
    alpha: float
    tuning: pl.DataFrame


def export_all(data: ShopData, full: Network, pruned: Network, folder: Path) -> Exports:
    """Write the files and tune the bias of all of them on the full one.

    Args:
        data: test rows become the examples, validation households tune the bias.
        full: the full model.
        pruned: the pruned and fine-tuned one.
        folder: where the files go.

    Returns:
        The files by name.
    """
    examples = example_rows(data)
    chosen: tuple[tuple[str, Network, RowFormat], ...] = (
        (FULL, full, "f32"),
        (PRUNED, pruned, "f32"),
        (SERVED, pruned, "i8"),
    )
    plain = {name: folder / f"{name}.recfast" for name, _, _ in chosen}
    for name, model, dtype in chosen:
        export(model, plain[name], examples=examples, tables=dtype)
    alpha, tuning = tune_alpha(rf.load(plain[FULL]), serving_day(data.history, "valid"))
    biased = {name: folder / f"{name}, biased.recfast" for name, _, _ in chosen}
    for name, model, dtype in chosen:
        export(ItemBias(model, BIAS, alpha), biased[name], examples=examples, tables=dtype)
    files = {name: Exported(model, alpha, plain[name], biased[name]) for name, model, _ in chosen}
    return Exports(files, alpha, tuning)
