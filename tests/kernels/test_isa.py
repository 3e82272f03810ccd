"""Which kernels run: the best, or the ones that RECFAST_ISA names; proved in processes of their own."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

import recfast as rf

CPU_INFO = Path("/proc/cpuinfo")

# What the forced process prints: its ISA, and the bits of float results that depend on whether fma rounds once.
PROGRAM = """
import hashlib
import numpy as np
import recfast as rf
rng = np.random.default_rng(1)
table = rf.Table(rng.normal(size=(50, 85)).astype(np.float32), dtype="f32")
ids = rng.integers(0, 50, size=400)
weights = rng.normal(size=400).astype(np.float32)
bags = table.bag(ids, np.arange(0, 400, 20), weights)
exact = rf.Table(rng.integers(-9, 9, size=(50, 85)).astype(np.float32), dtype="i8").bag(ids, np.arange(0, 400, 20))
print(rf.cpu.selected(), hashlib.sha256(bags.tobytes()).hexdigest(), hashlib.sha256(exact.tobytes()).hexdigest())
"""


def run(isa: str | None, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "RECFAST_ISA"}
    if isa is not None:
        environment["RECFAST_ISA"] = isa
    package = str(Path(rf.__file__).parents[1])
    environment["PYTHONPATH"] = os.pathsep.join([package, environment.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)


def test_the_best_isa_runs_by_itself() -> None:
    for unset in (None, ""):
        result = run(unset)
        assert result.returncode == 0, result.stderr
        intel = "GenuineIntel" in CPU_INFO.read_text() if CPU_INFO.exists() else False
        assert result.stdout.split()[0] == [isa for isa in rf.cpu.available() if isa != "avx512" or intel][-1]


@pytest.mark.parametrize("isa", rf.cpu.available())
def test_the_forced_isa_is_the_one_that_runs(isa: str) -> None:
    result = run(isa)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split()[0] == isa


@pytest.mark.skipif(len(rf.cpu.available()) < 2, reason="this CPU runs one ISA")
def test_the_kernels_themselves_change_with_the_isa_and_exact_results_do_not() -> None:
    outputs = [run(isa).stdout.split() for isa in rf.cpu.available()]
    assert len({rounded for _, rounded, _ in outputs}) > 1  # with and without fma: other last bits, so other code
    assert len({exact for _, _, exact in outputs}) == 1


ELSEWHERE = "neon" if platform.machine() == "x86_64" else "avx2"
LACKED = sorted(set(rf.build_info().isas) - set(rf.cpu.available()))


@pytest.mark.parametrize("isa", ["avx9000", "AVX2", ELSEWHERE, *LACKED])
def test_an_absent_isa_fails_loudly(isa: str, shop_path: Path) -> None:
    program = (
        "import recfast as rf, numpy as np\n"
        f"load = lambda: rf.load({str(shop_path)!r})\n"
        "for touch in (rf.cpu.selected, lambda: rf.topk(np.zeros(3, np.float32), 1), load):\n"
        "    try:\n"
        "        touch()\n"
        "    except ValueError as error:\n"
        "        print(type(error).__name__, error)\n"
    )
    lines = run(isa, program).stdout.splitlines()
    assert len(lines) == 3
    reason = "this CPU lacks one of" if isa in LACKED else f"this build has {', '.join(rf.build_info().isas)};"
    for line in lines:
        assert line.startswith(f"ValueError ISA '{isa}' is not available: {reason}")
        assert f"available here: {', '.join(rf.cpu.available())}." in line


def test_what_is_there_can_be_asked_under_a_wrong_name() -> None:
    result = run("avx9000", "import recfast as rf; print(*rf.cpu.available(), *rf.build_info().isas)")
    assert tuple(result.stdout.split()) == rf.cpu.available() + rf.build_info().isas


def test_build_info_names_what_is_available() -> None:
    info = rf.build_info()
    assert set(rf.cpu.available()) <= set(info.isas)
    assert info.version == rf.__version__
    assert info.compiler
