"""The memory that a small file can ask for is bounded."""

from __future__ import annotations

import numpy as np
import pytest

import recfast as rf
from recfast import _core


def test_one_weight_named_too_often_is_refused() -> None:
    schema = rf.Schema(item=[rf.Vector("x", dim=1024)], key="sku")
    ops = [{"op": "linear", "inputs": ["x"], "output": f"y{i}", "weight": "w"} for i in range(65)]
    ops.append({"op": "linear", "inputs": ["y0"], "output": "logit", "weight": "head"})
    inputs = [{"name": "x", "side": "item", "kind": "dense", "width": 1024}]
    weights = {"w": np.zeros((1024, 1024), np.float32), "head": np.zeros((1, 1024), np.float32)}
    program = {"inputs": inputs, "ops": ops, "output": "logit"}
    with pytest.raises(ValueError, match="over 2\\*\\*26 weights together"):
        _core.Executor(schema.encoder, program, {}, weights)
