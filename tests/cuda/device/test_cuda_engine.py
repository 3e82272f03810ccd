"""Rankers whose candidates a TensorRT engine scores, against Rankers on the CPU.

On the emulator the engine is a fake: ONNX Runtime behind TensorRT's method names, on the stream of the emulated device.
"""

from __future__ import annotations

import copy
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import recfast as rf
from recfast.artifact import read_artifact, write_artifact
from recfast.engines import import_package
from recfast_training import export, export_tensorrt
from recfast_training.models import EASE, RankingModel, TwoTower

from ...parity.cases import SMALL_MODELS as MODELS
from ...program.random_programs import Rows, make_rows
from .test_cuda_ranker import assert_same, make_schema

pytestmark = pytest.mark.gpu
EMULATED = "RECFAST_EMULATOR_ORDER" in os.environ
TOLERANCE = 1e-5 if EMULATED else 1e-4  # products in TF32 count as f32
needs_fake = pytest.mark.skipif(not EMULATED, reason="only the fake engine can be made to fail")


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The package `tensorrt`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if EMULATED:
        pytest.importorskip("onnxruntime")
        from ...tensorrt import fake_tensorrt

        monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt)
        monkeypatch.setattr(fake_tensorrt, "__name__", "tensorrt")
        return fake_tensorrt
    try:
        return import_package("tensorrt")
    except ImportError as error:
        pytest.skip(str(error))


def exported(
    model: RankingModel,
    rows: Rows,
    tmp_path: Path,
    batch: tuple[int, int, int] = (1, 512, 4096),
    precision: str = "f32",
) -> rf.Model:
    path = tmp_path / "model.recfast"
    export(model.eval(), path, examples=rows.joined)
    export_tensorrt(model, path, precision=precision, batch=batch)
    return rf.load(path, device="cuda")


def both(model: RankingModel, rows: Rows, tmp_path: Path, dtype: Any = "f32", **options: Any) -> Any:
    served = exported(model, rows, tmp_path, **options)
    catalog = rf.Catalog(served, rows.items, dtype=dtype)
    device = rf.Ranker(served, catalog)
    assert device.engine is served.engines[0]
    return device, rf.Ranker(served, catalog, device="cpu")


def flat_schema() -> rf.Schema:
    """Pair features without bags, whose calls all do the same work."""
    schema = make_schema(pair=True)
    return rf.Schema(
        request=list(schema.request),
        item=list(schema.item),
        pair=[rf.Categorical("shelf", buckets=9, type="int"), rf.Match("bought", map="counts", key="sku_key")],
        key="sku",
    )


SCHEMAS = {
    "no pair features": make_schema(pair=False),
    "numbers and ids": flat_schema(),
    "bags": make_schema(pair=True),
}


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("name", MODELS)
def test_an_engine_ranks_as_the_cpu_does(name: str, kind: str, tmp_path: Path) -> None:
    rows = make_rows(SCHEMAS[kind], 5000, 5)
    device, cpu = both(MODELS[name](SCHEMAS[kind], 16), rows, tmp_path)
    for size in (0, 1, 33, 1000, 5000):
        table = None if rows.pair is None else {n: v[:size] for n, v in rows.pair.items()}
        for k in (1, 20, 1024, 1500):
            wanted = {"candidates": rows.items["sku"][:size], "k": k, "pair": table}
            assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted), TOLERANCE)
    fresh = {n: v[:33] for n, v in rows.items.items()}
    table = None if rows.pair is None else {n: v[:33] for n, v in rows.pair.items()}
    for _ in range(3):
        wanted = {"items": fresh, "k": 9, "pair": table}
        assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted), TOLERANCE)
    if EMULATED:  # full TensorRT may refuse a capture
        assert (device.graph_launches > 0) == (kind != "bags")


@pytest.mark.parametrize("dtype", ["f16", "i8"])
@pytest.mark.parametrize("name", MODELS)
def test_compressed_items(name: str, dtype: str, tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 300, 6)
    device, cpu = both(MODELS[name](make_schema(pair=False), 16), rows, tmp_path, dtype)
    wanted = {"candidates": rows.items["sku"], "k": 50}
    assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted), TOLERANCE)


