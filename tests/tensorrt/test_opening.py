"""From a stored network to a running engine: fits, cache, rebuilds with the reason said, and what is refused."""

from __future__ import annotations

import dataclasses
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recfast as rf
from recfast.engines import (
    BuildOptions,
    Device,
    Engine,
    EngineCache,
    EngineError,
    InputPart,
    NetworkInput,
    StoredEngine,
    build_plan,
    hash_bytes,
    network_inputs,
    open_engine,
)
from recfast_training import encode, export_tensorrt

from .shop import ROWS, SCHEMA, exported, small_model
from .test_networks import expected

H100 = Device("NVIDIA H100", (9, 0), "13.0")


def stored_pair(path: Path) -> StoredEngine:
    return rf.load(path).engines[0]


@pytest.fixture
def path(fake: Any, tmp_path: Path) -> Path:
    """A file with an engine that was built on the device."""
    path = exported(tmp_path)
    export_tensorrt(small_model(), path, precision="f32", batch=(1, 16, 64))
    fake.Builder.built = 0
    return path


@pytest.fixture
def cache(tmp_path: Path) -> EngineCache:
    return EngineCache(tmp_path / "cache")


def score(engine: Engine, feeds: dict[str, Any]) -> Any:
    """Run an engine on host memory."""
    rows = max(map(len, feeds.values()))
    out = np.full(rows, np.nan, np.float32)
    context = engine.context()
    context.bind({**{name: a.ctypes.data for name, a in feeds.items()}, "logit": out.ctypes.data}, rows)
    context.enqueue(7)
    return out


def feeds_of(path: Path, index: int, rows: dict[str, Any]) -> dict[str, Any]:
    """What the core hands to an engine for rows of one request."""
    model = rf.load(path)
    feeds = network_inputs(model, model.engines[index].inputs, rows)
    return {name: array[:1] if name == "request" else array for name, array in feeds.items()}


def rows_of_one_request(count: int) -> dict[str, Any]:
    """Raw rows, all with the request of the first."""
    request = {f.name for f in SCHEMA.request} | {f.map for f in SCHEMA.pair if isinstance(f, rf.Match)}
    return {name: [values[0]] * count if name in request else list(values[:count]) for name, values in ROWS.items()}


def pair_feeds(path: Path, count: int) -> tuple[dict[str, Any], Any]:
    """What the core hands to the pair-side network for candidates of one request, and torch's scores."""
    rows = rows_of_one_request(count)
    return feeds_of(path, 0, rows), expected(small_model(), encode(SCHEMA, rows))


def test_the_engine_of_the_file_runs_on_addresses(path: Path, fake: Any, cache: EngineCache) -> None:
    engine = open_engine(stored_pair(path), cache=cache)
    assert set(engine.inputs) == {"request", "item", "pair"}
    assert engine.outputs == ("logit",)
    assert engine.batch == (1, 16, 64)
    assert "logit" in repr(engine)
    for rows in (1, 7, 64, 3):
        feeds, wanted = pair_feeds(path, rows)
        assert {name: engine.width(name) for name in feeds} == {name: a.shape[1] for name, a in feeds.items()}
        np.testing.assert_allclose(score(engine, feeds), wanted, rtol=1e-5, atol=1e-5)
    assert fake.Builder.built == 0
    assert not cache.folder.exists()


def test_an_engine_is_built_once_and_then_cached(path: Path, fake: Any, cache: EngineCache) -> None:
    bare = dataclasses.replace(stored_pair(path), plan=None, plan_hash="", version="", device=None)
    feeds, wanted = pair_feeds(path, 9)
    for _ in range(3):
        np.testing.assert_allclose(score(open_engine(bare, cache=cache), feeds), wanted, rtol=1e-5, atol=1e-5)
    assert fake.Builder.built == 1
    assert len(list(cache.folder.iterdir())) == 1


def rebuilt(stored: StoredEngine, device: Device | None, cache: EngineCache, caplog: Any) -> str:
    with caplog.at_level(logging.INFO, logger="recfast.engines"):
        open_engine(stored, device, cache=cache)
    return str(caplog.text)


