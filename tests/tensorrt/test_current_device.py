"""What a device is, as `recfast.cuda.status` says it."""

from __future__ import annotations

import pytest

import recfast as rf
from recfast.cuda import CudaDevice, CudaStatus
from recfast.engines import Device, current_device

A100 = CudaDevice("NVIDIA A100-SXM4-80GB", (8, 0), 80 * 2**30)


@pytest.fixture
def one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    found = CudaStatus(built=True, available=True, reason="", devices=(A100,), driver=12080, runtime=13000)
    monkeypatch.setattr(rf.cuda, "status", lambda: found)


@pytest.mark.usefixtures("one_device")
def test_the_first_device_is_named() -> None:
    assert current_device() == Device("NVIDIA A100-SXM4-80GB", (8, 0), "12.8")


@pytest.mark.usefixtures("one_device")
@pytest.mark.parametrize("ordinal", [-1, 1])
def test_a_device_that_is_not_there(ordinal: int) -> None:
    with pytest.raises(rf.DeviceError, match=f"no CUDA device {ordinal}: there are 1"):
        current_device(ordinal)


def test_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    found = CudaStatus(built=True, available=False, reason="cudaErrorInsufficientDriver: too old", driver=12080)
    monkeypatch.setattr(rf.cuda, "status", lambda: found)
    with pytest.raises(rf.DeviceError, match="needs a CUDA device: cudaErrorInsufficientDriver: too old"):
        current_device()
