"""The demo's parts on a few households and an untrained model: what it prints is what the core ranks."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console

import recfast as rf
from recfast_training import export, export_onnx
from recfast_training.data.cj_recommendation import RecommendationTask
from recfast_training.demo import cascade, latency, recommending, tables
from recfast_training.demo.households import SHOWN, show_households
from recfast_training.demo.shop_data import ServingDay, serving_day
from recfast_training.features.cj_interactions import cj_retrieval_schema, interactions
from recfast_training.features.cj_rows import rows_for_task_b
from recfast_training.features.cj_schema import cj_schema
from recfast_training.features.purchase_history import PurchaseHistory
from recfast_training.models import DeepFM, NetworkConfig, TwoTower

HOUSEHOLDS = 6


@pytest.fixture(scope="module")
def network(cj_history: PurchaseHistory) -> DeepFM:
    rows = rows_for_task_b(cj_history, "valid", (49, 49)).slice(0, 5000)
    return DeepFM(cj_schema().fit(rows), dim=4, hidden=(16,), config=NetworkConfig(deviation=0.3))


@pytest.fixture(scope="module")
def day(cj_history: PurchaseHistory) -> ServingDay:
    whole = serving_day(cj_history, "valid")
    few = pl.col("household") < HOUSEHOLDS
    task = whole.task
    compact = RecommendationTask(task.truth.filter(few), task.seen.filter(few), HOUSEHOLDS, task.n_items)
    return dataclasses.replace(whole, requests=whole.requests.slice(0, HOUSEHOLDS), task=compact)


@pytest.fixture(scope="module")
def path(network: DeepFM, cj_history: PurchaseHistory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "shop.recfast"
    export(network, path, examples=rows_for_task_b(cj_history, "valid", (49, 49)).slice(0, 8))
    return path


@pytest.fixture(scope="module")
def ranker(path: Path, day: ServingDay) -> rf.Ranker:
    model = rf.load(path)
    return rf.Ranker(model, rf.Catalog(model, day.items))


def test_cascades_are_judged_beside_ranking_everything(
    ranker: rf.Ranker, day: ServingDay, cj_history: PurchaseHistory, tmp_path: Path
) -> None:
    rows = interactions(cj_history, (48, 48)).slice(0, 5000)
    towers = TwoTower(cj_retrieval_schema().fit(rows), dim=4, hidden=())
    export(towers, tmp_path / "towers.recfast", examples=rows.slice(0, 8))
    figures = cascade.cascade_figures(cj_history, day, ranker, tmp_path / "towers.recfast")
    assert figures.height == 2 * 2 * (1 + len(cascade.RETRIEVED))
    everything = recommending.judge_ranker(ranker, day)
    for (variant, _), mine in figures.group_by("variant", "first stage"):
        assert mine["retrieved"].to_list() == [None, *cascade.RETRIEVED]
        assert mine["recall"][0] == 1.0
        assert mine["recall"].is_between(0, 1).all()
        report = everything[variant]  # type: ignore[index]
        assert mine.row(0)[-2:] == (report.ndcg, report.recall)
    best = figures.filter((pl.col("retrieved") == 2000) & (pl.col("first stage") == "FM term"))
    assert (best["recall"] > 0.2).all()  # of 12,380 products


def test_the_lists_are_those_that_exclude_gives(ranker: rf.Ranker, day: ServingDay) -> None:
    lists = recommending.recommend_20(ranker, day)
    product_ids = np.sort(day.items["product_id"].to_numpy())
    for i in range(HOUSEHOLDS):
        request = day.requests.slice(i, 1)
        seen = product_ids[day.task.seen.filter(pl.col("household") == i)["item"].to_numpy()]
        everything = ranker.recommend(request, k=20).ids
        new = ranker.recommend(request, k=20, exclude=seen).ids
        assert product_ids[lists["all"][i]].tolist() == everything.tolist()
        assert product_ids[lists["new"][i]].tolist() == new.tolist()
    reports = recommending.judge_ranker(ranker, day)
    assert all(0 <= report.ndcg <= 1 for report in reports.values())


def test_the_bias_costs_little(ranker: rf.Ranker, day: ServingDay) -> None:
    alpha, table = recommending.tune_alpha(ranker.model, day)
    assert table["alpha"].to_list() == list(recommending.ALPHAS)
    chosen = table.filter(pl.col("alpha") == alpha)["all"][0]
    assert chosen >= (1 - recommending.GIVEN_UP) * table["all"].max()


def test_households_are_shown_with_and_without_what_they_bought(
    ranker: rf.Ranker, cj_history: PurchaseHistory, day: ServingDay
) -> None:
    page = io.StringIO()
    for lists in show_households(ranker, cj_history, day):
        assert lists.anything.height == lists.new.height == SHOWN
        assert lists.excluded > 0
        tables.print_household(Console(file=page, width=120), lists)
    assert page.getvalue().count("excluded") == 3


def test_latency_compares_answers_first(
    ranker: rf.Ranker, network: DeepFM, day: ServingDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latency, "ROUNDS", 2)
    monkeypatch.setattr(latency, "WARM_UP", 1)
    export_onnx(network, tmp_path / "same.onnx")
    found = latency.compare_latency(ranker.model, tmp_path / "same.onnx", day.items, day.requests, seed=1)
    assert found.max_error <= latency.TOLERANCE
    other = DeepFM(network.schema, dim=4, hidden=(16,), config=NetworkConfig(deviation=0.3, seed=7))
    export_onnx(other, tmp_path / "other.onnx")
    with pytest.raises(AssertionError, match="differ by"):
        latency.compare_latency(ranker.model, tmp_path / "other.onnx", day.items, day.requests, seed=1)
