"""The exported networks say what torch says: ONNX Runtime on every model, in f32, f16 and i8."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast_training import NetworkConfig
from recfast_training.batches import tensors
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, RankingModel
from recfast_training.networks import Network, calibrate, write_network

from ..parity.cases import encoded_rows, schemas

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


def scores(model: RankingModel, name: str, encoded: dict[str, Any], precision: str = "f32") -> Any:
    network = write_network(model.emit(), name, precision=precision)
    if network is None:
        return None
    if precision == "i8":
        network = write_network(model.emit(), name, precision=precision, scales=calibrate(network, encoded))
        assert network is not None
    feeds = network.feeds(encoded)
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
