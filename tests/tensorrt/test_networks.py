"""The exported networks say what torch says: ONNX Runtime on every model, in f32, f16 and i8."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast.engines import network_inputs
from recfast_training import Encoded, FitConfig, NetworkConfig, encode, export, fit
from recfast_training.batches import tensors
from recfast_training.metrics import auc
from recfast_training.models import DLRM, EASE, MLP, DCNv2, DeepFM, ItemBias, RankingModel, TwoTower
from recfast_training.networks import Network, calibrate, write_network

from ..parity.cases import encoded_rows, raw_rows, schemas
from ..training.toy import fitted, shop

MODELS = {
    "DeepFM": DeepFM,
    "DCNv2": DCNv2,
    "DCNv2 low rank": partial(DCNv2, rank=1),
    "MLP": MLP,
    "DLRM": lambda schema, dim, hidden, config: DLRM(schema, dim, (3,), hidden, config=config),
}


def run(network: Network, feeds: dict[str, Any]) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(network.onnx, options, providers=["CPUExecutionProvider"])
    (logit,) = session.run(None, feeds)
    return logit


def of_one_request(schema: rf.Schema, encoded: dict[str, Any]) -> dict[str, Any]:
    """The same rows, all with the request side of the first."""
    request = {f.name for f in schema if schema.side(f.name) == "request"}
    names = {f"{name}{suffix}" for name in request for suffix in ("", "_mask", "_weight", "_missing")}
    return {name: np.repeat(a[:1], len(a), axis=0) if name in names else a for name, a in encoded.items()}


def expected(model: RankingModel, encoded: dict[str, Any]) -> Any:
    with torch.no_grad():
        return model.eval()(tensors(encoded)).double().numpy()


def feeds_of(model: RankingModel, network: Network, encoded: dict[str, Any]) -> dict[str, Any]:
    """What the compiled core hands to the network."""
    rows = raw_rows(model.schema, encoded)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.recfast"
        export(model, path, examples=rows)
        return network_inputs(rf.load(path), network.inputs, rows)


def scores(model: RankingModel, name: str, encoded: dict[str, Any], precision: str = "f32") -> Any:
    network = write_network(model.eval().emit(), name, precision=precision)
    if network is None:
        return None
    feeds = feeds_of(model, network, encoded)
    return run(network, {i.name: feeds[i.name][: 1 if i.side == "request" else None] for i in network.inputs})


def assert_close(actual: Any, wanted: Any, tolerance: float) -> None:
    assert actual.shape == wanted.shape
    assert (np.abs(actual - wanted) <= tolerance * (1 + np.abs(wanted))).all(), np.abs(actual - wanted).max()


@pytest.mark.parametrize("kind", MODELS)
@settings(deadline=None, max_examples=20)
@given(
    schema=schemas(vectors=2),
    dim=st.integers(1, 9),
    hidden=st.lists(st.integers(1, 20), max_size=2),
    rows=st.integers(1, 9),
    seed=st.integers(0, 2**16),
)
def test_both_networks_agree_with_torch(
    kind: str, schema: rf.Schema, dim: int, hidden: list[int], rows: int, seed: int
) -> None:
    model: RankingModel = MODELS[kind](schema, dim, hidden=hidden, config=NetworkConfig(deviation=0.3, batch_norm=True))
    encoded = of_one_request(schema, encoded_rows(schema, rows, seed))
    wanted = expected(model, encoded)
    for name in ("pair", "dense"):
        found = scores(model, name, encoded)
        if found is None:
            assert name == "pair"
        else:
            assert_close(found, wanted, 1e-5)


@pytest.mark.parametrize("kind", MODELS)
@settings(deadline=None, max_examples=10)
@given(schema=schemas(vectors=2), dim=st.integers(1, 9), rows=st.integers(1, 9), seed=st.integers(0, 2**16))
def test_half_networks_agree_within_their_precision(
    kind: str, schema: rf.Schema, dim: int, rows: int, seed: int
) -> None:
    model: RankingModel = MODELS[kind](schema, dim, hidden=[16, 16], config=NetworkConfig(deviation=0.3))
    encoded = of_one_request(schema, encoded_rows(schema, rows, seed))
    wanted = expected(model, encoded)
    for name in ("pair", "dense"):
        found = scores(model, name, encoded, "f16")
        if found is not None:
            assert_close(found, wanted, 2e-3)


@settings(deadline=None, max_examples=15)
@given(
    schema=schemas(),
    dim=st.integers(1, 9),
    temperature=st.sampled_from([None, 0.1]),
    bias=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_two_towers_agree(schema: rf.Schema, dim: int, temperature: float | None, bias: bool, seed: int) -> None:
    request = [f for f in schema if schema.side(f.name) == "request"] or [rf.Numeric("one")]
    item = [f for f in schema if schema.side(f.name) == "item"] or [rf.Numeric("other")]
    names = {f.name for f in [*request, *item]}
    assume(all(getattr(f, "table", f.name) in names for f in [*request, *item]))
    sides = rf.Schema(request=request, item=item, key="sku")
    config = NetworkConfig(deviation=0.3)
    model = TwoTower(sides, dim, (5,), temperature=temperature, bias=bias, config=config)
    encoded = of_one_request(sides, encoded_rows(sides, 7, seed))
    for name in ("pair", "dense"):
        assert_close(scores(model, name, encoded), expected(model, encoded), 1e-5)
    pair = write_network(model.emit(), "pair")
    assert pair is not None
    assert [node.op_type for node in onnx.load_from_string(pair.onnx).graph.node if node.op_type == "Gemm"] == []


def test_an_item_bias_agrees() -> None:
    schema = rf.Schema(request=[rf.Numeric("hour")], item=[rf.Numeric("count")], key="sku")
    model = ItemBias(DeepFM(schema, hidden=(8,)), "count", 0.7)
    encoded = of_one_request(schema, encoded_rows(schema, 5, 0))
    for name in ("pair", "dense"):
        assert_close(scores(model, name, encoded), expected(model, encoded), 1e-5)


def test_eight_bit_products_lose_little_of_the_auc(tmp_path: Path) -> None:
    rows = shop(4000)
    schema = fitted(rows)
    model = DeepFM(schema, dim=8, hidden=(32, 16))
    encoded = Encoded(encode(schema, rows), np.array(rows["label"]))
    fit(model, encoded, config=FitConfig(epochs=3, batch_size=256, learning_rate=1e-2, progress=False))
    export(model.eval(), tmp_path / "m.recfast", examples=rows)
    exact = write_network(model.emit(), "dense")
    plain = write_network(model.emit(), "dense", precision="i8")
    assert exact is not None
    assert plain is not None
    feeds = network_inputs(rf.load(tmp_path / "m.recfast"), exact.inputs, rows)
    rounded = write_network(model.emit(), "dense", precision="i8", scales=calibrate(plain, feeds))
    assert rounded is not None
    before, after = (run(network, feeds) for network in (exact, rounded))
    assert np.abs(before - after).max() > 0
    assert abs(auc(rows["label"], before) - auc(rows["label"], after)) <= 0.001
    assert auc(rows["label"], before) > 0.7


def test_eight_bits_stand_between_quantise_and_dequantise_nodes() -> None:
    schema = rf.Schema(request=[rf.Vector("a", dim=32)], item=[rf.Vector("b", dim=32)], key="sku")
    model = MLP(schema, hidden=(32, 16))
    network = write_network(model.emit(), "dense", precision="i8")
    assert network is not None
    scales = calibrate(network, feeds_of(model.eval(), network, encoded_rows(schema, 50, 0)))
    assert scales.keys() == {"deep.0", "deep.1"}
    network = write_network(model.emit(), "dense", precision="i8", scales=scales)
    assert network is not None
    graph = onnx.load_from_string(network.onnx).graph
    kinds = [node.op_type for node in graph.node]
    assert (kinds.count("QuantizeLinear"), kinds.count("DequantizeLinear"), kinds.count("Gemm")) == (2, 4, 2)
    weights = {i.name: i for i in graph.initializer}
    assert weights["deep.0.weight"].data_type == onnx.TensorProto.INT8
    assert list(weights["deep.0.weight.scale"].dims) == [32]


def test_bf16_weights_are_rounded_to_nearest() -> None:
    schema = rf.Schema(request=[rf.Vector("a", dim=16)], item=[rf.Vector("b", dim=16)], key="sku")
    model = MLP(schema, hidden=(16, 16))
    network = write_network(model.emit(), "dense", precision="bf16")
    assert network is not None
    stored = {i.name: i for i in onnx.load_from_string(network.onnx).graph.initializer}["deep.0.weight"]
    assert stored.data_type == onnx.TensorProto.BFLOAT16
    weight = model.emit().weights["deep.0.weight"]
    wanted = torch.from_numpy(weight).bfloat16().view(torch.int16).numpy()
    np.testing.assert_array_equal(np.frombuffer(stored.raw_data, np.int16).reshape(weight.shape), wanted)


def test_a_weight_beyond_f16_is_refused_by_layer() -> None:
    schema = rf.Schema(request=[rf.Vector("a", dim=16)], item=[rf.Vector("b", dim=16)], key="sku")
    model = MLP(schema, hidden=(16,))
    with torch.no_grad():
        model.mlp.linears()[0].dense.weight[3, 4] = 1e5
    with pytest.raises(ValueError, match=r"layer 'deep.0' has a weight of 100000, beyond f16's 65504; use bf16"):
        write_network(model.emit(), "dense", precision="f16")


def test_what_only_the_item_decides_has_no_pair_network() -> None:
    model = MLP(rf.Schema(item=[rf.Numeric("price")], key="sku"), hidden=(4,))
    assert write_network(model.emit(), "pair") is None


def test_a_model_that_picks_numbers_has_no_network() -> None:
    schema = rf.Schema(
        request=[rf.WeightedBag("bought", table="sku")], item=[rf.Categorical("sku", buckets=9)], key="sku"
    )
    with pytest.raises(ValueError, match="recfast ranks it without an engine"):
        write_network(EASE(schema).emit(), "pair")


def test_calibration_needs_rows() -> None:
    schema = rf.Schema(item=[rf.Vector("a", dim=16)], key="sku")
    network = write_network(MLP(schema, hidden=(16,)).emit(), "dense", precision="i8")
    assert network is not None
    with pytest.raises(ValueError, match="calibration needs rows"):
        calibrate(network, {"numbers": np.zeros((0, 16), np.float32)})
