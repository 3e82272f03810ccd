"""A model whose scores are small whole numbers: exact in float32, full of ties, and easy to compute by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

import recfast as rf
from recfast.artifact import Artifact
from recfast.reference_program import run_program

BRANDS = np.array([[0], [1], [2], [-1]], np.float32)
WEIGHTS = {"w": np.array([[8, 1, 1, 2]], np.float32), "wp": np.array([[8, 1, 1, 2, 4]], np.float32)}


def tiny_schema(*, pair: bool = False) -> rf.Schema:
    """hour | price, brand | bought (and discount, given per candidate)."""
    discount = [rf.Numeric("discount")] if pair else []
    return rf.Schema(
        request=[rf.Numeric("hour")],
        item=[rf.Numeric("price"), rf.Categorical("brand", buckets=3)],
        pair=[rf.Match("bought", map="counts", key="family"), *discount],
        key="sku",
    )


def tiny_program(*, pair: bool = False) -> dict[str, Any]:
    inputs: list[dict[str, Any]] = [
        {"name": "hour", "side": "request", "kind": "dense", "width": 1},
        {"name": "price", "side": "item", "kind": "dense", "width": 1},
        {"name": "brand", "side": "item", "kind": "ids"},
        {"name": "bought", "side": "pair", "kind": "dense", "width": 1},
    ]
    inputs += [{"name": "discount", "side": "pair", "kind": "dense", "width": 1}] * pair
    parts = ["hour", "price", "e", "bought", *["discount"] * pair]
    ops = [
        {"op": "embedding_bag", "inputs": ["brand"], "output": "e", "table": "brand", "pooling": "sum"},
        {"op": "concat", "inputs": parts, "output": "x"},
        {"op": "linear", "inputs": ["x"], "output": "y", "weight": "wp" if pair else "w", "activation": "none"},
    ]
    return {"inputs": inputs, "ops": ops, "output": "y"}


def tiny_model(*, pair: bool = False) -> rf.Model:
    manifest = {
        "format_version": 1,
        "schema": tiny_schema(pair=pair).to_json(),
        "program": tiny_program(pair=pair),
        "tables": {"brand": {"dtype": "f32", "rows": 4, "dim": 1}},
    }
    return rf.Model(Artifact(Path("tiny.recfast"), 0, manifest, {"table.brand": BRANDS, **WEIGHTS}))


def tiny_items(ids: Sequence[Any], seed: int = 0) -> dict[str, list[Any]]:
    """Items with few different features, some of them missing."""
    rng = np.random.default_rng(seed)
    pick = lambda *values: [values[i] for i in rng.integers(0, len(values), len(ids))]  # noqa: E731
    return {
        "sku": list(ids),
        "price": pick(None, 0.0, 1.0, 2.0, 3.0),
        "brand": pick(None, "acme", "bolt", "zenith"),
        "family": pick(None, "x", "y", "z"),
    }


REQUESTS = st.fixed_dictionaries(
    {
        "hour": st.none() | st.integers(0, 2),
        "counts": st.none() | st.dictionaries(st.sampled_from(["x", "y", "w"]), st.none() | st.integers(0, 2)),
    }
)
REQUEST = {"hour": 1.0, "counts": {"x": 2.0, "y": 1.0}}


def tiny_scores(request: dict[str, Any], items: dict[str, list[Any]], pair: dict[str, list[Any]] | None = None) -> Any:
    """float64 [N] by the reference."""
    size = len(items["sku"])
    rows = {**{name: [value] * size for name, value in request.items()}, **items, **(pair or {})}
    encoded = tiny_schema(pair=pair is not None).encode(rows)
    return run_program(tiny_program(pair=pair is not None), WEIGHTS, {"brand": BRANDS}, encoded)


def best(scores: Any, rows: Sequence[int], k: int) -> list[int]:
    """The definition: score descending, then the earlier row."""
    return sorted(set(rows), key=lambda row: (-scores[row], row))[:k]
