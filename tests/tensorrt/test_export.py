"""`export_tensorrt`: what is added to the file, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recfast as rf
from recfast.artifact import read_artifact, write_artifact
from recfast.cli import main
from recfast.engines import hash_bytes
from recfast_training import export_tensorrt
from recfast_training.models import DeepFM

from .shop import ROWS, exported, small_model


def test_the_engines_stand_in_the_file(fake: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = exported(tmp_path)
    before = read_artifact(path)
    added = export_tensorrt(small_model(), path, batch=(1, 64, 256), precision="f32")
    assert [(e.network, e.precision, e.options.batch) for e in added] == [
        ("pair", "f32", (1, 64, 256)),
        ("dense", "f32", (1, 64, 256)),
    ]
    model = rf.load(path)
    for stored, made in zip(model.engines, added, strict=True):
        assert stored.onnx.tobytes() == made.onnx.tobytes()
        assert stored.plan is not None
        assert (hash_bytes(stored.onnx), hash_bytes(stored.plan)) == (stored.onnx_hash, stored.plan_hash)
        assert (stored.inputs, stored.version, stored.device) == (made.inputs, fake.__version__, made.device)
        assert stored.layers == made.layers
        assert "deep.1" in [layer.name for layer in stored.layers]
    assert before.tensors.keys() < read_artifact(path).tensors.keys()
    assert main(["inspect", str(path)]) == 0
    printed = capsys.readouterr().out
    assert f"{added[0].onnx_hash}" in printed
    assert "Layers of the engines" in printed
    assert "engine.tensorrt" not in printed


def test_the_same_kind_is_replaced_and_others_stay(fake: Any, tmp_path: Path) -> None:
    path, model = exported(tmp_path), small_model()
    export_tensorrt(model, path, precision="f32")
    export_tensorrt(model, path, precision="f16")
    once = path.read_bytes()
    export_tensorrt(model, path, precision="f16")
    assert path.read_bytes() == once
    export_tensorrt(model, path, precision="f32", batch=(1, 2, 3))
    engines = {engine.key: engine.options.batch for engine in rf.load(path).engines}
    assert engines == {
        "tensorrt.pair.f16": (1, 512, 4096),
        "tensorrt.dense.f16": (1, 512, 4096),
        "tensorrt.pair.f32": (1, 2, 3),
        "tensorrt.dense.f32": (1, 2, 3),
    }


def test_full_tensorrt_without_a_device_leaves_the_network_alone(tmp_path: Path) -> None:
    path = exported(tmp_path)
    assert [engine.plan for engine in export_tensorrt(small_model(), path)] == [None, None]
    assert [engine.plan for engine in rf.load(path).engines] == [None, None]


def test_scores_do_not_change(fake: Any, tmp_path: Path) -> None:
    path = exported(tmp_path)
    before = rf.load(path).score(ROWS)
    export_tensorrt(small_model(), path, precision="i8", examples=ROWS)
    np.testing.assert_array_equal(rf.load(path).score(ROWS), before)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"engine": "onnx"}, ValueError, "engine= is 'tensorrt' or 'tensorrt_rtx', got 'onnx'"),
        ({"precision": "fp8"}, ValueError, "'f32', 'f16', 'bf16', 'i8', got 'fp8'"),
        ({"precision": "i8"}, ValueError, "needs examples="),
        ({"batch": (0, 1, 2)}, ValueError, "least <= usual <= most"),
        ({"batch": (1, 9, 2)}, ValueError, "least <= usual <= most"),
        ({"batch": (1, 2, 2**21)}, ValueError, "most <= 1048576"),
        ({"batch": (1, 2)}, TypeError, "three whole numbers"),
        ({"batch": (1, 2.0, 3)}, TypeError, "three whole numbers"),
        ({"capabilities": ("SM80",)}, ValueError, "builds for the GPU that it runs on"),
        ({"engine": "tensorrt_rtx", "capabilities": "SM80"}, TypeError, "a sequence of names"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path: Path, arguments: Any, error: type[Exception], match: str) -> None:
    path = exported(tmp_path)
    before = path.read_bytes()
    with pytest.raises(error, match=match):
        export_tensorrt(small_model(), path, **arguments)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("engine", "extra"), [("tensorrt", "tensorrt"), ("tensorrt_rtx", "tensorrt-rtx")])
def test_a_package_that_is_not_installed_is_named_with_its_extra(
    gpu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(ImportError, match=rf'pip install "recfast\[{extra}\]"'):
        export_tensorrt(small_model(), exported(tmp_path), engine=engine)


def test_the_file_of_another_model_is_refused(tmp_path: Path) -> None:
    path = exported(tmp_path)
    with pytest.raises(ValueError, match="another model, or of other weights"):
        export_tensorrt(small_model(seed=1), path)
    with pytest.raises(ValueError, match="another model, or of other weights"):
        export_tensorrt(DeepFM(small_model().schema, dim=4, hidden=(8,)), path)


def test_a_file_that_is_absent_has_to_be_exported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        export_tensorrt(small_model(), tmp_path / "absent.recfast")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda entries: entries[0].pop("onnx"), "'onnx' is missing"),
        (lambda entries: entries[0].update(engine="tensorflow"), "got 'tensorflow'"),
        (lambda entries: entries[0].update(batch=[3, 2, 1]), "least <= usual <= most"),
        (lambda entries: entries[0]["onnx"].update(tensor="absent"), "'absent' is missing"),
        (lambda entries: entries[0]["onnx"].update(size_bytes=1), "expected 1 bytes"),
        (lambda entries: entries[0].update(inputs=[{"name": 1, "side": "item", "parts": []}]), "expected a string"),
        (lambda entries: entries[0]["inputs"][0]["parts"].append(["x", "value", -1]), "at least 1, got -1"),
        (lambda entries: entries[0].update(layers=[{"name": "x"}]), "is missing"),
        (lambda entries: entries.append(entries[0]), "two engines of one kind"),
        (lambda entries: entries.append("engine"), "engines"),
        (lambda entries: entries[0].update(network="wide"), "expected one of"),
    ],
)
def test_a_hostile_section_is_a_format_error(fake: Any, tmp_path: Path, change: Any, match: str) -> None:
    path = exported(tmp_path)
    export_tensorrt(small_model(), path)
    artifact = read_artifact(path)
    change(artifact.manifest["engines"])
    write_artifact(tmp_path / "hostile.recfast", artifact.manifest, artifact.tensors)
    with pytest.raises(rf.FormatError, match=match):
        rf.load(tmp_path / "hostile.recfast")
