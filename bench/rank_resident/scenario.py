"""The reference model with random weights, a catalogue of 100,000 items, and requests with 1,000 candidates each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

import recfast as rf
from recfast_training import export, export_onnx
from recfast_training.encode import Arrays, encode
from recfast_training.models import DeepFM, NetworkConfig

REQUEST_FIELDS, ITEM_FIELDS, TABLE_ROWS = 16, 10, 100_000
REQUEST_NUMBERS, ITEM_NUMBERS = 9, 4
ITEMS, CANDIDATES, TOP_K = 100_000, 1_000, 50
REQUESTS = 16  # taken in turns
VALUES = 10**9  # ids are drawn below it
SEED = 20170101

Columns = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Scenario:
    """What every competitor is given.

    Attributes:
        schema: all features are random integers, hashed, or random numbers.
        recfast: the model as a file.
        onnx: the same network as a file.
        items: the catalogue, columns of length 100,000.
        requests: raw features, one dict per request.
        candidates: int64 [1,000] ids per request, each once.
        encoded: per request the encoded rows of its candidates, as `recfast_training.encode` returns them.
    """

    schema: rf.Schema
    recfast: Path
    onnx: Path
    items: Columns
    requests: list[dict[str, Any]]
    candidates: list[npt.NDArray[np.int64]]
    encoded: list[Arrays]


def make_scenario(folder: Path) -> Scenario:
    """Draw everything from one seed and write both files into `folder`."""
    rng = np.random.default_rng(SEED)
    schema = make_schema()
    items = {"item_id": rng.permutation(VALUES // 1000)[:ITEMS], **draw(schema.item, ITEMS, rng)}
    asked = draw(schema.request, REQUESTS, rng)
    requests = [{name: values[i].item() for name, values in asked.items()} for i in range(REQUESTS)]
    chosen = [rng.permutation(ITEMS)[:CANDIDATES] for _ in range(REQUESTS)]
    rows = [rows_of(request, items, at) for request, at in zip(requests, chosen, strict=True)]
    model = make_model(schema)
    export(model, folder / "model.recfast", examples={name: values[:8] for name, values in rows[0].items()})
    export_onnx(model, folder / "model.onnx")
    return Scenario(
        schema=schema,
        recfast=folder / "model.recfast",
        onnx=folder / "model.onnx",
        items=items,
        requests=requests,
        candidates=[items["item_id"][at] for at in chosen],
        encoded=[encode(schema, r) for r in rows],
    )


def make_schema() -> rf.Schema:
    """16 + 10 hashed fields, 9 + 4 numbers; every table has 100,000 rows, the last one for missing."""
    return rf.Schema(
        request=[
            *(rf.Categorical(f"user_{i}", type="int", buckets=TABLE_ROWS - 1) for i in range(REQUEST_FIELDS)),
            *(rf.Numeric(f"user_number_{i}") for i in range(REQUEST_NUMBERS)),
        ],
        item=[
            *(rf.Categorical(f"item_{i}", type="int", buckets=TABLE_ROWS - 1) for i in range(ITEM_FIELDS)),
            *(rf.Numeric(f"item_number_{i}") for i in range(ITEM_NUMBERS)),
        ],
        key="item_id",
    )


def make_model(schema: rf.Schema) -> DeepFM:
    """MLP 429-256-128-64-1, every weight random and large enough to matter, the first-order term too."""
    model = DeepFM(schema, config=NetworkConfig(deviation=0.1, seed=SEED))
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.02)
    return model


def draw(features: Any, count: int, rng: np.random.Generator) -> Columns:
    """Random raw values of features, columns of length `count`."""
    return {
        f.name: rng.integers(0, VALUES, count) if isinstance(f, rf.Categorical) else rng.normal(size=count)
        for f in features
    }


def rows_of(request: dict[str, Any], items: Columns, at: npt.NDArray[np.int64]) -> Columns:
    """One raw row per candidate, the request's features repeated."""
    return {name: np.full(len(at), value) for name, value in request.items()} | {n: v[at] for n, v in items.items()}
