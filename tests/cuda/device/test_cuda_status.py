"""What is said of a device that is there."""

from __future__ import annotations

import pytest

import recfast as rf

pytestmark = pytest.mark.gpu


def test_the_status_lists_the_devices() -> None:
    status = rf.cuda.status()
    assert status.built
    assert status.available
    assert status.reason == ""
    assert status.driver >= status.runtime > 0
    for device in status.devices:
        assert device.name
        assert device.capability >= (7, 5)
        assert device.memory_bytes > 0
