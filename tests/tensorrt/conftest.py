"""A machine with a GPU, as far as the engine code can tell: a device, and TensorRT's names in front of ONNX Runtime."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

import recfast as rf
from recfast.engines import Device

L4 = Device("NVIDIA L4", (8, 9), "13.0")


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Device:
    """A device that is only said to be there."""
    listed = (rf.cuda.CudaDevice(L4.name, L4.capability, 24 * 2**30),)
    found = rf.cuda.CudaStatus(built=True, available=True, reason="", devices=listed, driver=13000)
    monkeypatch.setattr(rf.cuda, "status", lambda: found)
    return L4


@pytest.fixture
def fake(gpu: Device, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The package `tensorrt`, faked."""
    pytest.importorskip("onnxruntime")
    from . import fake_tensorrt

    monkeypatch.setitem(sys.modules, "tensorrt", fake_tensorrt)
    monkeypatch.setattr(fake_tensorrt, "__name__", "tensorrt")
    monkeypatch.setattr(fake_tensorrt.Builder, "built", 0)
    return fake_tensorrt
