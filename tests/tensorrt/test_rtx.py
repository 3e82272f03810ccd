"""Engines that TensorRT-RTX really builds, with no GPU: of every model, of pruned ones, and those that cannot be."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recfast as rf
from recfast.engines import BuildOptions, BuiltPlan, EngineError, build_plan
from recfast_training import Encoded, encode, export, export_tensorrt, prune
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, RankingModel, TwoTower
from recfast_training.networks import write_network

from .shop import ROWS, SCHEMA, exported, small_model

pytest.importorskip("tensorrt_rtx", reason="builds engines with TensorRT-RTX: pip install 'recfast[tensorrt-rtx]'")
from onnx import TensorProto, helper, numpy_helper

DEMO_BATCH = (1, 512, 4096)
TOWERS = rf.Schema(request=[rf.Categorical("user", buckets=50)], item=[rf.Categorical("brand", buckets=20)], key="sku")
MODELS: dict[str, Any] = {
    "DeepFM": partial(DeepFM, SCHEMA, 16, (64, 32)),
    "DCNv2": partial(DCNv2, SCHEMA, 16, 2, (64, 32)),
    "DCNv2 low rank": partial(DCNv2, SCHEMA, 16, 2, (64, 32), rank=16),
    "DLRM": partial(DLRM, SCHEMA, 16, (32,), (64, 32)),
    "MLP": partial(MLP, SCHEMA, 16, (64, 32)),
    "TwoTower": partial(TwoTower, TOWERS, 16, (32,), temperature=0.1),
}


def options(*capabilities: str, batch: tuple[int, int, int] = DEMO_BATCH) -> BuildOptions:
    return BuildOptions(engine="tensorrt_rtx", batch=batch, capabilities=capabilities)


def built(model: RankingModel, name: str, precision: str) -> BuiltPlan:
    network = write_network(model.eval().emit(), name, precision=precision)
    assert network is not None
    return build_plan(network.onnx, options())


@pytest.mark.parametrize("name", ["pair", "dense"])
@pytest.mark.parametrize("kind", MODELS)
def test_every_model_has_engines_of_few_layers(kind: str, name: str) -> None:
    for precision in ("f32", "f16", "bf16"):
        plan = built(MODELS[kind](), name, precision)
        assert plan.layers
        assert len(plan.layers) <= 24
        assert sum(layer.pads for layer in plan.layers) <= 2


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_has_8_bit_engines_calibrated_on_rows_of_several_requests(kind: str, tmp_path: Path) -> None:
    model = MODELS[kind]().eval()
    export(model, tmp_path / "m.recfast", examples=ROWS)
    added = export_tensorrt(
        model, tmp_path / "m.recfast", engine="tensorrt_rtx", precision="i8", examples=ROWS, batch=DEMO_BATCH
    )
    nodes = {e.network: {node for layer in e.layers for node in layer.nodes} for e in added}
    wide = [name for name, of in nodes.items() if any(node.endswith("/dequantise") for node in of)]
    assert wide == (["dense"] if kind == "TwoTower" else ["pair", "dense"])


def test_the_same_network_gives_the_same_bytes() -> None:
    first, second = (built(small_model(), "pair", "f16") for _ in range(2))
    assert first.data == second.data


def test_pruning_units_makes_the_engine_smaller() -> None:
    model = DeepFM(SCHEMA, 16, (1024, 1024, 512)).eval()
    pruned = prune(model, Encoded(encode(SCHEMA, ROWS)), flops=0.25).eval()
    assert pruned.hidden < model.hidden
    assert all(width % 16 == 0 for width in pruned.hidden)
    full, small = built(model, "dense", "f16"), built(pruned, "dense", "f16")
    assert len(small.data) <= 0.6 * len(full.data)
    assert len(small.layers) <= len(full.layers)


@pytest.mark.parametrize("precision", ["f32", "f16", "bf16", "i8"])
def test_they_stand_in_the_file(tmp_path: Path, precision: str) -> None:
    path = exported(tmp_path)
    export_tensorrt(small_model(), path, engine="tensorrt_rtx", precision=precision, examples=ROWS)
    pair, dense = rf.load(path).engines
    for engine in (pair, dense):
        assert engine.plan is not None
        assert engine.plan.size > 10_000
        assert engine.options.capabilities == ("SM80", "SM86", "SM89", "SM120")
        assert engine.device is None
    wide = {"f32": "Float", "f16": "Half", "bf16": "BFloat16", "i8": "Int8"}[precision]
    assert wide in [layer.dtype for layer in dense.layers]
    nodes = [node for layer in dense.layers for node in layer.nodes]
    assert {"deep.0", "deep.1"} <= set(nodes)


def test_bf16_is_refused_where_the_architecture_lacks_it(tmp_path: Path) -> None:
    path = exported(tmp_path)
    before = path.read_bytes()
    with pytest.raises(
        EngineError,
        match=r"the pair network in bf16 for SM75, SM80: layer '[^']+' is in BF16, which SM75 does not have",
    ):
        export_tensorrt(small_model(), path, engine="tensorrt_rtx", precision="bf16", capabilities=("SM75", "SM80"))
    assert path.read_bytes() == before


def test_f32_products_are_refused_on_sm75(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"the pair network in f32 for SM75: layer 'deep.\d': .*FP32 GEMM"):
        export_tensorrt(
            small_model(), exported(tmp_path), engine="tensorrt_rtx", precision="f32", capabilities=("SM75",)
        )


def test_fp8_is_refused_on_sm80_and_taken_on_sm89() -> None:
    model = fp8_model()
    with pytest.raises(EngineError, match=r"for SM80: layer '[^']+' is in FP8, which SM80 does not have"):
        build_plan(model, options("SM80"))
    assert build_plan(model, options("SM89")).layers


def test_unknown_capabilities_are_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="are among SM75, SM80, SM86, SM89, SM120, SM121; got SM90"):
        export_tensorrt(small_model(), exported(tmp_path), engine="tensorrt_rtx", capabilities=("SM90",))


def test_an_op_that_is_refused_is_named() -> None:
    model = model_of([helper.make_node("Unique", ["x"], ["y"], name="odd")])
    with pytest.raises(EngineError, match=r"refuses the network: layer 'odd' \(Unique\)"):
        build_plan(model, options())


def test_bytes_that_are_no_network_are_refused() -> None:
    with pytest.raises(EngineError, match="refuses the network"):
        build_plan(b"no network", options())


def model_of(nodes: Any, constants: Any = ()) -> bytes:
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B", 64]) for name in "xy"]
    graph = helper.make_graph(nodes, "g", info[:1], info[1:], list(constants))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    return bytes(model.SerializeToString())


def fp8_model() -> bytes:
    weight = np.linspace(-1, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    constants = [
        numpy_helper.from_array(np.array(0.05, np.float32), "scale"),
        helper.make_tensor("zero", TensorProto.FLOAT8E4M3FN, [], [0.0]),
        numpy_helper.from_array(weight, "w"),
    ]
    nodes = []
    for name in ("x", "w"):
        quantise = helper.make_node("QuantizeLinear", [name, "scale", "zero"], [f"{name}.q"], name=f"{name}/quantise")
        codes = [f"{name}.q", "scale", "zero"]
        nodes += [quantise, helper.make_node("DequantizeLinear", codes, [f"{name}.d"], name=f"{name}/dequantise")]
    nodes.append(helper.make_node("Gemm", ["x.d", "w.d"], ["y"], transB=1, name="deep.0"))
    return model_of(nodes, constants)
