"""Records rows for an artifact's self-test, in the layout that `recfast.self_test` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from recfast.features import Match
from recfast.schema import Schema

MAP_ENTRIES = 8

_SCALARS: tuple[tuple[str, type], ...] = (("bool", bool), ("int", int), ("float", float), ("string", str))


def record(
    columns: Mapping[str, list[Any]], encoded: Mapping[str, npt.NDArray[Any]], scores: npt.NDArray[np.float32]
) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Turn rows into a manifest entry and tensors.

    Args:
        columns: raw columns: lists of None, bool, int, float, str, bytes (UTF-8), lists or dicts, n rows each.
        encoded: what they encode to.
        scores: what they score, float32 [n].

    Returns:
        The value of `manifest["self_test"]`, and the tensors by name.

    Raises:
        TypeError: a value of another type, or types mixed within a column.

    Example:
        >>> entry, tensors = record({"tags": [["a", "bc"], None]}, {}, np.zeros(2, np.float32))
        >>> entry["columns"]
        [{'name': 'tags', 'type': {'kind': 'list', 'item': {'kind': 'string'}}}]
        >>> tensors["self_test.column.0.offsets"].tolist(), tensors["self_test.column.0.item.bytes"].tobytes()
        ([0, 2, 2], b'abc')
    """
    tensors: dict[str, npt.NDArray[Any]] = {}
    described = []
    for i, (name, values) in enumerate(columns.items()):
        try:
            kind = _write(tensors, f"self_test.column.{i}", [_plain(value) for value in values])
        except (TypeError, ValueError, OverflowError) as error:
            raise TypeError(f"column {name!r} cannot be recorded for the self-test: {error}") from None
        described.append({"name": name, "type": kind})
    for name, array in encoded.items():
        tensors[f"self_test.encoded.{name}"] = array
    tensors["self_test.scores"] = np.asarray(scores, dtype=np.float32)
    return {"rows": len(scores), "columns": described, "encoded": list(encoded)}, tensors


def shorten_maps(schema: Schema, columns: Mapping[str, list[Any]], *, most: int = MAP_ENTRIES) -> dict[str, list[Any]]:
    """Leave out map entries that nothing looks up, beyond a few: the rows encode as before, the file stays small.

    Args:
        schema: whose Match features look keys up.
        columns: raw columns.
        most: entries that a map keeps at most, besides those that its row looks up.

    Returns:
        The columns, with shorter maps.

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(pair=[rf.Match("bought", map="counts", key="sku")], key="sku")
        >>> shorten_maps(schema, {"sku": ["c"], "counts": [{"a": 1, "b": 2, "c": 3}]}, most=1)["counts"]
        [{'c': 3, 'a': 1}]
    """
    shorter = dict(columns)
    for name in dict.fromkeys(f.map for f in schema.pair if isinstance(f, Match)):
        keys = dict.fromkeys(f.key for f in schema.pair if isinstance(f, Match) and f.map == name)
        looked_up = zip(*(columns[key] for key in keys), strict=True)
        shorter[name] = [_excerpt(m, wanted, most) for m, wanted in zip(columns[name], looked_up, strict=True)]
    return shorter


def _excerpt(entries: Any, wanted: Iterable[Any], most: int) -> Any:
    if not isinstance(entries, Mapping) or len(entries) <= most:
        return entries
    kept = [key for key in wanted if key is not None and key in entries]
    kept += list(islice((key for key in entries if key not in kept), most))
    return {key: entries[key] for key in kept}


def _plain(value: Any) -> Any:
    """The value without NumPy, bytes as text."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Mapping):
        return {_plain(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)) or hasattr(value, "to_list"):  # polars rows of lists are Series
        return [_plain(v) for v in value]
    return value


def _write(tensors: dict[str, npt.NDArray[Any]], prefix: str, values: list[Any]) -> dict[str, Any]:
    """Add the tensors of one column and return its type."""
    present = [value for value in values if value is not None]
    if not present:
        return {"kind": "null"}
    tensors[f"{prefix}.validity"] = np.array([value is not None for value in values], dtype=np.uint8)
    if all(isinstance(value, dict) for value in present):
        _offsets(tensors, prefix, (0 if value is None else len(value) for value in values))
        return {
            "kind": "map",
            "key": _write(tensors, f"{prefix}.key", [key for value in present for key in value]),
            "value": _write(tensors, f"{prefix}.value", [v for value in present for v in value.values()]),
        }
    if all(isinstance(value, list) for value in present):
        _offsets(tensors, prefix, (0 if value is None else len(value) for value in values))
        return {"kind": "list", "item": _write(tensors, f"{prefix}.item", [v for value in present for v in value])}
    kind = _scalar_kind(present)
    if kind == "string":
        texts = [b"" if value is None else value.encode() for value in values]
        _offsets(tensors, prefix, map(len, texts))
        tensors[f"{prefix}.bytes"] = np.frombuffer(b"".join(texts), dtype=np.uint8)
    else:
        dtype = {"bool": "uint8", "int": "int64", "uint": "uint64", "float": "float64"}[kind]
        tensors[f"{prefix}.values"] = np.array([0 if value is None else value for value in values], dtype=dtype)
    return {"kind": kind}


def _offsets(tensors: dict[str, npt.NDArray[Any]], prefix: str, lengths: Iterable[int]) -> None:
    tensors[f"{prefix}.offsets"] = np.cumsum([0, *lengths], dtype=np.int64)


def _scalar_kind(present: list[Any]) -> str:
    kinds = {next((kind for kind, cls in _SCALARS if isinstance(value, cls)), "") for value in present}
    if "" in kinds:
        strange = next(v for v in present if not isinstance(v, (bool, int, float, str)))
        raise TypeError(f"values are bool, int, float, str, lists or maps of them, got {type(strange).__name__}")
    if len(kinds) > 1 and "string" in kinds:
        raise TypeError(f"the types {sorted(kinds)} are mixed")
    if "float" in kinds:
        return "float"
    if kinds == {"bool"}:
        return "bool"
    if kinds == {"string"}:
        return "string"
    return "uint" if max(present) >= 2**63 else "int"
