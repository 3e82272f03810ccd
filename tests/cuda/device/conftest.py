"""These tests need a recfast that was built with CUDA, and a device; the emulator is one (test_cuda_backend.py)."""

from __future__ import annotations

import pytest

import recfast as rf
from recfast import _core


@pytest.fixture(scope="session", autouse=True)
def device() -> None:
    try:
        _core.check_cuda()
    except rf.DeviceError as error:
        pytest.skip(str(error))
