"""The quality of the full, pruned and quantised model over several seeds: mean and deviation."""

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

from .exporting import FULL, Exported, export_all
from .recommending import judge_ranker
from .run import TRAINING_THREADS, demo_console
from .shop_data import ServingDay, ShopData, load_shop, serving_day
from .training import Architecture, judge, train_full, train_pruned

MEASURES = ("auc", "gauc", "logloss", "ndcg_all", "recall_all", "ndcg_new", "recall_new", "flops", "file")


def run_figures(
    seeds: Sequence[int], *, architecture: Architecture = "DeepFM", console: Console | None = None
) -> pl.DataFrame:
    """Train, prune, quantise and judge once per seed; print mean ± deviation.

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
    for seed in seeds:
        start = time.perf_counter()
        rows += _one_seed(data, day, seed, architecture)
        console.print(f"seed {seed}: {time.perf_counter() - start:.0f} s")
    results = pl.DataFrame(rows)
    table = Table("model", *MEASURES, title=f"{architecture}, {len(seeds)} seeds, test weeks")
    for name in results["model"].unique(maintain_order=True):
        mine = results.filter(pl.col("model") == name)
        values = mine.select(MEASURES).to_numpy()
        spread = values.std(axis=0, ddof=1) if len(values) > 1 else 0.0 * values[0]
        table.add_row(name, *(f"{m:.4f} ± {s:.4f}" for m, s in zip(values.mean(axis=0), spread, strict=True)))
    console.print(table)
    return results


def _one_seed(
    data: ShopData, day: ServingDay, seed: int, architecture: Architecture
) -> list[dict[str, float | int | str]]:
    full = train_full(data, seed=seed, architecture=architecture)
    pruned = train_pruned(full.model, data, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        exports = export_all(data, full.model, pruned.model, Path(folder))
        whole = exports.files[FULL]
        return [
            {"seed": seed, "model": name, "alpha": exports.alpha, **_judge(data, day, files, whole)}
            for name, files in exports.files.items()
        ]


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