def test_an_engine_of_another_version_is_rebuilt(path: Path, fake: Any, cache: EngineCache, caplog: Any) -> None:
    stored = dataclasses.replace(stored_pair(path), version="9.0.1")
    assert "is of version 9.0.1, tensorrt is 10.13.0" in rebuilt(stored, None, cache, caplog)
    assert fake.Builder.built == 1


def test_an_engine_for_another_gpu_is_rebuilt(path: Path, fake: Any, cache: EngineCache, caplog: Any) -> None:
    said = rebuilt(stored_pair(path), H100, cache, caplog)
    assert "for NVIDIA L4 (SM89, driver 13.0), this is NVIDIA H100 (SM90, driver 13.0)" in said
    assert fake.Builder.built == 1
    said = rebuilt(dataclasses.replace(stored_pair(path), plan=None), None, cache, caplog)
    assert "built for GPU 'NVIDIA H100, SM90', this is 'NVIDIA L4, SM89'" in said
    assert fake.Builder.built == 2


def test_an_engine_that_cannot_be_deserialised_is_rebuilt(
    path: Path, fake: Any, cache: EngineCache, caplog: Any
) -> None:
    stored = stored_pair(path)
    assert "has XXH64" in rebuilt(dataclasses.replace(stored, plan_hash="0" * 16), None, cache, caplog)
    broken = np.frombuffer(b"no engine", np.uint8)
    damaged = dataclasses.replace(stored, plan=broken, plan_hash=hash_bytes(broken))
    assert "the version tag does not match" in rebuilt(damaged, None, cache, caplog)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[: len(data) // 2], "is damaged"),
        (lambda data: data[:-300] + bytes([data[-300] ^ 1]) + data[-299:], "is damaged"),
        (lambda data: b"", "is damaged"),
    ],
)
def test_a_damaged_cache_entry_is_rebuilt(
    path: Path, fake: Any, cache: EngineCache, caplog: Any, damage: Any, reason: str
) -> None:
    bare = dataclasses.replace(stored_pair(path), plan=None)
    open_engine(bare, cache=cache)
    (entry,) = cache.folder.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))
    assert reason in rebuilt(bare, None, cache, caplog)
    assert entry.read_bytes() == whole
    assert fake.Builder.built == 2


def test_an_entry_of_something_else_is_stale(path: Path, fake: Any, cache: EngineCache, caplog: Any) -> None:
    bare = dataclasses.replace(stored_pair(path), plan=None)
    open_engine(bare, cache=cache)
    (entry,) = cache.folder.iterdir()
    other = entry.read_bytes()
    open_engine(bare, H100, cache=cache)
    moved = next(e for e in cache.folder.iterdir() if e != entry)
    moved.write_bytes(other)
    assert "is stale: built for GPU" in rebuilt(bare, H100, cache, caplog)
    assert fake.Builder.built == 3


def test_a_folder_that_cannot_be_written_costs_only_the_cache(
    path: Path, fake: Any, tmp_path: Path, caplog: Any
) -> None:
    (tmp_path / "file").write_text("in the way")
    bare = dataclasses.replace(stored_pair(path), plan=None)
    assert "is not cached" in rebuilt(bare, None, EngineCache(tmp_path / "file"), caplog)


def test_the_cache_stands_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert EngineCache().folder == tmp_path / "recfast" / "engines"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert EngineCache().folder == tmp_path / ".cache" / "recfast" / "engines"


def test_rows_and_names_are_checked(path: Path, cache: EngineCache) -> None:
    context = open_engine(stored_pair(path), cache=cache).context()
    feeds, _ = pair_feeds(path, 2)
    addresses = {name: array.ctypes.data for name, array in feeds.items()}
    with pytest.raises(ValueError, match="takes 1 to 64 rows, got 65"):
        context.bind({**addresses, "logit": 64}, 65)
    with pytest.raises(ValueError, match="has the tensors"):
        context.bind(addresses, 2)
    with pytest.raises(EngineError, match="refuses the address 0x0 of 'logit'"):
        context.bind({**addresses, "logit": 0}, 2)
    with pytest.raises(EngineError, match="did not start"):
        open_engine(stored_pair(path), cache=cache).context().enqueue(0)


