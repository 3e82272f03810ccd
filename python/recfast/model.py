"""A loaded model: one file, mapped, checked and compiled for this CPU."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core
from .arguments import check_device, check_threads
from .artifact import Artifact, read_artifact
from .errors import FormatError
from .schema import Schema
from .self_test import SelfTest, read_self_test
from .table import RowFormat

if TYPE_CHECKING:
    from .engines import StoredEngine

_TABLE_PREFIX = "table."
_TABLE_DTYPES: dict[RowFormat, str] = {"f32": "float32", "f16": "float16", "i8": "uint8", "i4": "uint8"}


class Model:
    """A trained model, ready to score; made by `load`, immutable, free to share between threads.

    Attributes:
        schema: the features that it reads.
        provenance: what the exporter recorded: data fingerprint, training configuration, metrics, seeds, kept units.
        device: "cpu" or "cuda": where its Rankers score candidates, unless they are told otherwise.

    Example:
        >>> import recfast as rf
        >>> model = rf.load("shop.recfast")
        >>> model.schema.key
        'sku'
    """

    def __init__(self, artifact: Artifact, device: Literal["cpu", "cuda"] = "cpu") -> None:
        """Compile a mapped artifact; `load` is the way to make a model."""
        self.device: Literal["cpu", "cuda"] = device
        if device == "cuda":
            _core.check_cuda()
        manifest = artifact.manifest
        self._artifact = artifact
        self.schema = _read(artifact, "schema", lambda: Schema.from_json(manifest["schema"]))
        self.provenance: dict[str, Any] = _read(artifact, "provenance", lambda: dict(manifest.get("provenance", {})))
        self._tables = _read(artifact, "tables", lambda: _tables(artifact))
        self._engines = _engines(artifact)
        isa = _core.selected_isa()  # a wrong RECFAST_ISA is no fault of the file
        self._executor: _core.Executor = _read(
            artifact,
            "program",
            lambda: _core.Executor(
                self.schema.encoder,
                manifest["program"],
                self._tables,
                _weights(artifact),
                isa=isa,
                parts=_pair_parts(self._engines) if device == "cuda" else [],
            ),
        )

    @property
    def path(self) -> Path:
        """The file that it was loaded from."""
        return self._artifact.path

    @property
    def isa(self) -> str:
        """The instruction set whose kernels it uses."""
        return self._executor.isa

    @property
    def engines(self) -> tuple[StoredEngine, ...]:
        """The TensorRT engines that the file holds; none unless they were exported."""
        return self._engines

    def score(self, rows: Any, threads: int = 1) -> npt.NDArray[np.float32]:
        """Score rows that have every feature, request and item side alike; as many as you like, in bounded memory.

        Args:
            rows: a table of N rows: anything that speaks Arrow's PyCapsule interface, a pandas or polars frame, or a
                dict of columns. Columns that the schema does not name are ignored.
            threads: how many threads score at most, in [1, 1024]; they live as long as the call.

        Returns:
            float32 [N], the logits: higher is better; `1 / (1 + exp(-logit))` is the probability.

        Raises:
            ValueError: a column is missing, columns differ in length, or threads is out of range.
            TypeError: a column has the wrong type; names the feature and the remedy.

        Example:
            >>> import recfast as rf
            >>> model = rf.load("shop.recfast")
            >>> model.score({"country": ["de"], "brand": ["acme"], "price": [9.5], "sku": ["a"]}).shape
            (1,)
        """
        return self._executor.score(rows, check_threads(threads))

    def self_test(self) -> int:
        """Replay the recorded rows: equal ids, |score - recorded| <= 1e-4 * (1 + |recorded|).

        Returns:
            How many rows were replayed.

        Raises:
            FormatError: something differs: the file does not fit this version of recfast, or was changed; or it has no
                recorded rows.

        Example:
            >>> import recfast as rf
            >>> rf.load("shop.recfast", verify=False).self_test()
            8
        """
        artifact = self._artifact
        recorded, columns = self._recorded_rows()
        recorded.check_encoded(_read(artifact, "self-test rows", lambda: self.schema.encode(columns)))
        recorded.check_scores(self.score(columns))
        return recorded.rows

    def _recorded_rows(self) -> tuple[SelfTest, _core.Columns]:
        artifact = self._artifact
        recorded = read_self_test(artifact.manifest, artifact.tensors, source=str(artifact.path))
        return recorded, _read(artifact, "self-test rows", lambda: _core.Columns(recorded.columns))

    def _item_error(self, dtype: str) -> float:
        """How far scores of the recorded rows move when the item side goes through `dtype`, relative to 1 + |score|."""
        _, columns = self._recorded_rows()
        exact = self._executor.score(columns).astype(np.float64)
        rounded = self._executor.score(columns, 1, dtype)
        return float(np.max(np.abs(rounded - exact) / (1 + np.abs(exact)), initial=0.0))

    def __repr__(self) -> str:
        """Name the file, the sizes and the kernels."""
        sides = {side: len(getattr(self.schema, side)) for side in ("request", "item", "pair")}
        features = ", ".join(f"{n} {side}" for side, n in sides.items() if n)
        rows = sum(table.num_rows for table in self._tables.values())
        return (
            f"Model({str(self.path)!r}: {features} features, {len(self._tables)} tables with {rows:,} rows, "
            f"{self._artifact.size_bytes / 1e6:.1f} MB mapped, {self.isa})"
        )


def load(path: str | os.PathLike[str], verify: bool = True, *, device: Literal["cpu", "cuda"] = "cpu") -> Model:
    """Load a model: map the file, check it, compile it, and replay its recorded rows.

    The replay proves that this process encodes and scores like the one that trained, and warms up. N processes that
    load the same file share one copy of its tables.

    Args:
        path: a `.recfast` file.
        verify: check the checksums (reads the whole file) and replay the recorded rows; structure is always checked.
        device: where Rankers of the model score candidates: "cpu", or "cuda" for the first CUDA device. `Model.score`
            and the replay run on the CPU. With "cuda", catalogues also hold what the file's TensorRT engines of the
            pair side read.

    Returns:
        The model.

    Raises:
        FormatError: not an artifact, damaged, of a newer format, or it disagrees with its own recorded rows.
        ValueError: ``RECFAST_ISA`` names an instruction set that is not available here; another device.
        DeviceError: device="cuda" where no CUDA device can be used, and why.
        OSError: the file cannot be opened.

    Example:
        >>> import recfast as rf
        >>> model = rf.load("shop.recfast")
    """
    model = Model(read_artifact(path, verify=verify), check_device(device))
    if verify:
        model.self_test()
    return model


def _read(artifact: Artifact, what: str, make: Any) -> Any:
    """Run `make`; whatever a hostile manifest provokes is a FormatError."""
    try:
        return make()
    except FormatError:
        raise
    except KeyError as error:
        raise FormatError(f"{artifact.path}: {what}: the entry {error} is missing") from error
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RuntimeError, MemoryError) as error:
        raise FormatError(f"{artifact.path}: {what}: {error}") from error


def _engines(artifact: Artifact) -> tuple[StoredEngine, ...]:
    """The engines of the file; their room is not imported for a file without."""
    if "engines" not in artifact.manifest:
        return ()
    from .engines import read_engines

    return read_engines(artifact)


def _pair_parts(engines: Iterable[StoredEngine]) -> list[tuple[str, str, str, int]]:
    """What the networks of the pair side read, which the catalogue then holds for them."""
    parts = (
        (part.slot, part.part, item.side, part.width)
        for engine in engines
        if engine.network == "pair"
        for item in engine.inputs
        for part in item.parts
    )
    return list(dict.fromkeys(parts))


def _tables(artifact: Artifact) -> dict[str, _core.Table]:
    """The embedding tables as views of the mapped file."""
    tables: dict[str, _core.Table] = {}
    for name, entry in artifact.manifest["tables"].items():
        tensor = artifact.tensors[_TABLE_PREFIX + name]
        dtype, rows, dim = entry["dtype"], entry["rows"], entry["dim"]
        if dtype not in _TABLE_DTYPES or tensor.dtype != np.dtype(_TABLE_DTYPES[dtype]) or tensor.ndim != 2:
            raise ValueError(f"table {name!r} is {dtype!r}, its tensor is {tensor.dtype}{list(tensor.shape)}")
        if len(tensor) != rows:
            raise ValueError(f"table {name!r} has {rows} rows, its tensor {len(tensor)}")
        tables[name] = _core.Table.from_bytes(tensor, dtype, dim)
    return tables


def _weights(artifact: Artifact) -> dict[str, npt.NDArray[Any]]:
    """The weights and columns that the program's ops name."""
    names = {
        op[key]
        for op in artifact.manifest["program"]["ops"]
        for key in ("weight", "bias", "projection", "columns")
        if op.get(key)
    }
    return {name: artifact.tensors[name] for name in names}
