from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast_training import NetworkConfig, encode, export_onnx
from recfast_training.batches import tensors
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, ItemBias, RankingModel

from ..parity.cases import encoded_rows, schemas
from .toy import fitted, shop

ROWS = shop(50)
SCHEMA = fitted(ROWS)


def run(model: RankingModel, path: Path, encoded: dict[str, Any]) -> Any:
    export_onnx(model, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    (logit,) = session.run(None, encoded)
    return logit


@settings(deadline=None, max_examples=40)
@given(
    schema=schemas(),
    kind=st.sampled_from([DeepFM, DCNv2, partial(DCNv2, rank=1), MLP]),
    dim=st.integers(1, 9),
    hidden=st.lists(st.integers(1, 20), max_size=2),
    rows=st.integers(1, 9),
    seed=st.integers(0, 2**16),
)
def test_onnx_runtime_agrees_with_torch(
    schema: rf.Schema, kind: Any, dim: int, hidden: list[int], rows: int, seed: int, tmp_path_factory: Any
) -> None:
    model = kind(schema, dim, hidden=hidden, config=NetworkConfig(deviation=0.3, batch_norm=True)).eval()
    assert_agrees(model, rows, seed, tmp_path_factory.mktemp("onnx"))


@settings(deadline=None, max_examples=40)
@given(
    schema=schemas(vectors=2),
    dim=st.integers(1, 9),
    top=st.lists(st.integers(1, 20), max_size=2),
    rows=st.integers(1, 9),
    seed=st.integers(0, 2**16),
)
def test_onnx_runtime_agrees_with_torch_on_dlrm(
    schema: rf.Schema, dim: int, top: list[int], rows: int, seed: int, tmp_path_factory: Any
) -> None:
    model = DLRM(schema, dim, (3,), top, config=NetworkConfig(deviation=0.3, batch_norm=True)).eval()
    assert_agrees(model, rows, seed, tmp_path_factory.mktemp("onnx"))


def assert_agrees(model: RankingModel, rows: int, seed: int, folder: Path) -> None:
    schema = model.schema
    encoded = encoded_rows(schema, rows, seed)
    logit = run(model, folder / "m.onnx", encoded)
    with torch.no_grad():
        expected = model(tensors(encoded)).numpy()
    assert logit.shape == (rows,)
    assert (np.abs(logit - expected) <= 1e-5 * (1 + np.abs(expected))).all()


def test_inputs_are_what_encode_returns(tmp_path: Path) -> None:
    model = ItemBias(DeepFM(SCHEMA, dim=4, hidden=(8,)), "price", 0.5).eval()
    encoded = encode(SCHEMA, ROWS)
    run(model, tmp_path / "m.onnx", encoded)
    graph = onnx.load(tmp_path / "m.onnx").graph
    declared = {i.name: i.type.tensor_type for i in graph.input}
    assert set(declared) == set(encoded)
    for name, array in encoded.items():
        dims = declared[name].shape.dim
        assert onnx.helper.tensor_dtype_to_np_dtype(declared[name].elem_type) == array.dtype
        assert len(dims) == array.ndim
        assert dims[0].dim_param == "B"
    assert [o.name for o in graph.output] == ["logit"]


def test_the_batch_and_the_bags_are_dynamic(tmp_path: Path) -> None:
    model = DCNv2(SCHEMA, dim=4, hidden=(8,)).eval()
    export_onnx(model, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"))
    for n in (1, 7, 50):
        encoded = encode(SCHEMA, {name: values[:n] for name, values in ROWS.items()})
        with torch.no_grad():
            expected = model(tensors(encoded)).numpy()
        np.testing.assert_allclose(session.run(None, encoded)[0], expected, atol=1e-5)


def test_all_tables_of_a_width_are_one_gather(tmp_path: Path) -> None:
    schema = rf.Schema(item=[rf.Categorical(f"c{i}", buckets=9) for i in range(26)], key="k")
    export_onnx(DeepFM(schema, dim=4, hidden=(8,)), tmp_path / "m.onnx")
    kinds = [node.op_type for node in onnx.load(tmp_path / "m.onnx").graph.node]
    assert kinds.count("Gather") == 2  # embeddings and first-order weights
    assert "Slice" not in kinds


def test_the_products_of_a_dlrm_are_one_product_of_the_whole_stack(tmp_path: Path) -> None:
    schema = rf.Schema(item=[*(rf.Categorical(f"c{i}", buckets=9) for i in range(26)), rf.Numeric("x")], key="k")
    export_onnx(DLRM(schema, dim=4, top=(8,)), tmp_path / "m.onnx")
    kinds = [node.op_type for node in onnx.load(tmp_path / "m.onnx").graph.node]
    assert kinds.count("MatMul") == 1
    assert kinds.count("Gather") == 2  # embeddings and the triangle of products
    assert "Slice" not in kinds


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    export_onnx(DeepFM(SCHEMA, dim=4, hidden=(8,)), tmp_path / "m.onnx")
    assert capfd.readouterr() == ("", "")


def test_a_feature_named_like_the_output_is_refused(tmp_path: Path) -> None:
    schema = rf.Schema(item=[rf.Numeric("logit")], key="k")
    with pytest.raises(ValueError, match="rename the feature"):
        export_onnx(DeepFM(schema, hidden=()), tmp_path / "m.onnx")
