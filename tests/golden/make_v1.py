"""Writes the golden artifacts of format version 1: `python tests/golden/make_v1.py`, once, when it is released.

It refuses to touch a file that exists. For each model: `v1_<model>.recfast`, and `v1_<model>.json` with a request,
candidates and the scores that the torch model gives them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

import recfast as rf
import recfast_training as rt
from recfast.artifact import FORMAT_VERSION

FOLDER = Path(__file__).parent
ITEMS: dict[str, list[Any]] = {
    "sku": [f"sku-{i}" for i in range(40)],
    "brand": [None if i % 11 == 0 else f"brand {i % 7}" for i in range(40)],
    "tags": [[f"tag {j}" for j in range(i % 4)] for i in range(40)],
    "price": [None if i % 13 == 0 else 0.5 * i for i in range(40)],
    "image": [[i / 40, 1.0, -i / 40] for i in range(40)],
}
REQUEST: dict[str, Any] = {
    "country": "de",
    "age": 34.0,
    "recent": ["brand 1", "brand 5", "\N{GRINNING FACE}"],
    "bought_counts": {"sku-3": 4.0, "sku-17": 1.0},
}


def schema() -> rf.Schema:
    """Every feature kind, a shared table, a fitted vocabulary and fitted transforms."""
    return rf.Schema(
        request=[
            rf.Categorical("country", buckets=20),
            rf.Bucketized("age", edges=[18, 30, 65]),
            rf.Bag("recent", table="brand", pooling="mean"),
        ],
        item=[
            rf.Categorical("brand", vocabulary=4, buckets=8),
            rf.Bag("tags", buckets=16, pooling="max"),
            rf.Numeric("price", transform=["log1p", "standardise"], missing_indicator=True),
            rf.Vector("image", dim=3),
        ],
        pair=[rf.Match("bought", map="bought_counts", key="sku", transform="log1p")],
        key="sku",
    )


def rows() -> dict[str, list[Any]]:
    """All items for the request, for an empty one, and for one of another country."""
    others: list[dict[str, Any]] = [
        dict.fromkeys(REQUEST),
        {"country": "fr", "age": 70.0, "recent": [], "bought_counts": {}},
    ]
    requests = [REQUEST, *others]
    table = {name: [request[name] for request in requests for _ in range(40)] for name in REQUEST}
    return table | {name: values * len(requests) for name, values in ITEMS.items()}


def write(name: str, model_class: Any, tables: str) -> None:
    torch.manual_seed(7)
    table = rows()
    fitted = schema().fit(table)
    model = model_class(fitted, dim=4, hidden=(16, 16))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.3 * torch.randn_like(parameter))
    path = FOLDER / f"v1_{name}.recfast"
    if path.exists():
        raise SystemExit(f"{path} exists: a golden file is never written again")
    rt.export(model, path, examples={column: values[20:80] for column, values in table.items()}, tables=tables)
    expected = {
        "request": REQUEST,
        "items": ITEMS,
        "scores": [round(float(score), 7) for score in stored_scores(model, fitted, table, tables)],
    }
    path.with_suffix(".json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


def stored_scores(model: Any, fitted: rf.Schema, table: dict[str, list[Any]], tables: str) -> Any:
    """Scores of the 40 items for REQUEST, by torch, with the tables as they are in the file."""
    _, _, weights = model.emit()
    rounded = {}
    for name, values in weights.items():
        stored = rf.Table(values, dtype="f32" if values.shape[1] == 1 else tables)
        rounded[name] = stored.rows(list(range(stored.num_rows))).astype("float64")
    first = {column: values[:40] for column, values in table.items()}
    return rt.predict(model.with_tables(rounded), rt.Encoded(rt.encode(fitted, first)))


if __name__ == "__main__":
    if FORMAT_VERSION != 1:
        raise SystemExit(f"this recfast writes format version {FORMAT_VERSION}")
    write("deepfm_i8", rt.models.DeepFM, "i8")
    write("dcnv2_f16", rt.models.DCNv2, "f16")
