"""No weak symbol in an ISA's object: a weak function compiled for AVX2 could become everybody's copy of it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILER = shlex.split(os.environ.get("CXX", "c++"))
CHECK = ROOT / "tests" / "cpp" / "isa_objects.sh"


def check(*objects: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(CHECK), "nm", *map(str, objects)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compile_to(target: Path, source: Path, *options: str) -> Path:
    command = [*COMPILER, "-std=c++20", *options, f"-I{ROOT / 'cpp'}", "-c", str(source), "-o", str(target)]
    subprocess.run(command, check=True)
    return target


needs_compiler = pytest.mark.skipif(
    shutil.which(COMPILER[0]) is None or shutil.which("nm") is None, reason="needs a C++ compiler and nm"
)


@needs_compiler
@pytest.mark.parametrize("level", ["-O0", pytest.param("-O3", marks=pytest.mark.slow)])
def test_isa_objects_define_nothing_weak(level: str, tmp_path: Path) -> None:
    sources = sorted((ROOT / "cpp" / "kernels" / "cpu").glob("isa_*.cpp"))
    objects = [compile_to(tmp_path / f"{source.name}.o", source, level) for source in sources]
    result = check(*objects)
    assert result.returncode == 0, result.stderr


@needs_compiler
def test_the_check_finds_a_weak_function(tmp_path: Path) -> None:
    source = tmp_path / "leak.cpp"
    source.write_text("inline int leaked() { return 1; }\nint (*pointer)() = leaked;\n")
    objects = [compile_to(tmp_path / f"isa_{name}.cpp.o", source, "-O0") for name in ("one", "two")]
    result = check(*objects)
    assert result.returncode == 1
    assert "leaked()" in result.stderr
