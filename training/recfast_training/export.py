"""Writes a trained model as one `.recfast` file, with recorded rows that prove it when it is loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import torch

import recfast
from recfast import reference
from recfast.artifact import FORMAT_VERSION, write_artifact
from recfast.features import Match
from recfast.self_test import read_self_test
from recfast.table import RowFormat, Table

from .columns import first_rows, head
from .encode import Encoded, encode
from .evaluate import predict
from .models import RankingModel
from .self_test import record, shorten_maps

SELF_TEST_ROWS = 32


def export(
    model: RankingModel,
    path: str | os.PathLike[str],
    *,
    examples: Any,
    tables: RowFormat = "f32",
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Write the model as one file.

    The self-test holds the first 32 examples: raw columns (excerpts of long maps), the arrays that they encode to, and
    the scores of the torch model whose tables are the ones in the file (rounded to `tables`). Tables so narrow
    that "i8" or "i4" would be larger than f16, because of a row's scale and offset, are f16.

    Args:
        model: trained, with a fitted schema.
        path: where the file goes, atomically.
        examples: raw rows with every column of the schema, at least one.
        tables: row format of the embedding tables: "f32", "f16", "i8" or "i4".
        provenance: JSON values such as metrics; added to what the model knows (`model.provenance`, architecture,
            parameters, FLOPs, versions).

    Raises:
        ValueError: no example, a weight that is not finite, an unknown row format.
        TypeError: an example column that cannot be recorded.
        OSError: the file cannot be written.

    Example:
        >>> import tempfile, pathlib
        >>> import recfast as rf
        >>> from recfast_training.models import DeepFM
        >>> model = DeepFM(rf.Schema(item=[rf.Categorical("brand", buckets=9)], key="sku"), dim=4, hidden=(8,))
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.recfast"
        >>> export(model, path, examples={"brand": ["acme", None]}, tables="i8")
        >>> path.exists()
        True
    """
    if tables not in get_args(RowFormat):
        raise ValueError(f'tables= is "f32", "f16", "i8" or "i4", got {tables!r}')
    program, weights, rows = model.emit()
    _check_finite(model, {**weights, **rows})
    stored, described, values = _quantise(rows, tables)
    test, recorded = _self_test(model.with_tables(values), examples)
    manifest = {
        "format_version": FORMAT_VERSION,
        "recfast_version": recfast.build_info().version,
        "schema": model.schema.to_json(),
        "program": program,
        "tables": described,
        "provenance": {**_provenance(model, tables), **(provenance or {})},
        "self_test": test,
    }
    write_artifact(path, manifest, {**stored, **weights, **recorded})


def _check_finite(model: RankingModel, arrays: Mapping[str, npt.NDArray[np.float32]]) -> None:
    broken = [name for name, array in arrays.items() if not np.isfinite(array).all()]
    if broken:
        raise ValueError(f"the {type(model).__name__} has NaN or infinite weights in {broken}; it cannot be served")


def _quantise(
    rows: Mapping[str, npt.NDArray[np.float32]], dtype: RowFormat
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, dict[str, Any]], dict[str, npt.NDArray[np.float64]]]:
    """Tables as tensors of the file, as entries of the manifest, and as the numbers that they now mean."""
    stored: dict[str, npt.NDArray[Any]] = {}
    described: dict[str, dict[str, Any]] = {}
    values: dict[str, npt.NDArray[np.float64]] = {}
    for name, weights in rows.items():
        count, dim = weights.shape
        quantised_bytes = {"i8": dim + 4, "i4": (dim + 1) // 2 + 4}.get(dtype, 0)
        kind: RowFormat = "f16" if 2 * dim < quantised_bytes else dtype
        data = Table(weights, dtype=kind).data
        tensor = data.view({"f32": "<f4", "f16": "<f2"}.get(kind, "u1"))
        stored[f"table.{name}"] = tensor
        described[name] = {"dtype": kind, "rows": count, "dim": dim}
        values[name] = reference.dequantise(tensor, kind, dim)
    return stored, described, values


def _self_test(model: RankingModel, examples: Any) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    schema = model.schema
    names = tuple(dict.fromkeys([*schema.request_columns, *_item_columns(model), *schema.pair_columns]))
    columns = shorten_maps(schema, first_rows(examples, names, SELF_TEST_ROWS))
    if not columns or not len(next(iter(columns.values()))):
        raise ValueError("examples= needs at least one row: they become the self-test of the file")
    encoded = encode(schema, head(examples, SELF_TEST_ROWS))
    entry, tensors = record(columns, encoded, predict(model, Encoded(encoded)))
    replay = read_self_test({"self_test": entry}, tensors, source="export")
    replay.check_encoded(encode(schema, replay.columns))  # the recorded columns mean what the given ones do
    return entry, tensors


def _item_columns(model: RankingModel) -> tuple[str, ...]:
    """The item columns that encoding reads: the key only where a feature reads it."""
    schema = model.schema
    read = {f.name for f in schema.item} | {f.key for f in schema.pair if isinstance(f, Match)}
    return tuple(name for name in schema.item_columns if name in read)


def _provenance(model: RankingModel, tables: RowFormat) -> dict[str, Any]:
    return {
        **model.provenance,
        "architecture": model.architecture(),
        "parameters": model.num_parameters(),
        "flops": model.flops(),
        "tables": tables,
        "versions": {"recfast": recfast.build_info().version, "torch": torch.__version__, "numpy": np.__version__},
    }
