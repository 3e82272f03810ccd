"""The quality of the full, pruned and quantised model over several seeds: mean and deviation; and of cascades."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import torch
from rich.console import Console
from rich.table import Table

import recfast as rf

from .cascade import cascade_figures, train_towers
from .exporting import FULL, Exported, export_all
from .recommending import judge_ranker
from .run import TRAINING_THREADS, demo_console
from .shop_data import ServingDay, ShopData, load_shop, serving_day
from .training import Architecture, judge, train_full, train_pruned

MEASURES = ("auc", "gauc", "logloss", "ndcg_all", "recall_all", "ndcg_new", "recall_new", "flops", "file")


def run_figures(
    seeds: Sequence[int], *, architecture: Architecture = "DeepFM", console: Console | None = None
) -> pl.DataFrame:
    """Train, prune, quantise and judge once per seed; print mean ± deviation. Print what cascades into the full DeepFM
    of the first seed lose (`cascade_figures`).

    Args:
        seeds: of weights, order of rows and samples.
        architecture: "DeepFM" or "DCNv2".
        console: where to print.

    Returns:
        One row per seed and model: task B (auc, gauc, logloss), task A (NDCG@20 and Recall@20 over everything and over
        what is new to the household), flops and file as shares of the full model's.
    """
    console = console or demo_console()
    torch.set_num_threads(TRAINING_THREADS)
    data = load_shop()
    day = serving_day(data.history, "test")
    rows = []
    cascade = None
    for seed in seeds:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            files = _files_of(data, seed, architecture, Path(folder))
            for name, one in files.items():
                rows.append({"seed": seed, "model": name, "alpha": one.alpha, **_judge(data, day, one, files[FULL])})
            if cascade is None and architecture == "DeepFM":
                train_towers(data.history, Path(folder) / "towers.recfast", seed=seed)
                cascade = cascade_figures(data.history, day, files[FULL].ranker(day), Path(folder) / "towers.recfast")
        console.print(f"seed {seed}: {time.perf_counter() - start:.0f} s")
    results = pl.DataFrame(rows)
    table = Table("model", *MEASURES, title=f"{architecture}, {len(seeds)} seeds, test weeks")
    for name in results["model"].unique(maintain_order=True):
        mine = results.filter(pl.col("model") == name)
        values = mine.select(MEASURES).to_numpy()
        spread = values.std(axis=0, ddof=1) if len(values) > 1 else 0.0 * values[0]
        table.add_row(name, *(f"{m:.4f} ± {s:.4f}" for m, s in zip(values.mean(axis=0), spread, strict=True)))
    console.print(table)
    if cascade is not None:
        _print_cascade(console, cascade)
    return results


def _files_of(data: ShopData, seed: int, architecture: Architecture, folder: Path) -> dict[str, Exported]:
    full = train_full(data, seed=seed, architecture=architecture)
    pruned = train_pruned(full.model, data, seed=seed)
    return export_all(data, full.model, pruned.model, folder).files


def _print_cascade(console: Console, figures: pl.DataFrame) -> None:
    columns = ("products", "first stage", "retrieved", "of the best 20", "NDCG@20", "Recall@20")
    table = Table(*columns, title="DeepFM ranks what a first stage retrieves, one seed, test weeks")
    for variant, stage, retrieved, *numbers in figures.iter_rows():
        table.add_row(variant, stage, "all" if retrieved is None else f"{retrieved:,}", *(f"{x:.4f}" for x in numbers))
    console.print(table)


def _judge(data: ShopData, day: ServingDay, files: Exported, full: Exported) -> dict[str, float]:
    test = data.samples["test"]
    b = judge(test, rf.load(files.plain).score(test.rows))
    a = judge_ranker(files.ranker(day), day)
    return {
        "auc": b.auc,
        "gauc": b.gauc,
        "logloss": b.logloss,
        "ndcg_all": a["all"].ndcg,
        "recall_all": a["all"].recall,
        "ndcg_new": a["new"].ndcg,
        "recall_new": a["new"].recall,
        "flops": files.model.flops() / full.model.flops(),
        "file": files.plain.stat().st_size / full.plain.stat().st_size,
    }