@pytest.mark.parametrize("batch", [(1, 16, 64), (300, 300, 300), (1, 1, 1)])
def test_tiles_are_as_large_as_the_engine_takes(batch: tuple[int, int, int], tmp_path: Path) -> None:
    schema = flat_schema()
    rows = make_rows(schema, 700, 6)
    device, cpu = both(MODELS["DeepFM"](schema, 16), rows, tmp_path, batch=batch)
    assert f"tensorrt.pair.f32, {batch[2]:,} candidates at a time" in repr(device)
    for size in (1, 65, 301, 700):
        table = {n: v[:size] for n, v in rows.pair.items()} if rows.pair is not None else None
        wanted = {"candidates": rows.items["sku"][:size], "k": 40, "pair": table}
        assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted), TOLERANCE)


@pytest.mark.parametrize("temperature", [None, 0.2])
def test_two_towers(temperature: float | None, tmp_path: Path) -> None:
    schema = make_schema(pair=False)
    rows = make_rows(schema, 1000, 4)
    device, cpu = both(TwoTower(schema, dim=8, hidden=(16,), temperature=temperature), rows, tmp_path)
    wanted = {"candidates": rows.items["sku"], "k": 30}
    assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted), TOLERANCE)
    assert_same(device.recommend(rows.request, k=30), cpu.recommend(rows.request, k=30))


def test_versions_of_the_catalogue(tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 2000, 9)
    device, cpu = both(MODELS["DCNv2"](make_schema(pair=False), 16), rows, tmp_path)

    def compare() -> None:
        for _ in range(3):
            wanted: dict[str, Any] = {"k": 40, "where": rf.col("price") < 0.3, "exclude": [3, 4, 99999]}
            assert_same(device.recommend(rows.request, **wanted), cpu.recommend(rows.request, **wanted), TOLERANCE)

    compare()
    catalog = device.catalog
    catalog.upsert({n: [5, 7000] if n == "sku" else v[10:12] for n, v in rows.items.items()})
    compare()
    for first in range(0, 2000, 500):  # more blocks than the first region has room for
        catalog.upsert(
            {n: [x + 10_000 + first for x in v[:900]] if n == "sku" else v[:900] for n, v in rows.items.items()}
        )
        compare()
    catalog.replace({n: v[:300] for n, v in rows.items.items()})
    compare()


def test_several_threads(tmp_path: Path) -> None:
    schema = flat_schema()
    rows = make_rows(schema, 600, 3)
    device, cpu = both(MODELS["DLRM"](schema, 16), rows, tmp_path)
    wanted = {"candidates": rows.items["sku"], "k": 25, "pair": rows.pair}
    expected = cpu.rank(rows.request, **wanted)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: device.rank(rows.request, **wanted), range(24)):
            assert_same(found, expected, TOLERANCE)
    batch = {**wanted, "threads": 3}
    many, one = device.rank_batch([rows.request] * 6, **batch), cpu.rank_batch([rows.request] * 6, **batch)
    assert many.ids.tolist() == one.ids.tolist()


