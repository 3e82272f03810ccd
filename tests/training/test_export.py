from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import torch

import recfast as rf
from recfast import reference
from recfast.artifact import read_artifact, write_artifact
from recfast.reference_program import run_program
from recfast_training import FitConfig, NetworkConfig, encode, export, fit, predict, prune
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, ItemBias, RankingModel

from .toy import fitted, shop

ROWS = shop(200)
SCHEMA = fitted(ROWS)


def models() -> list[RankingModel]:
    config = NetworkConfig(deviation=0.3, batch_norm=True)
    deepfm = DeepFM(SCHEMA, dim=4, hidden=(32, 16), config=config)
    dlrm = DLRM(SCHEMA, dim=4, bottom=(8,), top=(16,), config=config)
    return [
        deepfm,
        DCNv2(SCHEMA, dim=4, hidden=(16,), config=config),
        DCNv2(SCHEMA, dim=4, hidden=(16,), rank=2, config=config),
        dlrm,
        MLP(SCHEMA, dim=4, hidden=(16,), config=config),
        ItemBias(deepfm, "price", 0.5),
        ItemBias(dlrm, "price", 0.5),
    ]


@pytest.mark.parametrize("tables", ["f32", "f16", "i8", "i4"])
@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
def test_a_file_scores_as_its_torch_model(model: RankingModel, tables: Any, tmp_path: Path) -> None:
    export(model, tmp_path / "m.recfast", examples=ROWS, tables=tables)
    artifact = read_artifact(tmp_path / "m.recfast")
    described = artifact.manifest["tables"]
    rows = {
        name: reference.dequantise(artifact.tensors[f"table.{name}"], t["dtype"], t["dim"])
        for name, t in described.items()
    }
    assert {t["dtype"] for t in described.values() if t["dim"] > 1} == {tables}
    assert {t["dtype"] for t in described.values() if t["dim"] == 1} <= {"f32" if tables == "f32" else "f16"}
    expected = predict(model.with_tables(rows), ROWS)
    np.testing.assert_allclose(rf.load(tmp_path / "m.recfast").score(ROWS), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(artifact.tensors["self_test.scores"], expected[:32])
    emitted = model.emit()
    again = run_program(artifact.manifest["program"], artifact.tensors, rows, encode(SCHEMA, ROWS))
    np.testing.assert_allclose(again, expected, rtol=1e-5, atol=1e-5)
    for name, weight in emitted.weights.items():
        np.testing.assert_array_equal(artifact.tensors[name], weight)


def test_quantised_tables_stay_near(tmp_path: Path) -> None:
    model = models()[0]
    for tables, bound in (("f32", 1e-7), ("f16", 2e-3), ("i8", 5e-3), ("i4", 0.07)):
        export(model, tmp_path / "m.recfast", examples=ROWS, tables=tables)  # type: ignore[arg-type]
        artifact = read_artifact(tmp_path / "m.recfast")
        for name, weights in model.emit().tables.items():
            t = artifact.manifest["tables"][name]
            values = reference.dequantise(artifact.tensors[f"table.{name}"], t["dtype"], t["dim"])
            assert t["rows"] == len(weights)
            assert np.abs(values - weights).max() <= bound * np.abs(weights).max()


@pytest.mark.parametrize(
    ("tables", "dim", "stored"),
    [("i8", 3, "f16"), ("i8", 4, "i8"), ("i4", 2, "f16"), ("i4", 3, "i4"), ("f32", 1, "f32")],
)
def test_a_table_is_f16_where_that_is_smaller(tables: Any, dim: int, stored: str, tmp_path: Path) -> None:
    schema = rf.Schema(item=[rf.Categorical("brand", buckets=9)], key="k")
    export(DeepFM(schema, dim=dim, hidden=(4,)), tmp_path / "m", examples={"brand": ["a"]}, tables=tables)
    described = read_artifact(tmp_path / "m").manifest["tables"].values()
    assert {t["dtype"] for t in described if t["dim"] == dim} == {stored}


def test_provenance_tells_where_the_model_comes_from(tmp_path: Path) -> None:
    model = DeepFM(SCHEMA, dim=4, hidden=(64,))
    fit(model, ROWS, config=FitConfig(epochs=1, seed=5, progress=False))
    smaller = prune(model, ROWS, flops=0.6)
    export(smaller, tmp_path / "m.recfast", examples=ROWS, tables="i8", provenance={"metrics": {"auc": 0.8}})
    provenance = rf.load(tmp_path / "m.recfast").provenance
    assert provenance["metrics"] == {"auc": 0.8}
    assert provenance["fit"][0]["config"]["seed"] == 5
    assert provenance["fit"][0]["fingerprint"]
    assert len(provenance["prune"][0]["kept"][0]) == smaller.hidden[0]
    assert provenance["architecture"]["hidden"] == list(smaller.hidden)
    assert provenance["versions"]["torch"] == torch.__version__
    assert (provenance["flops"], provenance["parameters"]) == (smaller.flops(), smaller.num_parameters())


def test_equal_models_give_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(models()[0], tmp_path / name, examples=ROWS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_examples_of_any_kind_record_the_same_rows(tmp_path: Path) -> None:
    names = [name for name in ROWS if name != "counts"]
    counts = pa.array([list(m.items()) for m in ROWS["counts"]], pa.map_(pa.string(), pa.float64()))
    arrow = pa.table({**{name: ROWS[name] for name in names}, "counts": counts})
    arrow = arrow.set_column(0, "user", arrow["user"].combine_chunks().dictionary_encode())
    model = models()[0]
    export(model, tmp_path / "dict", examples=ROWS)
    export(model, tmp_path / "arrow", examples=arrow)
    assert (tmp_path / "dict").read_bytes() == (tmp_path / "arrow").read_bytes()


def test_polars_and_numpy_examples(tmp_path: Path) -> None:
    schema = rf.Schema(
        item=[rf.Categorical("brand", buckets=9, type="int"), rf.Bag("tags", buckets=9), rf.Vector("v", dim=2)], key="k"
    )
    tags = [["a"], [], None]
    brand = pl.Series([1, None, 2**63], dtype=pl.UInt64)
    frame = pl.DataFrame({"brand": brand, "tags": tags, "v": [[1.0, 2.0]] * 3})
    arrays = {"brand": np.array([1, 2, 2**63], np.uint64), "tags": tags, "v": np.ones((3, 2), np.float32)}
    for rows in (frame, arrays):
        export(DeepFM(schema, dim=2, hidden=(4,)), tmp_path / "m", examples=rows)
        assert rf.load(tmp_path / "m").self_test() == 3


def test_a_changed_weight_is_found_by_the_self_test(tmp_path: Path) -> None:
    export(models()[0], tmp_path / "m", examples=ROWS)
    artifact = read_artifact(tmp_path / "m")
    tensors = {name: np.array(t) for name, t in artifact.tensors.items()}
    tensors["deep.0.bias"][0] += 1.0
    write_artifact(tmp_path / "changed", artifact.manifest, tensors)
    with pytest.raises(rf.FormatError, match="self-test: scores differs in row"):
        rf.load(tmp_path / "changed")


def test_what_cannot_be_exported_is_refused(tmp_path: Path) -> None:
    model = DeepFM(SCHEMA, dim=4, hidden=(8,))
    with pytest.raises(ValueError, match="at least one row"):
        export(model, tmp_path / "m", examples={name: values[:0] for name, values in ROWS.items()})
    with pytest.raises(ValueError, match="no column 'price'"):
        export(model, tmp_path / "m", examples={name: v for name, v in ROWS.items() if name != "price"})
    with pytest.raises(ValueError, match='"f32", "f16", "i8" or "i4"'):
        export(model, tmp_path / "m", examples=ROWS, tables="i2")  # type: ignore[arg-type]
    with torch.no_grad():
        model.head.dense.bias[0] = torch.nan
    with pytest.raises(ValueError, match="NaN or infinite weights in"):
        export(model, tmp_path / "m", examples=ROWS)
    assert not list(tmp_path.iterdir())
