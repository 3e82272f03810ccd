"""device=: which there are, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import recfast as rf
from recfast import _core

from ..shop_artifact import write_shop

ITEMS = {"sku": ["a", "b"], "brand": ["acme", None], "price": [9.5, 3.0]}
without_device = pytest.mark.skipif(rf.cuda.status().available, reason="a CUDA device can be used here")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop.recfast")


def test_the_cpu_is_the_default(shop: Path) -> None:
    model = rf.load(shop)
    ranker = rf.Ranker(model, rf.Catalog(model, ITEMS))
    assert (model.device, ranker.device) == ("cpu", "cpu")
    assert "cuda" not in repr(ranker)


@pytest.mark.parametrize("device", ["gpu", "cuda:0", "", None])
def test_other_devices_are_refused(shop: Path, device: Any) -> None:
    with pytest.raises(ValueError, match=r'device is "cpu" or "cuda", got'):
        rf.load(shop, device=device)
    model = rf.load(shop)
    if device is not None:  # the model's
        with pytest.raises(ValueError, match=r'device is "cpu" or "cuda", got'):
            rf.Ranker(model, rf.Catalog(model, ITEMS), device=device)


@without_device
def test_without_a_device_the_reason_is_named(shop: Path) -> None:
    with pytest.raises(rf.DeviceError, match=r'device="cuda": .*; use device="cpu"'):
        rf.load(shop, device="cuda")
    model = rf.load(shop)
    with pytest.raises(rf.DeviceError, match=r'device="cuda": .*; use device="cpu"'):
        rf.Ranker(model, rf.Catalog(model, ITEMS), device="cuda")
    with pytest.raises(rf.DeviceError, match="CUDA"):
        _core.check_cuda()
