"""An ISA's object defines nothing weak (it could become everybody's copy) and uses the registers of its ISA."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILER = shlex.split(os.environ.get("CXX", "c++"))
CHECK = ROOT / "tests" / "cpp" / "isa_objects.sh"


def check(*objects: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(CHECK), "nm", "objdump", *map(str, objects)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compile_to(target: Path, source: Path, *options: str) -> Path:
    command = [*COMPILER, "-std=c++20", *options, f"-I{ROOT / 'cpp'}", "-c", str(source), "-o", str(target)]
    subprocess.run(command, check=True)
    return target


needs_compiler = pytest.mark.skipif(
    shutil.which(COMPILER[0]) is None or shutil.which("objdump") is None, reason="needs a C++ compiler and binutils"
)


@needs_compiler
@pytest.mark.parametrize("level", ["-O0", pytest.param("-O3", marks=pytest.mark.slow)])
def test_isa_objects_define_nothing_weak_and_use_their_registers(level: str, tmp_path: Path) -> None:
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


@needs_compiler
@pytest.mark.skipif(platform.machine() != "x86_64", reason="looks for registers of x86-64")
@pytest.mark.parametrize(("isa", "target"), [("baseline", "avx2"), ("avx2", "avx512f"), ("avx512", "avx2")])
def test_the_check_finds_registers_of_another_isa(isa: str, target: str, tmp_path: Path) -> None:
    source = tmp_path / "wrong.cpp"
    size = 64 if target == "avx512f" else 32
    source.write_text(
        f"typedef float V __attribute__((vector_size({size})));\nnamespace recfast::{isa} {{ int kTable; }}\n"
        f'__attribute__((target("{target}"))) void twice(V* v) {{ *v += *v; }}\n'
    )
    result = check(compile_to(tmp_path / f"isa_{isa}.cpp.o", source, "-O2"))
    assert result.returncode == 1
    assert "register" in result.stderr
