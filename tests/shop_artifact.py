"""A small artifact for tests of the runtime, made without torch: random weights, recorded scores by reference.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import recfast as rf
from recfast.artifact import FORMAT_VERSION, write_artifact
from recfast.reference_program import run_program

DIM, HIDDEN, ROWS = 4, 16, 8


def shop_schema(brands: int = 50) -> rf.Schema:
    """One categorical request feature; brand and price as item features."""
    return rf.Schema(
        request=[rf.Categorical("country", buckets=20)],
        item=[rf.Categorical("brand", buckets=brands), rf.Numeric("price", transform="log1p")],
        key="sku",
    )


def shop_program() -> dict[str, Any]:
    """A DeepFM in miniature."""
    inputs = [
        {"name": "country", "side": "request", "kind": "ids"},
        {"name": "brand", "side": "item", "kind": "ids"},
        {"name": "price", "side": "item", "kind": "dense", "width": 1},
    ]
    ops = [
        {"op": "embedding_bag", "inputs": ["country"], "output": "c", "table": "country", "pooling": "sum"},
        {"op": "embedding_bag", "inputs": ["brand"], "output": "b", "table": "brand", "pooling": "sum"},
        {"op": "concat", "inputs": ["c", "b", "price"], "output": "x"},
        {"op": "linear", "inputs": ["x"], "output": "h", "weight": "w0", "bias": "b0", "activation": "relu"},
        {"op": "linear", "inputs": ["h"], "output": "deep", "weight": "w1", "bias": "b1", "activation": "none"},
        {"op": "fm", "inputs": ["c", "b"], "output": "fm"},
        {"op": "sum", "inputs": ["fm", "deep"], "output": "logit"},
    ]
    return {"inputs": inputs, "ops": ops, "output": "logit"}


def shop_columns() -> dict[str, list[Any]]:
    """Raw rows, nulls among them."""
    return {
        "country": ["de", "fr", None, "de", "it", "fr", "de", ""],
        "brand": ["acme", None, "zenith", "acme", "bolt", "b\u00e9b\u00e9", "\U0001f600", "acme"],
        "price": [9.5, 3.0, None, 0.0, 120.0, 7.25, 1.0, 2.0],
    }


def _strings(values: list[Any]) -> dict[str, npt.NDArray[Any]]:
    data = [(v or "").encode() for v in values]
    return {
        "validity": np.array([v is not None for v in values], np.uint8),
        "offsets": np.cumsum([0, *map(len, data)]).astype(np.int64),
        "bytes": np.frombuffer(b"".join(data), np.uint8),
    }


def write_shop(path: Path, *, seed: int = 1, tables: str = "f32", brands: int = 50) -> Path:
    """Write the artifact and return its path; `brands` sets its size."""
    rng = np.random.default_rng(seed)
    schema, columns = shop_schema(brands), shop_columns()
    weights = {
        "w0": rng.normal(size=(HIDDEN, 2 * DIM + 1)).astype(np.float32),
        "b0": rng.normal(size=HIDDEN).astype(np.float32),
        "w1": rng.normal(size=(1, HIDDEN)).astype(np.float32),
        "b1": rng.normal(size=1).astype(np.float32),
    }
    rows = {n: rf.Table(rng.normal(size=(r, DIM)).astype(np.float32), dtype=tables) for n, r in schema.tables.items()}
    encoded = schema.encode(columns)
    floats = {name: table.rows(np.arange(table.num_rows)) for name, table in rows.items()}
    scores = run_program(shop_program(), weights, floats, encoded).astype(np.float32)
    tensors: dict[str, npt.NDArray[Any]] = {f"table.{name}": table.data for name, table in rows.items()}
    elements = {"f32": np.dtype(np.float32), "f16": np.dtype(np.float16)}.get(tables, np.dtype(np.uint8))
    tensors = {name: data.view(elements) for name, data in tensors.items()}
    tensors |= weights
    for i, name in enumerate(("country", "brand")):
        tensors |= {f"self_test.column.{i}.{part}": array for part, array in _strings(columns[name]).items()}
    prices = columns["price"]
    tensors["self_test.column.2.validity"] = np.array([p is not None for p in prices], np.uint8)
    tensors["self_test.column.2.values"] = np.array([p or 0.0 for p in prices], np.float64)
    tensors |= {f"self_test.encoded.{name}": array for name, array in encoded.items()}
    tensors["self_test.scores"] = scores
    manifest = {
        "format_version": FORMAT_VERSION,
        "recfast_version": rf.__version__,
        "schema": schema.to_json(),
        "program": shop_program(),
        "tables": {n: {"dtype": t.dtype, "rows": t.num_rows, "dim": t.dim} for n, t in rows.items()},
        "provenance": {"seed": seed},
        "self_test": {
            "rows": ROWS,
            "columns": [
                {"name": "country", "type": {"kind": "string"}},
                {"name": "brand", "type": {"kind": "string"}},
                {"name": "price", "type": {"kind": "float"}},
            ],
            "encoded": sorted(encoded),
        },
    }
    write_artifact(path, manifest, tensors)
    return path
