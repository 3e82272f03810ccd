"""Adds TensorRT engines to an exported file: the networks as ONNX, and what was built from them."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from recfast import cuda, load
from recfast.artifact import Artifact, read_artifact, write_artifact
from recfast.engines import (
    PRECISIONS,
    BuildOptions,
    StoredEngine,
    build_plan,
    current_device,
    hash_bytes,
    import_package,
    network_inputs,
    store_engine,
)

from .columns import head
from .models import RankingModel
from .networks import Network, calibrate, write_network
from .program import Emitted

CALIBRATION_ROWS = 8192
NETWORKS = ("pair", "dense")

_log = logging.getLogger("recfast_training")


def export_tensorrt(
    model: RankingModel,
    path: str | os.PathLike[str],
    *,
    engine: str = "tensorrt",
    precision: str = "f16",
    batch: tuple[int, int, int] = (1, 512, 4096),
    capabilities: Sequence[str] = (),
    examples: Any = None,
) -> tuple[StoredEngine, ...]:
    """Add engines to a file that `export` wrote: of the pair-side network, and of the whole dense network.

    The pair-side network is what is left per candidate after the split by sides (`StoredEngine.inputs` says what it
    reads); the dense one follows the embedding lookups. Both stand in the file as ONNX with the engine, its layers,
    sizes and hashes; `recfast inspect` prints them. Engines of the same package and precision that the file holds are
    replaced, others stay. `export` again drops them all.

    TensorRT-RTX builds anywhere. Full TensorRT builds for the GPU of this machine; where there is none, the file gets
    the ONNX alone, and the engine is built when it is first opened.

    Args:
        model: the one that was exported.
        path: of the `.recfast` file, which is replaced atomically.
        engine: "tensorrt" or "tensorrt_rtx".
        precision: "f32"; "f16" or "bf16": a half network with a float32 tail; "i8": wide layers in 8 bits.
        batch: least, usual and most candidates of a call.
        capabilities: architectures of a "tensorrt_rtx" engine; by default SM80, SM86, SM89 and SM120, in one engine.
        examples: raw rows with every column of the schema; for "i8", which looks at the first 8,192.

    Returns:
        What was added. A program none of whose ops needs both sides has no pair-side network.

    Raises:
        ValueError: an unknown engine, precision or capability, a batch that is not ordered, "i8" without examples, a
            file of another model, or a model without a network (those that pick numbers of sparse rows).
        ImportError: the package is not installed; names the extra.
        recfast.engines.EngineError: TensorRT refuses; names the layer, the precision and the architectures.
        FormatError: the file is no artifact.
        OSError: the file cannot be read or written.

    Example:
        >>> import tempfile, pathlib
        >>> import recfast as rf
        >>> from recfast_training import export
        >>> from recfast_training.models import MLP
        >>> schema = rf.Schema(request=[rf.Numeric("hour")], item=[rf.Numeric("price")], key="sku")
        >>> model, path = MLP(schema, hidden=(16,)), pathlib.Path(tempfile.mkdtemp()) / "small.recfast"
        >>> export(model, path, examples={"hour": [9.0], "price": [5.0]})
        >>> [(e.network, e.plan) for e in export_tensorrt(model, path, engine="tensorrt")]
        [('pair', None), ('dense', None)]
    """
    options = BuildOptions(engine=engine, batch=batch, capabilities=capabilities)
    if precision not in PRECISIONS:
        raise ValueError(f"precision= is one of {', '.join(map(repr, PRECISIONS))}, got {precision!r}")
    if precision == "i8" and examples is None:
        raise ValueError('precision="i8" needs examples=: raw rows from which the scales of 8-bit products are taken')
    builds = engine == "tensorrt_rtx" or cuda.status().available
    if builds:
        import_package(engine)
    emitted = model.emit()
    artifact = read_artifact(path)
    _check_same(artifact, emitted)
    rows = head(examples, CALIBRATION_ROWS) if precision == "i8" else None
    networks = [_write(emitted, name, precision, path, rows) for name in NETWORKS]
    engines = tuple(_store(network, precision, options, builds=builds) for network in networks if network is not None)
    manifest, tensors = dict(artifact.manifest), dict(artifact.tensors)
    for stored in engines:
        store_engine(manifest, tensors, stored)
    write_artifact(path, manifest, tensors)
    return engines


def _write(emitted: Emitted, name: str, precision: str, path: str | os.PathLike[str], rows: Any) -> Network | None:
    network = write_network(emitted, name, precision=precision)
    if network is None or rows is None:
        return network
    feeds = network_inputs(load(path, verify=False), network.inputs, rows)
    return write_network(emitted, name, precision=precision, scales=calibrate(network, feeds))


def _store(network: Network, precision: str, options: BuildOptions, *, builds: bool) -> StoredEngine:
    onnx = np.frombuffer(network.onnx, np.uint8)
    common: dict[str, Any] = {
        "network": network.name,
        "precision": precision,
        "options": options,
        "inputs": network.inputs,
        "onnx": onnx,
        "onnx_hash": hash_bytes(onnx),
    }
    what = f"the {network.name} network in {precision}"
    if not builds:
        _log.info("%s: no engine built, %s; it is built when it is first opened", what, cuda.status().reason)
        return StoredEngine(**common)
    built = build_plan(network.onnx, options, what=what)
    plan = np.frombuffer(built.data, np.uint8)
    _log.info("%s: %d layers, %d bytes, built in %.2f s", what, len(built.layers), plan.size, built.seconds)
    return StoredEngine(
        **common,
        plan=plan,
        plan_hash=hash_bytes(plan),
        version=built.version,
        device=current_device() if options.engine == "tensorrt" else None,
        layers=built.layers,
    )


def _check_same(artifact: Artifact, emitted: Emitted) -> None:
    """The file is of this model: the same program and weights."""
    same = artifact.manifest.get("program") == emitted.program and all(
        name in artifact.tensors and np.array_equal(artifact.tensors[name], weight)
        for name, weight in emitted.weights.items()
    )
    if not same:
        raise ValueError(f"{artifact.path} is of another model, or of other weights: export this model first")
