"""Engines as an artifact holds them: a list in the manifest, the networks and engines as tensors of bytes.

The manifest's entry `engines` is a list. Each item says what the network is (`network`, `precision`), what was built
from it (`engine`, `batch`, `capabilities`), what goes into it (`inputs`), and where `onnx` and `plan` stand: the
tensor's name, its size and XXH64. `plan` is null where no engine could be built at export; it is built when opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from recfast import _core
from recfast.artifact import Artifact
from recfast.errors import FormatError

from .build import BuildOptions
from .device import Device
from .layers import Layer

SECTION = "engines"
PREFIX = "engine."
NETWORKS = ("pair", "dense")
PRECISIONS = ("f32", "f16", "bf16", "i8")

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class InputPart:
    """Columns of a network's input.

    Attributes:
        slot: of the program.
        part: "value": what the slot holds; of an op that is split by sides "product" (W x of this side's inputs; the
            request's has the bias, the item's where there is no request's), "sum" (of this side's inputs), "term" (the
            fm of this side's inputs) or "dots" (the products of this side's vectors, as in a dot_interaction of them
            alone).
        width: how many columns.
    """

    slot: str
    part: str
    width: int


@dataclass(frozen=True)
class NetworkInput:
    """An input of a network: float32 [rows, width], contiguous; one row on the request side, else a row per candidate.

    Attributes:
        name: of the ONNX input.
        side: "request", "item" or "pair"; "row" in the dense network, whose rows are of all sides together.
        parts: its columns, one behind the other.
    """

    name: str
    side: str
    parts: tuple[InputPart, ...] = field(repr=False)

    @property
    def width(self) -> int:
        """Numbers per row."""
        return sum(part.width for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        parts = [[part.slot, part.part, part.width] for part in self.parts]
        return {"name": self.name, "side": self.side, "width": self.width, "parts": parts}

    @classmethod
    def from_json(cls, value: Any) -> NetworkInput:
        """Read what `to_json` returned; KeyError, TypeError or ValueError where it is something else."""
        parts = tuple(
            InputPart(_text(slot), _text(part), _whole(width, least=1)) for slot, part, width in value["parts"]
        )
        return cls(_text(value["name"]), _text(value["side"]), parts)


@dataclass(frozen=True, eq=False, kw_only=True)
class StoredEngine:
    """One network with the engine that was built from it.

    Attributes:
        network: "pair" (what is left per candidate after the split by sides) or "dense" (all behind the embeddings).
        precision: "f32", "f16", "bf16" or "i8".
        options: package, batch and capabilities.
        inputs: what the network reads; its output is "logit", float32 [rows].
        onnx: uint8 [n], the ONNX model.
        onnx_hash: XXH64 of it, 16 hexadecimal digits.
        plan: uint8 [n], the engine; None where it is built when it is opened.
        plan_hash: XXH64 of it; empty without one.
        version: of the package that built the engine; empty without one.
        device: that a full TensorRT engine was built on; None for TensorRT-RTX.
        layers: of the engine.
    """

    network: str
    precision: str
    options: BuildOptions
    inputs: tuple[NetworkInput, ...]
    onnx: Bytes = field(repr=False)
    onnx_hash: str
    plan: Bytes | None = field(default=None, repr=False)
    plan_hash: str = ""
    version: str = ""
    device: Device | None = None
    layers: tuple[Layer, ...] = field(default=(), repr=False)

    @property
    def key(self) -> str:
        """What an artifact holds one of: package, network and precision."""
        return f"{self.options.engine}.{self.network}.{self.precision}"


def hash_bytes(data: Bytes) -> str:
    """XXH64 (seed 0) as 16 hexadecimal digits."""
    return f"{_core.hash_buffer(data, 0):016x}"


def store_engine(manifest: dict[str, Any], tensors: dict[str, npt.NDArray[Any]], engine: StoredEngine) -> None:
    """Add an engine to what will be written; one with the same key is replaced.

    Args:
        manifest: of the artifact; changed in place.
        tensors: of the artifact; changed in place.
        engine: what to add.

    Example:
        >>> import numpy as np
        >>> onnx, manifest, tensors = np.zeros(8, np.uint8), {}, {}
        >>> options = BuildOptions(engine="tensorrt", batch=(1, 64, 256))
        >>> row = NetworkInput("item", "item", (InputPart("price", "value", 1),))
        >>> engine = StoredEngine(
        ...     network="pair", precision="f16", options=options, inputs=(row,), onnx=onnx, onnx_hash=hash_bytes(onnx)
        ... )
        >>> store_engine(manifest, tensors, engine)
        >>> list(tensors)
        ['engine.tensorrt.pair.f16.onnx']
    """
    _remove(manifest, tensors, engine.key)
    entry: dict[str, Any] = {
        "network": engine.network,
        "precision": engine.precision,
        "engine": engine.options.engine,
        "batch": list(engine.options.batch),
        "capabilities": list(engine.options.capabilities),
        "inputs": [item.to_json() for item in engine.inputs],
        "onnx": _place(tensors, f"{PREFIX}{engine.key}.onnx", engine.onnx, engine.onnx_hash),
        "plan": None,
        "layers": [layer.to_json() for layer in engine.layers],
    }
    if engine.plan is not None:
        entry["plan"] = _place(tensors, f"{PREFIX}{engine.key}.plan", engine.plan, engine.plan_hash)
        entry["plan"]["version"] = engine.version
        device = engine.device
        entry["plan"]["device"] = device and {
            "name": device.name,
            "capability": list(device.capability),
            "driver": device.driver,
        }
    manifest[SECTION].append(entry)


def _remove(manifest: dict[str, Any], tensors: dict[str, npt.NDArray[Any]], key: str) -> None:
    """Remove the engine of a key from what will be written."""
    kept = []
    for entry in manifest.get(SECTION, []):
        if f"{entry['engine']}.{entry['network']}.{entry['precision']}" != key:
            kept.append(entry)
            continue
        for place in (entry["onnx"], entry["plan"]):
            if place is not None:
                tensors.pop(place["tensor"], None)
    manifest[SECTION] = kept


def read_engines(artifact: Artifact) -> tuple[StoredEngine, ...]:
    """The engines of an artifact; their bytes are views of the mapped file.

    Args:
        artifact: as it was read.

    Returns:
        The engines in the file's order; none for a file without.

    Raises:
        FormatError: an entry of another form, or a tensor that is missing or not of the recorded size.
    """
    try:
        entries = artifact.manifest.get(SECTION, [])
        if not isinstance(entries, list):
            raise TypeError(f"expected a list, got {type(entries).__name__}")
        engines = tuple(_read(entry, artifact.tensors) for entry in entries)
        if len({engine.key for engine in engines}) < len(engines):
            raise ValueError(f"two engines of one kind in {[engine.key for engine in engines]}")
        return engines
    except KeyError as error:
        raise FormatError(f"{artifact.path}: {SECTION}: the entry {error} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise FormatError(f"{artifact.path}: {SECTION}: {error}") from error


def _read(entry: Any, tensors: Mapping[str, npt.NDArray[Any]]) -> StoredEngine:
    network, precision = _text(entry["network"]), _text(entry["precision"])
    if network not in NETWORKS or precision not in PRECISIONS:
        raise ValueError(f"network {network!r} in {precision!r}, expected one of {NETWORKS} in one of {PRECISIONS}")
    options = BuildOptions(
        engine=_text(entry["engine"]),
        batch=tuple(entry["batch"]),
        capabilities=tuple(map(_text, entry["capabilities"])),
    )
    plan = entry["plan"]
    return StoredEngine(
        network=network,
        precision=precision,
        options=options,
        inputs=tuple(map(NetworkInput.from_json, entry["inputs"])),
        onnx=_bytes(entry["onnx"], tensors),
        onnx_hash=_text(entry["onnx"]["xxh64"]),
        plan=None if plan is None else _bytes(plan, tensors),
        plan_hash="" if plan is None else _text(plan["xxh64"]),
        version="" if plan is None else _text(plan["version"]),
        device=None if plan is None or plan["device"] is None else _device(plan["device"]),
        layers=tuple(map(Layer.from_json, entry["layers"])),
    )


def _device(value: Any) -> Device:
    major, minor = (_whole(number, least=0) for number in value["capability"])
    return Device(_text(value["name"]), (major, minor), _text(value["driver"]))


def _place(tensors: dict[str, npt.NDArray[Any]], name: str, data: Bytes, digest: str) -> dict[str, Any]:
    tensors[name] = data
    return {"tensor": name, "size_bytes": data.size, "xxh64": digest}


def _bytes(place: Any, tensors: Mapping[str, npt.NDArray[Any]]) -> Bytes:
    name = _text(place["tensor"])
    data = tensors[name]
    if data.dtype != np.uint8 or data.ndim != 1 or data.size != place["size_bytes"]:
        raise ValueError(f"tensor {name!r} is {data.dtype}{list(data.shape)}, expected {place['size_bytes']} bytes")
    return data


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {type(value).__name__}")
    return value


def _whole(value: Any, *, least: int) -> int:
    if type(value) is not int or value < least:
        raise TypeError(f"expected a whole number of at least {least}, got {value!r}")
    return value
