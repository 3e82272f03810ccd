"""The demo from start to end, printed as it goes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
import torch
from rich.console import Console

import recfast as rf

from ..data.cj_recommendation import Variant
from ..export import export
from ..export_onnx import export_onnx
from ..metrics import TopKReport
from ..models import ItemBias
from . import baselines, tables
from .exporting import FULL, PRUNED, SERVED, Exported, Exports, example_rows, export_all
from .households import show_households
from .latency import Latency, compare_latency
from .recommending import BIAS, judge_ranker
from .shop_data import ServingDay, ShopData, load_shop, serving_day
from .training import Trained, judge, train_full, train_pruned

# Batches are small: a second thread gains little on an idle machine and costs much on a busy one.
TRAINING_THREADS = 1
PAGE_WIDTH = 130


def run_demo(out: Path, *, seed: int = 0, console: Console | None = None) -> Path:
    """Train, prune, quantise, export, rank; print everything.

    Args:
        out: the folder for `shop.recfast`.
        seed: of weights, order of rows and samples.
        console: where to print.

    Returns:
        The path of the exported model: pruned, i8 tables, with the item bias.
    """
    console = console or demo_console()
    torch.set_num_threads(TRAINING_THREADS)
    demo = _Demo(out, seed, console)
    with tempfile.TemporaryDirectory() as scratch:
        return demo.run(Path(scratch))


def demo_console() -> Console:
    """A console that keeps the tables whole where nothing tells how wide the page is."""
    console = Console()
    return console if console.is_terminal else Console(width=PAGE_WIDTH)


class _Demo:
    """One run; its methods stand in the order in which they run."""

    def __init__(self, out: Path, seed: int, console: Console) -> None:
        self._out, self._seed, self._console = out, seed, console

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        self._console.print(f"[bold]{what}[/bold] …")
        yield
        self._console.print(f"  {time.perf_counter() - start:.1f} s")

    def run(self, scratch: Path) -> Path:
        console = self._console
        with self._step("Loading The Complete Journey: cleaning, point-in-time features, encoding"):
            data = load_shop()
            self._describe(data)
        # Training keeps one core busy; the baselines take the other one.
        background = ThreadPoolExecutor(1)
        simple = background.submit(lambda: (baselines.predictors(data.history), baselines.recommenders(data.history)))
        with self._step("Training the full DeepFM"):
            full = train_full(data, seed=self._seed)
            self._describe_training(full)
        with self._step("Pruning whole hidden units, fine-tuning what is left"):
            pruned = train_pruned(full.model, data, seed=self._seed)
            console.print(f"  hidden widths {full.model.hidden} -> {pruned.model.hidden}")
            self._describe_training(pruned)
        with self._step("Baselines: popularity, personal frequency, decay, EASE, LR"):
            predictors, recommenders = simple.result()
            background.shutdown()
        with self._step("Exporting; tuning the item bias on validation households"):
            exports = export_all(data, full.model, pruned.model, scratch)
            self._describe_tuning(exports)
        exported = exports.files
        test = data.samples["test"]
        judged = {name: judge(test, rf.load(files.plain).score(test.rows)) for name, files in exported.items()}
        tables.print_prediction(console, predictors | {name: (j.auc, j.gauc) for name, j in judged.items()})
        with self._step("Ranking every product for every household, with the exported files"):
            day = serving_day(data.history, "test")
            rankers = {name: files.ranker(day) for name, files in exported.items()}
            ranked = {name: judge_ranker(ranker, day) for name, ranker in rankers.items()}
        tables.print_recommendation(console, {**recommenders, **ranked})
        tables.print_sizes(console, [_size(name, files) for name, files in exported.items()])
        shop = self._publish(
            exported[SERVED], data, {"task_b": asdict(judged[SERVED]), "task_a": _json(ranked[SERVED])}
        )
        model = rf.load(shop)
        ranker = rf.Ranker(model, rf.Catalog(model, day.items))
        for lists in show_households(ranker, data.history, day):
            tables.print_household(console, lists)
        with self._step("Measuring latency"):
            latencies = {name: self._latency(exported[name], day, scratch) for name in (FULL, PRUNED)}
        tables.print_latency(console, latencies)
        console.print(f"Wrote {shop}: load it with recfast.load, look inside with `recfast inspect {shop}`.")
        return shop

    def _describe(self, data: ShopData) -> None:
        say = self._console.print
        for line in str(data.split.report).splitlines():
            say(f"  {line}", highlight=False)
        say(f"  {data.split.items.height:,} products, {data.split.households.height:,} households")
        for part, samples in data.samples.items():
            say(f"  {part}: {len(samples.labels):,} samples, {int(samples.labels.sum()):,} purchases")
        sides = ", ".join(f"{len(getattr(data.schema, side))} {side}" for side in ("request", "item", "pair"))
        say(f"  {sides} features; tables with {sum(data.schema.tables.values()):,} rows")

    def _describe_training(self, trained: Trained) -> None:
        for i, epoch in enumerate(trained.report.epochs):
            best = " (kept)" if i == trained.report.best_epoch else ""
            self._console.print(
                f"  epoch {i + 1}: loss {epoch.loss:.4f}, validation AUC {epoch.valid['auc']:.4f}, "
                f"{epoch.seconds:.0f} s{best}"
            )

    def _describe_tuning(self, exports: Exports) -> None:
        best = exports.tuning.row(by_predicate=pl.col("alpha") == exports.alpha, named=True)
        none = exports.tuning.row(0, named=True)
        self._console.print(
            f"  item bias {exports.alpha} x {BIAS}: validation NDCG@20 {best['all']:.4f}, new {best['new']:.4f} "
            f"(without: {none['all']:.4f}, {none['new']:.4f})"
        )

    def _publish(self, files: Exported, data: ShopData, metrics: dict[str, Any]) -> Path:
        """Export the served model once more, now with its test metrics in the provenance."""
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._out / "shop.recfast"
        provenance = {"data": "The Complete Journey, CJ-rank split", "seed": self._seed, "metrics": metrics}
        model = ItemBias(files.model, BIAS, files.alpha)
        export(model, path, examples=example_rows(data), tables="i8", provenance=provenance)
        return path

    def _latency(self, files: Exported, day: ServingDay, scratch: Path) -> Latency:
        onnx = scratch / "network.onnx"
        export_onnx(files.model, onnx)
        return compare_latency(rf.load(files.plain), onnx, day.items, day.requests, seed=self._seed)


def _size(name: str, files: Exported) -> tables.ModelSize:
    return tables.ModelSize(name, files.model.num_parameters(), files.model.flops(), files.plain.stat().st_size)


def _json(reports: dict[Variant, TopKReport]) -> dict[str, Any]:
    return {variant: asdict(report) for variant, report in reports.items()}
