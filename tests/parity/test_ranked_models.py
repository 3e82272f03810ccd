"""Trained networks, ranked: every row format, resident and fresh items, with and without pair features, on every ISA,
against the reference within the bounds of the ops; and the reference, torch and ONNX Runtime with dequantised tables.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

import recfast as rf
from recfast import _core
from recfast_training import export_onnx
from recfast_training.batches import tensors

from ..program.random_programs import Case, assert_split_exact, make_rows
from .cases import SMALL_MODELS as MODELS


def make_schema(*, pair: bool) -> rf.Schema:
    """Enough request fields for whole registers and a rest, and everything that a side may have."""
    return rf.Schema(
        request=[
            *(rf.Categorical(f"r{i}", buckets=9, type="int") for i in range(9)),
            rf.Numeric("hour", missing_indicator=True),
        ],
        item=[
            *(rf.Categorical(f"i{i}", buckets=9, type="int") for i in range(7)),
            rf.Bag("tags", buckets=9, type="int", pooling="mean"),
            rf.Numeric("price"),
            rf.Vector("image", dim=3),
        ],
        pair=[
            rf.Categorical("shelf", buckets=9, type="int"),
            rf.Bag("shared", buckets=5, type="int", pooling="max"),
            rf.Match("bought", map="counts", key="sku_key"),
        ]
        if pair
        else [],
        key="sku",
    )


@pytest.mark.parametrize("pair", [False, True], ids=["no pair features", "pair features"])
@pytest.mark.parametrize("dtype", ["f32", "f16", "i8", "i4"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_ranks_as_torch_scores(name: str, dtype: str, pair: bool, tmp_path: Path) -> None:
    schema = make_schema(pair=pair)
    model = MODELS[name](schema, 16).eval()
    program, weights, tables = model.emit()
    case = Case(schema, program, {n: _core.Table(rows, dtype) for n, rows in tables.items()}, dict(weights))
    assert_split_exact(case, 101, 5)

    encoded = schema.encode(make_rows(schema, 101, 5).joined)
    expected = case.reference(encoded)
    served = model.with_tables(case.floats())
    with torch.no_grad():
        scores = served(tensors(encoded)).numpy()
    assert (np.abs(scores - expected) <= 1e-5 * (1 + np.abs(expected))).all()
    export_onnx(served, tmp_path / "m.onnx")
    (logit,) = onnxruntime.InferenceSession(str(tmp_path / "m.onnx")).run(None, encoded)
    assert (np.abs(logit - expected) <= 1e-5 * (1 + np.abs(expected))).all()