def test_the_package_says_whether_a_call_can_be_captured(
    path: Path, fake: Any, cache: EngineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_engine(stored_pair(path), cache=cache).context().capturable(0)  # full TensorRT cannot say
    monkeypatch.setattr(fake.Context, "is_stream_capturable", lambda self, stream: stream == 7, raising=False)
    context = open_engine(stored_pair(path), cache=cache).context()
    assert (context.capturable(7), context.capturable(0)) == (True, False)


def test_an_engine_for_other_architectures_is_refused(gpu: Device, tmp_path: Path, fake: Any) -> None:
    options = BuildOptions(engine="tensorrt_rtx", batch=(1, 16, 64), capabilities=("SM80", "SM120"))
    path = exported(tmp_path)
    export_tensorrt(small_model(), path)
    stored = dataclasses.replace(stored_pair(path), options=options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "tensorrt_rtx", fake)
        with pytest.raises(EngineError, match="is for SM80, SM120, NVIDIA L4 is SM89; export it with that capability"):
            open_engine(stored)


def test_importing_recfast_and_loading_a_file_without_engines_leave_this_room_alone(shop_path: Path) -> None:
    code = f"import sys, recfast; recfast.load({str(shop_path)!r}); print('recfast.engines' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_an_op_that_tensorrt_refuses_is_named(fake: Any) -> None:
    from onnx import TensorProto, helper

    node = helper.make_node("Unique", ["x"], ["y"], name="odd")
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["B"]) for name in "xy"]
    model = helper.make_model(helper.make_graph([node], "g", info[:1], info[1:]))
    options = BuildOptions(engine="tensorrt", batch=(1, 2, 3))
    with pytest.raises(EngineError, match=r"tensorrt 10.13.0 refuses the network: layer 'odd' \(Unique\): no importer"):
        build_plan(model.SerializeToString(), options)


def test_without_a_device_tensorrt_is_not_touched(
    path: Path, cache: EngineCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = stored_pair(path)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(rf.DeviceError, match="needs a CUDA device: "):
        open_engine(stored, cache=cache)
    with pytest.raises(rf.DeviceError, match="building an engine with tensorrt needs a CUDA device: "):
        build_plan(b"", stored.options)


@pytest.mark.parametrize("network", [0, 1])
def test_engines_score_as_the_compiled_core_does(path: Path, cache: EngineCache, network: int) -> None:
    """The same raw rows: `Model.score`, and both networks behind TensorRT's names on what the core hands over."""
    model, rows = rf.load(path), rows_of_one_request(40)
    engine = open_engine(model.engines[network], cache=cache)
    np.testing.assert_allclose(score(engine, feeds_of(path, network, rows)), model.score(rows), rtol=1e-5, atol=1e-5)


def test_parts_that_a_program_lacks_are_refused(shop_path: Path) -> None:
    model, rows = rf.load(shop_path), {"country": ["de"], "brand": ["acme"], "price": [1.0]}

    def read(slot: str, part: str, side: str, width: int) -> Any:
        return network_inputs(model, [NetworkInput("x", side, (InputPart(slot, part, width),))], rows)

    assert read("h", "product", "item", 16)["x"].shape == (1, 16)
    for arguments, message in {
        ("absent", "value", "item", 1): "no slot 'absent'",
        ("h", "product", "pair", 16): "the slot 'h' has no such part on that side",
        ("h", "product", "item", 8): "is 16 wide, expected 8",
        ("h", "half", "item", 8): "unknown part 'half'",
        ("brand", "value", "item", 1): "the slot 'brand' holds ids",
    }.items():
        with pytest.raises(ValueError, match=message):
            read(*arguments)
