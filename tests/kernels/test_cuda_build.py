"""What a copy of recfast says of its CUDA, built with it or without; with it, it loads where there is no driver."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import recfast as rf
from recfast import _core

CUDA = rf.build_info().cuda
with_cuda = pytest.mark.skipif(CUDA is None, reason=rf.cuda.status().reason)


def test_build_and_status_agree() -> None:
    info, status = rf.build_info(), rf.cuda.status()
    assert status.built == (info.cuda is not None)
    assert bool(info.cuda_archs) == (info.cuda is not None)
    assert status.available == bool(status.devices)
    assert bool(status.reason) != status.available


@pytest.mark.skipif(CUDA is not None, reason="this build has CUDA")
def test_without_cuda_the_reason_is_how_it_was_built(shop_path: Path) -> None:
    status = rf.cuda.status()
    assert (status.built, status.devices, status.driver, status.runtime) == (False, (), 0, 0)
    assert re.fullmatch(r"this build of recfast has no CUDA: .* was (built|found).*", status.reason)
    with pytest.raises(rf.DeviceError, match=re.escape(status.reason)):
        rf.load(shop_path, device="cuda")


@with_cuda
def test_the_toolkit_and_the_architectures_are_named() -> None:
    info, status = rf.build_info(), rf.cuda.status()
    assert info.cuda is not None
    major, minor = info.cuda.split(".")[:2]
    assert status.runtime == 1000 * int(major) + 10 * int(minor)
    assert all(re.fullmatch(r"(sm|compute)_\d+[af]?", arch) for arch in info.cuda_archs)


@with_cuda
@pytest.mark.skipif(rf.cuda.status().available, reason="a CUDA device can be used here")
def test_without_a_device_cuda_says_why(shop_path: Path) -> None:
    name, text = rf.cuda.status().reason.split(": ", 1)
    assert name.startswith("cudaError")
    with pytest.raises(rf.DeviceError, match=f'{name}.*{re.escape(text)}.*use device="cpu"'):
        rf.load(shop_path, device="cuda")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_import_and_the_cpu_touch_no_library_of_cuda(shop_path: Path) -> None:
    code = (
        "import sys, recfast as rf\n"
        "model = rf.load(sys.argv[1])\n"
        "rf.Ranker(model, rf.Catalog(model, {'sku': ['a'], 'brand': ['acme'], 'price': [9.5]}))\n"
        "files = {line.split()[-1] for line in open('/proc/self/maps') if '/' in line}\n"
        "print(*[name for name in files if 'cuda' in name.rpartition('/')[2] or 'nvidia' in name.rpartition('/')[2]])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(shop_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@with_cuda
def test_the_module_is_small_enough_for_a_wheel() -> None:
    assert _core.__file__ is not None
    assert len(zlib.compress(Path(_core.__file__).read_bytes(), 6)) < 3_000_000
