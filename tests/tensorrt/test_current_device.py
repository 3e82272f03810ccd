"""What a device is, asked of a driver that is faked."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

import recfast as rf
from recfast.engines import Device, current_device


class Driver:
    """libcuda's functions; `broken` is the one that fails."""

    def __init__(self, broken: str = "") -> None:
        self._broken = broken

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> int:
            if name == self._broken:
                return 999
            if name == "cuDeviceGetName":
                arguments[0].value = b"NVIDIA A100-SXM4-80GB"
            elif name == "cuDeviceGetAttribute":
                arguments[0]._obj.value = {75: 8, 76: 0}[arguments[1]]
            elif name == "cuDriverGetVersion":
                arguments[0]._obj.value = 12080
            return 0

        return call


@pytest.fixture
def available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rf.cuda, "status", lambda: rf.cuda.CudaStatus(built=True, available=True, reason=""))


@pytest.mark.usefixtures("available")
def test_the_driver_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver())
    assert current_device() == Device("NVIDIA A100-SXM4-80GB", (8, 0), "12.8")


@pytest.mark.usefixtures("available")
def test_a_driver_that_fails_is_a_device_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver("cuDeviceGet"))
    with pytest.raises(rf.DeviceError, match="cuDeviceGet failed with CUDA error 999"):
        current_device()


@pytest.mark.usefixtures("available")
def test_a_driver_that_cannot_be_opened_is_a_device_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError(f"{name}: no such file")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    with pytest.raises(rf.DeviceError, match=r"cannot be opened: libcuda.so.1: no such file"):
        current_device()
