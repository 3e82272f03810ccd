"""Real shop rows: torch and recfast give equal ids and the same logits, on every ISA and in every way to rank."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import recfast as rf
from recfast import reference
from recfast.artifact import read_artifact
from recfast_training.evaluate import predict
from recfast_training.export import export
from recfast_training.models import DLRM, DCNv2, DeepFM, NetworkConfig, RankingModel

from .shop_day import WAYS, Floats, ShopDay, load_on

ROWS = (500, pytest.param(10_000, marks=pytest.mark.slow))
TOLERANCE = 1e-4  # of a logit, relative to 1 + |logit|
NETWORKS = {"DeepFM": DeepFM, "DCNv2": DCNv2, "DCNv2-rank-16": partial(DCNv2, rank=16), "DLRM": DLRM}


@pytest.fixture(scope="module")
def served(day: ShopDay, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Any], tuple[Path, Floats]]:
    """By network and row format: the file, and what torch says of every row of the day with the file's tables."""
    made: dict[tuple[str, str], tuple[Path, Floats]] = {}

    def serve(network: str, tables: Any) -> tuple[Path, Floats]:
        if (network, tables) not in made:
            model = untrained(NETWORKS[network], day.schema)
            path = tmp_path_factory.mktemp("served") / f"{network}.recfast"
            export(model, path, examples=day.rows.slice(0, 8), tables=tables)
            made[network, tables] = path, predict(model.with_tables(tables_of(path)), day.rows)
        return made[network, tables]

    return serve


def untrained(kind: Any, schema: rf.Schema) -> RankingModel:
    """Random weights, all large enough to matter: those that start from 0 too."""
    model: RankingModel = kind(schema, config=NetworkConfig(deviation=0.3, seed=7))
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.05)
    return model


def tables_of(path: Path) -> dict[str, Any]:
    """The tables of a file as numbers."""
    artifact = read_artifact(path)
    described = artifact.manifest["tables"].items()
    return {n: reference.dequantise(artifact.tensors[f"table.{n}"], t["dtype"], t["dim"]) for n, t in described}


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("isa", rf.cpu.available())
@pytest.mark.parametrize("tables", ["f32", "i8", "i4"])
@pytest.mark.parametrize("network", NETWORKS)
def test_recfast_gives_the_logits_of_torch(
    served: Any, day: ShopDay, network: str, tables: str, isa: str, way: str, rows: int
) -> None:
    path, expected = served(network, tables)
    expected = expected[:rows].astype(np.float64)
    assert len(expected) == rows
    assert np.std(expected) > 0.3  # logits that differ from row to row
    actual = WAYS[way](load_on(isa, path), day.head(rows))
    error = np.abs(actual - expected) / (1 + np.abs(expected))
    print(f"largest error: {error.max():.1e}")  # shown by pytest -rP
    assert error.max() <= TOLERANCE
