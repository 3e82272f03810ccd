"""Builds the programs of this folder: with g++ against the emulator, or with nvcc for a device."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KERNELS = sorted((ROOT / "cpp" / "kernels" / "cuda").glob("*.cu"))
EMULATOR = sorted((ROOT / "tests" / "cuda" / "emulator").glob("*.cpp"))
TIMES = ROOT / "bench" / "device" / "kernel_times.cpp"
PLANTED = ROOT / "tests" / "cuda" / "planted_bugs.cpp"
TESTS = sorted(set((ROOT / "tests" / "cuda").glob("*.cpp")) - {PLANTED})
INCLUDES = ("-Icpp", "-Itests", "-Ibench")
WARNINGS = ("-Wall", "-Wextra", "-Wno-unknown-pragmas")


@dataclass(frozen=True)
class Flavour:
    """How a program is compiled.

    Attributes:
        name: Names the folder of its objects.
        sanitizer: What -fsanitize= gets, for the kernels and tests.
        emulator: Whether the emulator itself is compiled with the sanitizer too.
        flags: More flags.
    """

    name: str
    sanitizer: str = ""
    emulator: bool = True
    flags: tuple[str, ...] = ("-O1",)


PLAIN = Flavour("plain")
ADDRESS = Flavour("asan", "address,undefined", flags=("-O1", "-g", "-fno-omit-frame-pointer"))
THREAD = Flavour("tsan", "thread", emulator=False, flags=("-O1", "-g"))


def compiler() -> list[str]:
    """The C++ compiler, through the build's launcher or ccache where there is one."""
    found = shutil.which(os.environ.get("CXX", "g++"))
    if found is None:
        pytest.skip("needs a C++ compiler")
    cache = os.environ.get("CMAKE_CXX_COMPILER_LAUNCHER") or shutil.which("ccache")
    return [cache, found] if cache else [found]


def nvcc() -> str:
    """nvcc of this machine; skips where there is none."""
    found = shutil.which("nvcc")
    if found is None:
        pytest.skip("needs nvcc (the CUDA toolkit, or PyPI's cuda-toolkit[nvcc,nvvm,crt,cudart,cccl])")
    return found


def run(command: Sequence[object], **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in the root of the sources; no exception when it fails."""
    return subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment}
    )


def checked(command: Sequence[object]) -> str:
    """Runs a command that must succeed; returns what it said."""
    done = run(command)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def build_emulated(folder: Path, flavour: Flavour, tests: Sequence[Path] = tuple(TESTS)) -> Path:
    """The kernels, tests and the emulator as one program, compiled by g++; objects that are in the folder are taken."""
    folder.mkdir(parents=True, exist_ok=True)
    sanitize = [f"-fsanitize={flavour.sanitizer}", "-fno-sanitize-recover=all"] if flavour.sanitizer else []
    objects = []

    def compile_one(source: Path) -> None:
        if (made := folder / f"{source.name}.o").exists():
            return
        own = flavour.emulator or source not in EMULATOR
        told = ["-DRECFAST_EMULATOR_TSAN"] if flavour.sanitizer == "thread" else []
        command = [*compiler(), "-std=c++20", *WARNINGS, "-Werror", "-ffp-contract=off", *flavour.flags]
        command += [*(sanitize if own else []), *told, *INCLUDES, "-Itests/cuda/emulator", "-x", "c++"]
        checked([*command, "-c", source, "-o", made])

    sources = [*KERNELS, *tests, *EMULATOR]
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(compile_one, sources))
    objects = [folder / f"{source.name}.o" for source in sources]
    program = folder / f"{tests[0].stem}-{len(tests)}"
    checked([compiler()[-1], *sanitize, *objects, "-o", program])
    return program
