"""How the stacks encode strings: by mmh3, into tables whose rows lie where mmh3 puts them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mmh3
import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

import recfast as rf

from ..ranking.merged_inputs import Layout
from ..ranking.networks import NetworkFiles
from ..ranking.onnxruntime import OnnxRuntime
from ..ranking.shop import Shop


def row_of(value: str, buckets: int) -> int:
    """The row of a string in its table."""
    return int(mmh3.hash(value, signed=False) % buckets)


def session_of(files: NetworkFiles, shop: Shop, layout: Layout, folder: Path) -> OnnxRuntime:
    """A session whose tables have the row of every value of the shop where mmh3 puts it.

    No two values share a row, so the network is the same.

    Args:
        files: the network with the rows where recfast puts them.
        shop: whose values are injective.
        layout: the fields and where their tables start.
        folder: for the graph.
    """
    buckets = shop.setting.network.table_rows - 1
    moved = np.zeros(len(layout.fields) * (buckets + 1), np.int64)
    for field, start in zip(layout.fields, layout.starts, strict=True):
        values = shop.values[field]
        there = np.array([row_of(value, buckets) for value in values])
        moved[start + there] = start + _rows_of_recfast(values, buckets, field)
    model = onnx.load(str(files.onnx))
    for constant in model.graph.initializer:
        if constant.name.startswith("#tables."):
            table = numpy_helper.to_array(constant)
            constant.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(table[moved]), constant.name))
    onnx.save(model, str(folder / "moved.onnx"))
    return OnnxRuntime(replace(files, onnx=folder / "moved.onnx"))


def _rows_of_recfast(values: list[str], buckets: int, field: str) -> npt.NDArray[np.int64]:
    rows = rf.bucket(values, buckets, seed=int(np.asarray(rf.hash64(field))))
    return np.asarray(rows)