def test_which_engine_scores(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_rows(make_schema(pair=False), 50, 9)
    model = MODELS["MLP"](make_schema(pair=False), 16)
    exported(model, rows, tmp_path, precision="f16")
    export_tensorrt(model, tmp_path / "model.recfast", precision="f32", batch=(1, 16, 64))
    served = rf.load(tmp_path / "model.recfast", device="cuda")
    half, dense, single, _ = served.engines
    catalog = rf.Catalog(served, rows.items)
    assert rf.Ranker(served, catalog).engine is half
    assert rf.Ranker(served, catalog, engine=single).engine is single
    plain = rf.Ranker(served, catalog, engine=None)
    assert plain.engine is None
    assert "recfast's kernels" in repr(plain)
    assert rf.Ranker(served, catalog, device="cpu").engine is None
    with pytest.raises(ValueError, match="is of the dense network"):
        rf.Ranker(served, catalog, engine=dense)
    with pytest.raises(ValueError, match="needs device='cuda'"):
        rf.Ranker(served, catalog, device="cpu", engine=half)
    with pytest.raises(TypeError, match='engine is "auto", None or one of'):
        rf.Ranker(served, catalog, engine="tensorrt")  # type: ignore[arg-type]
    again = rf.load(tmp_path / "model.recfast")
    with pytest.raises(ValueError, match="loaded with device='cuda'"):
        rf.Ranker(again, rf.Catalog(again, rows.items), device="cuda", engine=again.engines[0])
    with pytest.raises(ValueError, match="of another model"):
        rf.Ranker(served, catalog, engine=again.engines[0])
    assert rf.Ranker(again, rf.Catalog(again, rows.items), device="cuda").engine is None
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    assert rf.Ranker(served, catalog).engine is None
    assert "the engine tensorrt.pair.f16 is not used: tensorrt is not installed" in caplog.text
    with pytest.raises(ImportError, match="tensorrt is not installed"):
        rf.Ranker(served, catalog, engine=half)


def test_a_model_without_a_network_keeps_the_kernels(tmp_path: Path) -> None:
    items = [f"s{i}" for i in range(30)]
    schema = rf.Schema(
        request=[rf.WeightedBag("bought", table="sku", transform="log1p")],
        item=[rf.Categorical("sku", buckets=1, vocabulary=tuple(items))],
        key="sku",
    )
    export(EASE(schema).eval(), tmp_path / "ease.recfast", examples={"bought": [{}], "sku": ["s1"]})
    served = rf.load(tmp_path / "ease.recfast", device="cuda")
    assert rf.Ranker(served, rf.Catalog(served, {"sku": items})).engine is None


def test_an_engine_that_reads_what_is_not_there_is_damage(tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 20, 9)
    exported(MODELS["MLP"](make_schema(pair=False), 16), rows, tmp_path)
    artifact = read_artifact(tmp_path / "model.recfast")
    for place, wrong, problem in ((0, "absent", "no slot 'absent'"), (1, "half", "unknown part 'half'")):
        manifest = copy.deepcopy(dict(artifact.manifest))
        manifest["engines"][0]["inputs"][0]["parts"][0][place] = wrong
        write_artifact(tmp_path / "damaged.recfast", manifest, dict(artifact.tensors))
        with pytest.raises(rf.FormatError, match=problem):
            rf.load(tmp_path / "damaged.recfast", device="cuda")
        rf.load(tmp_path / "damaged.recfast")


@needs_fake
def test_a_half_engine_scores_in_its_precision(tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 500, 9)
    device, cpu = both(MODELS["DeepFM"](make_schema(pair=False), 16), rows, tmp_path, precision="f16")
    wanted = {"candidates": rows.items["sku"], "k": 500}
    found, exact = device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted)
    scores = dict(zip(exact.ids.tolist(), exact.scores.tolist(), strict=True))
    wanted_scores = np.array([scores[i] for i in found.ids.tolist()])
    differences = np.abs(found.scores - wanted_scores) / (1 + np.abs(wanted_scores))
    assert 0 < differences.max() <= 2e-3


@needs_fake
def test_an_engine_that_cannot_be_captured_runs_call_by_call(
    tmp_path: Path, package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = make_rows(make_schema(pair=False), 200, 2)
    monkeypatch.setattr(package.Context, "is_stream_capturable", lambda self, stream: False, raising=False)
    device, cpu = both(MODELS["MLP"](make_schema(pair=False), 16), rows, tmp_path)
    for _ in range(4):
        wanted = {"candidates": rows.items["sku"], "k": 9}
        assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted))
    assert device.graph_launches == 0


@needs_fake
def test_a_capture_that_fails_is_not_tried_again(tmp_path: Path, package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_rows(make_schema(pair=False), 200, 2)
    device, cpu = both(MODELS["MLP"](make_schema(pair=False), 16), rows, tmp_path)
    calls: list[int] = []
    execute = package.Context.execute_async_v3

    def refuse_second(self: Any, stream: int) -> bool:
        calls.append(stream)
        return len(calls) != 2 and bool(execute(self, stream))

    monkeypatch.setattr(package.Context, "execute_async_v3", refuse_second)
    for _ in range(4):
        wanted = {"candidates": rows.items["sku"], "k": 9}
        assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted))
    assert (len(calls), device.graph_launches) == (5, 0)


@needs_fake
def test_what_the_engine_says_is_told(tmp_path: Path, package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = make_rows(make_schema(pair=False), 20, 2)
    device, cpu = both(MODELS["MLP"](make_schema(pair=False), 16), rows, tmp_path)
    wanted = {"candidates": rows.items["sku"], "k": 9}
    with monkeypatch.context() as patch:
        patch.setattr(package.Context, "execute_async_v3", lambda self, stream: False)
        with pytest.raises(rf.DeviceError, match=r"EngineError: tensorrt .*the pair network in f32 did not start"):
            device.rank(rows.request, **wanted)
    with monkeypatch.context() as patch:
        patch.setattr(package.CudaEngine, "create_execution_context", lambda self: None)
        with pytest.raises(rf.DeviceError, match="gets no execution context"):
            rf.Ranker(device.model, device.catalog).rank(rows.request, **wanted)
    assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted))
    assert np.isfinite(device.rank(rows.request, **wanted).scores).all()
