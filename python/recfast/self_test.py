"""The recorded rows of an artifact: raw columns, what they encode to, and what they score.

`load` replays them: equal ids, numbers within 1e-6 and scores within 1e-4 (relative to 1 + their size), else the file
is refused. Layout in an artifact, with n rows:

- `manifest["self_test"]`: `{"rows": n, "columns": [{"name": str, "type": T}, ...], "encoded": [array names]}`;
  T is `{"kind": "null" | "bool" | "int" | "uint" | "float" | "string"}`, `{"kind": "list", "item": T}` or
  `{"kind": "map", "key": T, "value": T}`.
- Column i has the tensors `self_test.column.<i>.<part>`; below, P stands for everything before the part:

| kind | tensors |
|---|---|
| all but null | `P.validity` U8 [n], 1 = present |
| bool, int, uint, float | `P.values` U8, I64, U64, F64 [n] |
| string | `P.offsets` I64 [n + 1] into `P.bytes` U8, UTF-8 |
| list | `P.offsets` I64 [n + 1] into the items, which are a column with the prefix `P.item` |
| map | `P.offsets` I64 [n + 1] into the entries: columns with the prefixes `P.key` and `P.value` |

- `self_test.encoded.<array>`: what `Schema.encode` gives for these rows; `self_test.scores`: F32 [n].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from .errors import FormatError

Tensors = Mapping[str, npt.NDArray[Any]]

NUMBER_TOLERANCE = 1e-6
SCORE_TOLERANCE = 1e-4
MAX_DEPTH = 4

_VALUES = {"bool": "uint8", "int": "int64", "uint": "uint64", "float": "float64"}


@dataclass(frozen=True, eq=False)
class SelfTest:
    """Recorded rows.

    Attributes:
        rows: n.
        columns: raw columns that `Schema.encode` takes: lists of None, bool, int, float, str, lists or dicts.
        encoded: expected arrays by name.
        scores: expected scores, float32 [n].
        source: the file, for messages.
    """

    rows: int
    columns: dict[str, list[Any]] = field(repr=False)
    encoded: dict[str, npt.NDArray[Any]] = field(repr=False)
    scores: npt.NDArray[np.float32] = field(repr=False)
    source: str = "artifact"

    def check_encoded(self, actual: Tensors) -> None:
        """Compare encoded arrays.

        Args:
            actual: what `Schema.encode(columns)` gives here.

        Raises:
            FormatError: arrays, ids or numbers differ; names the array, the row and both values.
        """
        if set(actual) != set(self.encoded):
            raise FormatError(
                f"{self.source}: self-test: expected the encoded arrays {sorted(self.encoded)}, got {sorted(actual)}"
            )
        for name, expected in self.encoded.items():
            got = actual[name]
            if got.shape != expected.shape or got.dtype != expected.dtype:
                raise FormatError(
                    f"{self.source}: self-test: array {name!r} was {expected.dtype}{list(expected.shape)} when the file"
                    f" was written and is {got.dtype}{list(got.shape)} here"
                )
            tolerance = NUMBER_TOLERANCE if expected.dtype.kind == "f" else 0.0
            self._compare(f"array {name!r}", expected, got, tolerance)

    def check_scores(self, actual: npt.NDArray[Any]) -> None:
        """Compare scores.

        Args:
            actual: float [n].

        Raises:
            FormatError: a score differs; names the row and both values.
        """
        if actual.shape != self.scores.shape:
            raise FormatError(f"{self.source}: self-test: expected {self.rows} scores, got {list(actual.shape)}")
        self._compare("scores", self.scores, actual, SCORE_TOLERANCE)

    def _compare(self, what: str, expected: npt.NDArray[Any], actual: npt.NDArray[Any], tolerance: float) -> None:
        if tolerance:
            wide = expected.astype(np.float64)
            with np.errstate(invalid="ignore"):
                near = np.abs(actual.astype(np.float64) - wide) <= tolerance * (1 + np.abs(wide))
            equal = near & np.isfinite(wide)  # infinity would agree with anything
        else:
            equal = actual == expected
        if not equal.all():
            at = tuple(int(i) for i in np.argwhere(~equal)[0])
            raise FormatError(
                f"{self.source}: self-test: {what} differs in row {at[0]}: it was {expected[at]} when the file was"
                f" written and is {actual[at]} here ({int((~equal).sum())} of {equal.size} values differ); the file "
                "does not fit this version of recfast or was changed"
            )


def read_self_test(manifest: Mapping[str, Any], tensors: Tensors, *, source: str = "artifact") -> SelfTest:
    """Read the recorded rows of an artifact.

    Args:
        manifest: of the artifact.
        tensors: of the artifact.
        source: the file, for messages.

    Returns:
        The rows.

    Raises:
        FormatError: there are none, something is missing, or does not fit.
    """
    return _Reader(tensors, source).read(manifest.get("self_test"))


class _Reader:
    """Reads columns; every offset and size is checked before it is used."""

    def __init__(self, tensors: Tensors, source: str) -> None:
        self._tensors, self._source = tensors, source

    def read(self, entry: Any) -> SelfTest:
        if not isinstance(entry, dict) or not isinstance(entry.get("columns"), list):
            self._fail("the manifest's entry is a dict with rows, columns and encoded")
        rows, names = entry.get("rows"), entry.get("encoded")
        if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= 2**20:
            self._fail(f"rows is a number in [1, 2**20], got {rows!r}")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self._fail("encoded is a list of array names")
        columns: dict[str, list[Any]] = {}
        for i, column in enumerate(entry["columns"]):
            if not isinstance(column, dict) or not isinstance(column.get("name"), str):
                self._fail(f"column {i} is a dict with name and type")
            columns[column["name"]] = self._column(f"self_test.column.{i}", column.get("type"), rows, 0)
        encoded = {name: self._tensor(f"self_test.encoded.{name}") for name in names}
        for name, array in encoded.items():
            if array.ndim < 1 or len(array) != rows:
                self._fail(f"array {name!r} has shape {list(array.shape)}, expected {rows} rows")
        return SelfTest(rows, columns, encoded, self._tensor("self_test.scores", "float32", rows), self._source)

    def _column(self, prefix: str, kind: Any, rows: int, depth: int) -> list[Any]:
        name = kind.get("kind") if isinstance(kind, dict) else None
        if depth > MAX_DEPTH:
            self._fail(f"{prefix}: lists and maps are nested deeper than {MAX_DEPTH}")
        if name == "null":
            return [None] * rows
        if not isinstance(name, str) or name not in (*_VALUES, "string", "list", "map"):
            self._fail(f"{prefix}: unknown type {kind!r}")
        values: list[Any]
        if name in _VALUES:
            raw = self._tensor(f"{prefix}.values", _VALUES[name], rows).tolist()
            values = [bool(v) for v in raw] if name == "bool" else raw
        else:
            values = self._ragged(prefix, kind, rows, depth)
        valid = self._tensor(f"{prefix}.validity", "uint8", rows).tolist()
        return [value if present else None for value, present in zip(values, valid, strict=True)]

    def _ragged(self, prefix: str, kind: dict[str, Any], rows: int, depth: int) -> list[Any]:
        offsets = self._tensor(f"{prefix}.offsets", "int64", rows + 1)
        if offsets[0] != 0 or (offsets[1:] < offsets[:-1]).any():
            self._fail(f"{prefix}.offsets must start at 0 and never decrease")
        total = int(offsets[-1])
        spans = [slice(a, b) for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
        if kind["kind"] == "string":
            data = self._tensor(f"{prefix}.bytes", "uint8", total).tobytes()
            try:
                return [data[span].decode() for span in spans]
            except UnicodeDecodeError as error:
                self._fail(f"{prefix}.bytes is not UTF-8: {error}")
        if total > 2**24:
            self._fail(f"{prefix}.offsets ends at {total}, more than 2**24 items")
        if kind["kind"] == "list":
            items = self._column(f"{prefix}.item", kind.get("item"), total, depth + 1)
            return [items[span] for span in spans]
        key_type = kind.get("key")
        if not isinstance(key_type, dict) or key_type.get("kind") not in ("null", "int", "uint", "string"):
            self._fail(f"{prefix}: the keys of a map are strings or integers, got {key_type!r}")
        keys = self._column(f"{prefix}.key", key_type, total, depth + 1)
        values = self._column(f"{prefix}.value", kind.get("value"), total, depth + 1)
        return [dict(zip(keys[span], values[span], strict=True)) for span in spans]

    def _tensor(self, name: str, dtype: str | None = None, length: int | None = None) -> npt.NDArray[Any]:
        tensor = self._tensors.get(name)
        if tensor is None:
            self._fail(f"the tensor {name!r} is missing")
        if dtype is not None and (tensor.dtype != np.dtype(dtype) or tensor.shape != (length,)):
            self._fail(f"the tensor {name!r} is {tensor.dtype}{list(tensor.shape)}, expected {dtype}[{length}]")
        return tensor

    def _fail(self, problem: str) -> NoReturn:
        raise FormatError(f"{self._source}: self-test: {problem}")
