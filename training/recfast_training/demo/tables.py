"""The demo's tables, for a person to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import polars as pl
from rich.console import Console
from rich.table import Table

from ..data.cj_recommendation import Variant
from ..metrics import TopKReport
from .households import Lists
from .latency import Latency
from .recommending import VARIANTS


@dataclass(frozen=True)
class ModelSize:
    """What a model weighs: parameters, dense multiply-adds per row, bytes of its file."""

    name: str
    parameters: int
    flops: int
    file_bytes: int


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", expand=False)
    for i, name in enumerate(columns):
        table.add_column(name, justify="left" if i == 0 else "right")
    return table


def print_prediction(console: Console, systems: Mapping[str, tuple[float, float]]) -> None:
    """Task B: AUC and GAUC per system."""
    table = _table("Will this household buy this product today? (test weeks)", "system", "AUC", "GAUC")
    for name, (auc, gauc) in systems.items():
        table.add_row(name, f"{auc:.4f}", f"{gauc:.4f}")
    console.print(table)


def print_recommendation(console: Console, systems: Mapping[str, Mapping[Variant, TopKReport]]) -> None:
    """Task A: NDCG and recall per system, over everything and over what is new to the household."""
    title = "What will it buy in the next three weeks? (all 12,380 products ranked)"
    table = _table(title, "system", "NDCG@20", "Recall@20", "new: NDCG@20", "new: Recall@20")
    for name, reports in systems.items():
        cells = []
        for variant in VARIANTS:
            report = reports.get(variant)
            cells += [f"{report.ndcg:.4f}", f"{report.recall:.4f}"] if report else ["-", "-"]
        table.add_row(name, *cells)
    console.print(table)


def print_sizes(console: Console, sizes: Sequence[ModelSize]) -> None:
    """Parameters, FLOPs and file size, before and after."""
    table = _table("Size", "model", "parameters", "dense MFLOP a row", "file", "of the full file")
    for size in sizes:
        table.add_row(
            size.name,
            f"{size.parameters:,}",
            f"{2 * size.flops / 1e6:.3f} ({size.flops / sizes[0].flops:.0%})",
            f"{size.file_bytes / 1e6:.2f} MB",
            f"{size.file_bytes / sizes[0].file_bytes:.0%}",
        )
    console.print(table)


def print_household(console: Console, lists: Lists) -> None:
    """What one household bought and what is recommended to it."""
    title = f"Household {lists.household_id}, after {lists.baskets} baskets"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    table.add_column("bought last")
    table.add_column("recommended")
    table.add_column(f"recommended, all {lists.excluded} that it ever bought excluded")
    columns = [_lines(frame) for frame in (lists.bought, lists.anything, lists.new)]
    for cells in zip_longest(*columns, fillvalue=""):
        table.add_row(*cells)
    console.print(table)


def _lines(products: pl.DataFrame) -> list[str]:
    return [
        f"{department.title()}: {kind.lower()}" + (f" ${price:.2f}" if price is not None else "")
        for department, kind, price in products.iter_rows()
    ]


def print_latency(console: Console, latencies: Mapping[str, Latency]) -> None:
    """p50 and p99 beside ONNX Runtime."""
    title = "Ranking 1,000 candidates, one thread (results compared first)"
    table = _table(title, "network", "recfast p50 / p99", "ONNX Runtime p50 / p99", "ratio", "largest error")
    for name, x in latencies.items():
        table.add_row(name, _us(x.recfast_us), _us(x.onnxruntime_us), f"{x.ratio:.1f}x", f"{x.max_error:.1e}")
    console.print(table)
    console.print(
        "recfast: from the raw request (maps included) and product ids to the best 50. "
        "ONNX Runtime: the same network, from encoded arrays to the best 50."
    )


def _us(times: tuple[float, float]) -> str:
    return f"{times[0] / 1e3:.2f} / {times[1] / 1e3:.2f} ms"
