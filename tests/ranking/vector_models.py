"""Models whose score is a product of a request's vector with an item's, wholly or in part."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

import recfast as rf
from recfast.artifact import Artifact

DIM, BUCKETS = 8, 50
Kind = Literal["towers", "fm", "deep"]


def vector_schema() -> rf.Schema:
    """user, age | brand, price."""
    return rf.Schema(
        request=[rf.Categorical("user", buckets=BUCKETS), rf.Numeric("age")],
        item=[rf.Categorical("brand", buckets=BUCKETS), rf.Numeric("price")],
        key="sku",
    )


def vector_model(kind: Kind, seed: int = 0, scale: float = 1.0) -> rf.Model:
    """towers: a dot product; fm: a factorisation machine with linear terms; deep: the same and a hidden layer."""
    rng = np.random.default_rng(seed)
    weight = lambda *shape: (scale * rng.standard_normal(shape)).astype(np.float32)  # noqa: E731
    tables = {"user": weight(BUCKETS + 1, DIM), "brand": weight(BUCKETS + 1, DIM)}
    bags: list[dict[str, Any]] = [
        {"op": "embedding_bag", "inputs": [name], "output": f"e.{name}", "table": name, "pooling": "sum"}
        for name in ("user", "brand")
    ]
    numbers = ["age", "price"]
    weights: dict[str, Any] = {}
    if kind == "towers":
        ops = [
            *bags,
            {"op": "concat", "inputs": ["e.brand", "price"], "output": "xi"},
            {"op": "linear", "inputs": ["xi"], "output": "i", "weight": "wi", "activation": "relu"},
            {"op": "concat", "inputs": ["e.user", "age"], "output": "xu"},
            {"op": "linear", "inputs": ["xu"], "output": "u", "weight": "wu", "activation": "none"},
            {"op": "dot", "inputs": ["u", "i"], "output": "y"},
        ]
        weights = {"wi": weight(DIM, DIM + 1), "wu": weight(DIM, DIM + 1)}
    else:
        terms = ["f", "l"]
        ops = [
            *bags,
            {"op": "fm", "inputs": ["e.user", "e.brand"], "output": "f"},
            {"op": "concat", "inputs": numbers, "output": "n"},
            {"op": "linear", "inputs": ["n"], "output": "l", "weight": "wl", "activation": "none"},
        ]
        weights = {"wl": weight(1, 2)}
        if kind == "deep":
            terms.append("d")
            ops += [
                {"op": "concat", "inputs": ["e.user", "e.brand", *numbers], "output": "x"},
                {"op": "linear", "inputs": ["x"], "output": "h", "weight": "wh", "activation": "relu"},
                {"op": "linear", "inputs": ["h"], "output": "d", "weight": "wd", "activation": "none"},
            ]
            weights |= {"wh": weight(4, 2 * DIM + 2), "wd": weight(1, 4)}
        ops.append({"op": "sum", "inputs": terms, "output": "y"})
    inputs: list[dict[str, Any]] = [
        {"name": "user", "side": "request", "kind": "ids"},
        {"name": "age", "side": "request", "kind": "dense", "width": 1},
        {"name": "brand", "side": "item", "kind": "ids"},
        {"name": "price", "side": "item", "kind": "dense", "width": 1},
    ]
    manifest = {
        "format_version": 1,
        "schema": vector_schema().to_json(),
        "program": {"inputs": inputs, "ops": ops, "output": "y"},
        "tables": {name: {"dtype": "f32", "rows": BUCKETS + 1, "dim": DIM} for name in tables},
    }
    tensors = {**{f"table.{name}": rows for name, rows in tables.items()}, **weights}
    return rf.Model(Artifact(Path("vectors.recfast"), 0, manifest, tensors))


def vector_items(count: int, seed: int = 0, first: int = 0) -> dict[str, Any]:
    """Items with brands and prices, and a colour that only filters see."""
    rng = np.random.default_rng(seed)
    return {
        "sku": np.arange(first, first + count),
        "brand": [f"b{i}" for i in rng.integers(0, 2 * BUCKETS, count)],
        "price": np.round(rng.random(count) * 4, 1),
        "colour": [["red", "green", None][i] for i in rng.integers(0, 3, count)],
    }
