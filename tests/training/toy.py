"""A small shop: rows that a model can learn from, with every kind of feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import recfast as rf

torch.set_num_threads(1)

SCHEMA = rf.Schema(
    request=[rf.Categorical("user", buckets=50), rf.Bag("recent", table="brand", pooling="mean")],
    item=[
        rf.Categorical("brand", buckets=20, vocabulary=4),
        rf.Numeric("price", transform=("log1p", "standardise"), missing_indicator=True),
        rf.Bucketized("age", edges=[1, 7, 30]),
        rf.Vector("image", dim=3),
    ],
    pair=[rf.Match("bought", map="counts", key="sku", transform="log1p")],
    key="sku",
)


def shop(rows: int, seed: int = 0) -> dict[str, Any]:
    """Raw rows with labels that follow brand, price and the number of purchases."""
    rng = np.random.default_rng(seed)
    brand = rng.integers(0, 8, rows)
    price = rng.lognormal(size=rows)
    count = rng.integers(0, 4, rows)
    logit = (brand % 3) - 1.5 * np.log1p(price) + 1.5 * count - 1
    return {
        "user": [f"u{i}" for i in rng.integers(0, 30, rows)],
        "recent": [[f"b{i}" for i in rng.integers(0, 8, n)] for n in rng.integers(0, 5, rows)],
        "brand": [f"b{i}" for i in brand],
        "price": [None if missing else float(p) for p, missing in zip(price, rng.random(rows) < 0.1, strict=True)],
        "age": rng.integers(0, 60, rows).astype(np.float64),
        "image": rng.normal(size=(rows, 3)).astype(np.float32).tolist(),
        "counts": [{f"s{i % 40}": float(n)} if n else {} for i, n in enumerate(count)],
        "sku": [f"s{i % 40}" for i in range(rows)],
        "label": (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64),
    }


def fitted(rows: Any) -> rf.Schema:
    """The schema, fitted to rows."""
    return SCHEMA.fit(rows)
