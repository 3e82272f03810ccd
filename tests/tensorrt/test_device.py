"""Engines on a real device: built, cached, run, captured. Nothing here runs without one; `pytest -m gpu`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import recfast as rf
from recfast.engines import (
    Device,
    EngineCache,
    EngineContext,
    StoredEngine,
    current_device,
    import_package,
    open_engine,
)
from recfast_training import export_tensorrt

from .shop import ROWS, exported, small_model
from .test_opening import pair_feeds

pytestmark = pytest.mark.gpu
TOLERANCE = {"f32": 1e-4, "f16": 2e-3, "bf16": 2e-2, "i8": 0.2}  # of 1 + |score|; TF32 products count as f32


@pytest.fixture(scope="module")
def device() -> Device:
    """The device, or a skip that says why there is none."""
    if not (status := rf.cuda.status()).available:
        pytest.skip(f"no CUDA device: {status.reason}")
    if not torch.cuda.is_available():
        pytest.skip("needs a torch with CUDA, which allocates the device memory")
    return current_device()


@pytest.fixture(params=["tensorrt", "tensorrt_rtx"])
def engine(request: pytest.FixtureRequest, device: Device) -> str:
    name: str = request.param
    try:
        package = import_package(name)
    except ImportError as error:
        pytest.skip(str(error))
    if name == "tensorrt_rtx" and device.architecture not in package.ComputeCapability.__members__:
        pytest.skip(f"{name} {package.__version__} has no engines for {device.architecture}")
    return name


def exported_pair(folder: Path, engine: str, device: Device, precision: str) -> StoredEngine:
    path = exported(folder)
    capabilities = (device.architecture,) if engine == "tensorrt_rtx" else ()
    export_tensorrt(
        small_model(),
        path,
        engine=engine,
        precision=precision,
        batch=(1, 16, 64),
        capabilities=capabilities,
        examples=ROWS,
    )
    return rf.load(path).engines[0]


def on_device(feeds: dict[str, Any], rows: int) -> dict[str, torch.Tensor]:
    tensors = {name: torch.from_numpy(array).cuda() for name, array in feeds.items()}
    return {**tensors, "logit": torch.full((rows,), torch.nan, device="cuda")}


def score(context: EngineContext, feeds: dict[str, Any], rows: int) -> Any:
    tensors = on_device(feeds, rows)
    context.bind({name: tensor.data_ptr() for name, tensor in tensors.items()}, rows)
    torch.cuda.synchronize()
    context.enqueue(torch.cuda.current_stream().cuda_stream)
    torch.cuda.synchronize()
    return tensors["logit"].cpu().numpy()


def assert_close(actual: Any, wanted: Any, tolerance: float) -> None:
    assert (np.abs(actual - wanted) <= tolerance * (1 + np.abs(wanted))).all(), np.abs(actual - wanted).max()


@pytest.mark.parametrize("precision", TOLERANCE)
def test_it_scores_as_torch_does(engine: str, device: Device, precision: str, tmp_path: Path) -> None:
    stored = exported_pair(tmp_path, engine, device, precision)
    assert stored.plan is not None
    running = open_engine(stored, cache=EngineCache(tmp_path / "cache")).context()
    assert not (tmp_path / "cache").exists()  # the file's own engine fits
    for rows in (1, 7, 64):
        feeds, wanted = pair_feeds(tmp_path / "shop.recfast", rows)
        assert_close(score(running, feeds, rows), wanted, TOLERANCE[precision])


def test_it_is_built_once_and_cached(engine: str, device: Device, tmp_path: Path) -> None:
    bare = dataclasses.replace(exported_pair(tmp_path, engine, device, "f16"), plan=None)
    cache = EngineCache(tmp_path / "cache")
    feeds, wanted = pair_feeds(tmp_path / "shop.recfast", 9)
    open_engine(bare, cache=cache)
    (entry,) = cache.folder.iterdir()
    made = entry.stat().st_mtime_ns
    assert_close(score(open_engine(bare, cache=cache).context(), feeds, 9), wanted, TOLERANCE["f16"])
    assert [path.stat().st_mtime_ns for path in cache.folder.iterdir()] == [made]


def test_a_captured_graph_scores_as_the_calls_do(engine: str, device: Device, tmp_path: Path) -> None:
    stored = exported_pair(tmp_path, engine, device, "f16")
    running = open_engine(stored, cache=EngineCache(tmp_path / "cache")).context()
    feeds, wanted = pair_feeds(tmp_path / "shop.recfast", 16)
    score(running, feeds, 16)  # TensorRT asks for a run before a capture
    tensors = on_device(feeds, 16)
    running.bind({name: tensor.data_ptr() for name, tensor in tensors.items()}, 16)
    graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream()
    if not running.capturable(stream.cuda_stream):
        pytest.skip(f"{engine} says that this engine cannot be captured")
    with torch.cuda.graph(graph, stream=stream):
        running.enqueue(torch.cuda.current_stream().cuda_stream)
    tensors["logit"].fill_(torch.nan)
    graph.replay()
    torch.cuda.synchronize()
    assert_close(tensors["logit"].cpu().numpy(), wanted, TOLERANCE["f16"])


def test_the_device_says_what_it_is(device: Device) -> None:
    assert device.name == torch.cuda.get_device_name(0)
    assert device.capability == torch.cuda.get_device_capability(0)
    assert device.driver.replace(".", "").isdigit()
