"""RECFAST_CUDA=AUTO|ON|OFF: what the build decides where nvcc is there, is not, or cannot do its work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .programs import ROOT, nvcc

# The decision alone: it prints what cmake/cuda.cmake has set.
PROJECT = f"""
cmake_minimum_required(VERSION 3.25)
project(decision LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
include({ROOT}/cmake/cuda.cmake)
message(STATUS "decided: [${{RECFAST_CUDA_COMPILER}}] [${{RECFAST_NO_CUDA}}] [${{RECFAST_CUDA_ARCH_NAMES}}]")
message(STATUS "flags: [${{CMAKE_CUDA_FLAGS}}] with [${{CMAKE_CUDA_COMPILER}}]")
if(RECFAST_CUDA_COMPILER STREQUAL "nvcc")
  file(WRITE ${{CMAKE_BINARY_DIR}}/kernel.cu "#include <concepts>\\n__global__ void kernel() {{}}\\n")
  add_library(kernel OBJECT ${{CMAKE_BINARY_DIR}}/kernel.cu)
endif()
"""
FOLDERS = [*os.environ["PATH"].split(os.pathsep), "/usr/local/cuda/bin"]
HIDDEN = f"-DCMAKE_IGNORE_PATH={';'.join(folder for folder in FOLDERS if Path(folder, 'nvcc').exists())}"
BROKEN = "nvcc did not compile and link a small program where it was built"
ABSENT = "no nvcc was found where it was built"
# The oldest CMake that is allowed knows less of nvcc than the newest.
PATHS = [str(Path(sys.executable).parent), *os.environ["PATH"].split(os.pathsep)]
FOUND = [found for folder in PATHS if (found := shutil.which("cmake", path=folder)) is not None]
CMAKES = list({os.path.realpath(found): found for found in reversed(FOUND)}.values())[::-1]
Decide = Callable[..., tuple[int, str]]


@pytest.fixture
def decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decide:
    """Configures a project with the options; returns the exit status and what CMake said, on one line."""
    for name in ("CUDACXX", "CUDAHOSTCXX", "CUDAARCHS"):
        monkeypatch.delenv(name, raising=False)
    ninja = shutil.which("ninja", path=os.pathsep.join(PATHS))
    if not CMAKES or ninja is None:
        pytest.skip("needs cmake and ninja")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "CMakeLists.txt").write_text(PROJECT)

    def configure(*options: str, cmake: str = CMAKES[0], **environment: str) -> tuple[int, str]:
        command = [cmake, "-S", tmp_path / "project", "-B", tmp_path / "build", "-G", "Ninja"]
        done = subprocess.run(
            [*command, f"-DCMAKE_MAKE_PROGRAM={ninja}", f"-DPython_EXECUTABLE={sys.executable}", *options],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
        )
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    return configure


def make_nvcc(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "nvcc").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "nvcc").chmod(0o755)
    return folder / "nvcc"


def test_off_looks_for_nothing(decide: Decide) -> None:
    result, said = decide("-DRECFAST_CUDA=OFF")
    assert result == 0
    assert "decided: [] [it was built with RECFAST_CUDA=OFF] []" in said
    assert "recfast is built without CUDA" not in said


def test_another_word_is_refused(decide: Decide) -> None:
    result, said = decide("-DRECFAST_CUDA=MAYBE")
    assert result != 0
    assert "RECFAST_CUDA is AUTO, ON or OFF, not 'MAYBE'" in said


@pytest.mark.parametrize("word", ["AUTO", "ON"])
def test_without_nvcc_auto_warns_and_on_fails(decide: Decide, word: str) -> None:
    if any(any(Path(folder).glob("nvidia/cu*/bin/nvcc")) for folder in sys.path if folder):
        pytest.skip("this Python has a toolkit of packages")
    result, said = decide(f"-DRECFAST_CUDA={word}", HIDDEN)
    assert (result == 0) == (word == "AUTO")
    assert ABSENT in said
    assert "pip install 'cuda-toolkit[nvcc,nvvm,crt,cudart,cccl]==" in said
    assert ("recfast is built without CUDA" in said) == (word == "AUTO")
    assert ("RECFAST_CUDA=ON, but" in said) == (word == "ON")


@pytest.mark.parametrize("word", ["AUTO", "ON"])
def test_an_nvcc_that_cannot_compile_is_quoted(decide: Decide, tmp_path: Path, word: str) -> None:
    broken = make_nvcc(tmp_path / "toolkit" / "bin", "echo 'unsupported GNU version!' >&2; exit 1")
    result, said = decide(f"-DRECFAST_CUDA={word}", CUDACXX=str(broken))
    assert (result == 0) == (word == "AUTO")
    assert f"{BROKEN}. {broken} said: unsupported GNU version!" in said


def test_an_nvcc_that_is_not_there_is_named(decide: Decide) -> None:
    result, said = decide("-DCMAKE_CUDA_COMPILER=/nowhere/nvcc")
    assert result == 0
    assert f"{BROKEN}. /nowhere/nvcc said:" in said


def test_a_toolkit_of_packages_is_found_and_its_libraries_are_named(decide: Decide, tmp_path: Path) -> None:
    root = tmp_path / "packages" / "nvidia" / "cu13"
    make_nvcc(root / "bin", 'echo "given: $*"; exit 1')
    (root / "lib").mkdir()
    (root / "lib" / "libcudart_static.a").touch()
    result, said = decide(HIDDEN, PYTHONPATH=str(tmp_path / "packages"))
    assert result == 0
    assert f"{root}/bin/nvcc said: given: -std=c++20" in said
    assert "-gencode=arch=compute_80,code=sm_80 -gencode=arch=compute_90,code=sm_90" in said
    assert f"-gencode=arch=compute_90,code=compute_90 -L{root}/lib probe.cu" in said


def test_the_emulator_asks_for_no_nvcc(decide: Decide) -> None:
    result, said = decide("-DRECFAST_CUDA=ON", "-DRECFAST_CUDA_EMULATED=ON", HIDDEN)
    assert result == 0
    assert "decided: [emulator] [] []" in said


@pytest.mark.parametrize("cmake", CMAKES)
@pytest.mark.parametrize(
    ("architectures", "names"), [("", "sm_80;sm_90;compute_90"), ("89;120-virtual", "sm_89;compute_89;compute_120")]
)
def test_with_nvcc_on_takes_it(decide: Decide, cmake: str, architectures: str, names: str) -> None:
    found = nvcc()
    wanted = {"CUDAARCHS": architectures} if architectures else {}
    result, said = decide("-DRECFAST_CUDA=ON", cmake=cmake, **wanted)
    assert result == 0, said
    assert f"decided: [nvcc] [] [{names}]" in said
    assert f"with [{found}]" in said
    again, said = decide(
        "-DRECFAST_CUDA=ON", cmake=cmake, **wanted
    )  # of the same folder: what the first found stands in its cache
    assert again == 0, said
    assert f"decided: [nvcc] [] [{names}]" in said
