"""A whole program by the meaning of its ops: NumPy float64, slow, what every executor is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import reference


def run_program(
    program: Mapping[str, Any],
    weights: Mapping[str, npt.NDArray[Any]],
    tables: Mapping[str, npt.NDArray[Any]],
    encoded: Mapping[str, npt.NDArray[Any]],
) -> reference.Floats:
    """Run a program, op by op, in the order in which it stands.

    Args:
        program: `{"inputs": [...], "ops": [...], "output": slot}`, as in an artifact's manifest.
        weights: float arrays (columns: int32) by the names that the ops give.
        tables: float [R, D] by table name.
        encoded: what `schema.encode` returns: int64 [B] ids, int64 [B, L] bags with bool `<name>_mask` (and float32
            `<name>_weight`), float32 numbers.

    Returns:
        float64 [B]: the output slot, which has width 1.

    Raises:
        ValueError: an unknown op, or an output of another width.
        KeyError: a slot, weight, table or input that does not exist.

    Example:
        >>> program = {
        ...     "inputs": [{"name": "price", "side": "item", "kind": "dense", "width": 1}],
        ...     "ops": [{"op": "linear", "inputs": ["price"], "output": "y", "weight": "w", "activation": "none"}],
        ...     "output": "y",
        ... }
        >>> run_program(program, {"w": np.array([[3.0]])}, {}, {"price": np.array([2.0], np.float32)}).tolist()
        [6.0]
    """
    slots: dict[str, npt.NDArray[Any]] = {}
    for item in program["inputs"]:
        array = encoded[item["name"]]
        slots[item["name"]] = array[:, None] if item["kind"] == "dense" and array.ndim == 1 else array
    for op in program["ops"]:
        x = [slots[name] for name in op["inputs"]]
        kind = op["op"]
        bias = weights[op["bias"]] if op.get("bias") else None
        if kind == "embedding_bag":
            name = op["inputs"][0]
            mask, factors = encoded.get(f"{name}_mask"), encoded.get(f"{name}_weight")
            y = reference.embedding_bag(
                tables[op["table"]], x[0], mask, pooling=op.get("pooling") or "sum", weights=factors
            )
        elif kind == "concat":
            y = reference.concat(x)
        elif kind == "linear":
            y = reference.linear(x[0], weights[op["weight"]], bias, activation=op.get("activation") or "none")
        elif kind == "fm":
            y = reference.fm(x)
        elif kind == "cross":
            y = reference.cross(x[0], x[1], weights[op["weight"]], bias)
        elif kind == "dot":
            y = reference.dot(x[0], x[1])
        elif kind == "dot_interaction":
            y = reference.dot_interaction(x)
        elif kind == "cross_low_rank":
            y = reference.cross_low_rank(x[0], x[1], weights[op["projection"]], weights[op["weight"]], bias)
        elif kind == "normalise":
            y = reference.normalise(x[0], weights[op["weight"]] if op.get("weight") else None)
        elif kind == "pick":
            y = reference.pick(x[0], x[1])
        elif kind == "sparse_bag":
            mask, factors = encoded[f"{op['inputs'][0]}_mask"], encoded.get(f"{op['inputs'][0]}_weight")
            y = reference.sparse_bag(weights[op["weight"]], weights[op["columns"]], x[0], mask, factors)
        elif kind == "sum":
            y = reference.sum(x)
        else:
            raise ValueError(f"unknown op {kind!r} in slot {op['output']!r}")
        slots[op["output"]] = y
    out = slots[program["output"]]
    if out.ndim != 2 or out.shape[1] != 1:
        raise ValueError(f"the output slot {program['output']!r} must have width 1, got shape {list(out.shape)}")
    return np.asarray(out[:, 0], dtype=np.float64)
