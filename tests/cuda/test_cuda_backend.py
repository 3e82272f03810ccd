"""The CUDA backend on the emulator: recfast's module built with the unmodified kernels and backend, and the tests of
device/ run on it, in several orders of threads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pybind11
import pytest

ROOT = Path(__file__).parents[2]
TESTS = "tests/cuda/device"


def checked(command: list[str], **environment: str) -> str:
    """Run a command in the root of the sources; returns what it said, asserts that it succeeded."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, its module built on the emulator. Objects stay in build/emulated for the next time."""
    bin_folder = Path(sys.executable).parent
    cmake, ninja = (
        shutil.which(name, path=f"{bin_folder}{os.pathsep}{os.environ['PATH']}") for name in ("cmake", "ninja")
    )
    if cmake is None or ninja is None:
        pytest.skip("needs cmake and ninja")
    build = ROOT / "build" / "emulated"
    launcher = os.environ.get("CMAKE_CXX_COMPILER_LAUNCHER")
    options = [
        "-DCMAKE_BUILD_TYPE=Release",
        "-DRECFAST_CUDA_EMULATED=ON",
        f"-DCMAKE_MAKE_PROGRAM={ninja}",
        f"-DPython_EXECUTABLE={sys.executable}",
        f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
        *(["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if launcher is None and shutil.which("ccache") else []),
    ]
    checked([cmake, "-S", str(ROOT), "-B", str(build), "-G", "Ninja", *options])
    checked([cmake, "--build", str(build)])
    folder = tmp_path_factory.mktemp("emulated")
    shutil.copytree(
        ROOT / "python" / "recfast", folder / "recfast", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    (module,) = build.glob("_core*.so")
    shutil.copy(module, folder / "recfast")
    return folder


@pytest.mark.parametrize("order", ["forward", pytest.param("reverse", marks=pytest.mark.slow), "7"])
def test_the_backend_ranks_as_the_cpu_does(emulated: Path, order: str) -> None:
    said = checked(
        [sys.executable, "-m", "pytest", TESTS, "-q", "-p", "no:cacheprovider"],
        PYTHONPATH=str(emulated),
        RECFAST_EMULATOR_ORDER=order,
    )
    assert " passed" in said
    assert "skipped" not in said


def test_without_a_driver_the_reason_is_named(emulated: Path) -> None:
    code = """
import recfast as rf, recfast._core as core
try:
    core.check_cuda()
except rf.DeviceError as error:
    print(error)
status = rf.cuda.status()
assert status.built and not status.available and status.devices == (), status
assert status.reason.startswith("cudaErrorInsufficientDriver: "), status
"""
    said = checked([sys.executable, "-c", code], PYTHONPATH=str(emulated), RECFAST_EMULATOR_DEVICES="0")
    assert "cudaErrorInsufficientDriver" in said
    assert 'use device="cpu"' in said
