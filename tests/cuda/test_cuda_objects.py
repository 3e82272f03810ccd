"""What nvcc makes of the CUDA kernels: registers, spills, architectures, wide loads."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from .programs import INCLUDES, KERNELS, TESTS, checked, nvcc, run

ARCHS = ("80", "90")
NVCC = ("-std=c++20", "-O3", "--fmad=false", *INCLUDES)
# The most registers that a kernel may use, by a part of its mangled name: 64 let 1,024 threads run on a multiprocessor.
REGISTERS = {
    "embedding_bag_kernel": 72,
    "join_rows_kernel": 32,
    "dot_scores_kernel": 48,
    "top_k_kernel": 40,
    "linear_kernel": 40,
    "linear_tile_kernel": 80,
    "fm_kernel": 48,
    "cross_kernel": 32,
    "dots_kernel": 56,
    "normalise_kernel": 40,
    "pick_kernel": 32,
    "ids_kernel": 32,
    "vector_bounds_kernel": 56,
}
USAGE = re.compile(
    r"Compiling entry function '(?P<name>\w+)' for 'sm_(?P<arch>\d+)'.*?"
    r"(?P<stores>\d+) bytes spill stores, (?P<loads>\d+) bytes spill loads.*?Used (?P<registers>\d+) registers",
    re.DOTALL,
)


def tool(name: str) -> str:
    """A CUDA binary tool, of the toolkit or of PyPI's nvidia-cuda-<name>; skips where there is none."""
    found = shutil.which(name)
    packaged = sorted(Path(sys.prefix).glob(f"lib/python*/site-packages/nvidia/*/bin/{name}"))
    if found is None and not packaged:
        pytest.skip(f"needs {name}: pip install nvidia-cuda-{name}")
    return found or str(packaged[0])


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """By the kernel's file: its object for every architecture, and what ptxas said."""
    folder = tmp_path_factory.mktemp("objects")
    codes = [f"-gencode=arch=compute_{arch},code=sm_{arch}" for arch in ARCHS]
    compiled = {}
    for source in KERNELS:
        made = folder / f"{source.stem}.o"
        said = checked([nvcc(), *NVCC, *codes, "-Xptxas", "-v", "-c", source, "-o", made])
        compiled[source.stem] = (made, said)
    return compiled


def test_no_kernel_spills_and_each_keeps_to_its_registers(compiled: dict[str, tuple[Path, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    for stem, (_, said) in compiled.items():
        for usage in USAGE.finditer(said):
            (budget,) = [key for key in REGISTERS if key in usage["name"]]
            seen.add((stem, usage["arch"]))
            assert (usage["stores"], usage["loads"]) == ("0", "0"), usage["name"]
            assert int(usage["registers"]) <= REGISTERS[budget], (usage["name"], usage["arch"])
    assert seen == {(stem, arch) for stem in compiled for arch in ARCHS}


def test_an_object_holds_code_for_every_architecture(compiled: dict[str, tuple[Path, str]]) -> None:
    for made, _ in compiled.values():
        listed = checked([tool("cuobjdump"), "--list-elf", made])
        assert set(re.findall(r"sm_(\d+)", listed)) == set(ARCHS)


def test_bags_are_read_16_bytes_at_a_time(compiled: dict[str, tuple[Path, str]], tmp_path: Path) -> None:
    disassembler = tool("nvdisasm")
    for arch in ARCHS:
        folder = tmp_path / arch
        folder.mkdir()
        extract = [Path(tool("cuobjdump")), "-xelf", f"sm_{arch}", compiled["embedding_bag"][0]]
        checked(["env", "-C", folder, *extract])
        (cubin,) = folder.glob("*.cubin")
        code = checked([disassembler, "-c", cubin])
        for function in re.split(r"^\s*\.section\s+\.text\.", code, flags=re.MULTILINE)[1:]:
            assert re.search(r"LDG\.E\.128", function), function.split(",")[0]


def device_program(folder: Path) -> Path:
    program = folder / "kernels"
    command = [nvcc(), *NVCC[:1], "-O2", "--fmad=false", *INCLUDES, "-arch=native", "-x", "cu", *KERNELS, *TESTS]
    checked([*command, "-o", program])
    return program


@pytest.fixture(scope="module")
def on_device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test program for this machine's device; skips where there is none."""
    import recfast

    status = recfast.cuda.status()
    if not status.available:
        pytest.skip(f"needs a CUDA device: {status.reason}")
    return device_program(tmp_path_factory.mktemp("device"))


@pytest.mark.gpu
def test_kernels_equal_plain_loops_on_the_device(on_device: Path) -> None:
    done = run([on_device])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.gpu
@pytest.mark.parametrize("check", ["memcheck", "racecheck", "synccheck", "initcheck"])
def test_the_compute_sanitizer_sees_nothing(on_device: Path, check: str) -> None:
    sanitizer = shutil.which("compute-sanitizer")
    if sanitizer is None:
        pytest.skip("needs compute-sanitizer, a part of the CUDA toolkit")
    done = run([sanitizer, "--tool", check, "--error-exitcode", "1", on_device], RECFAST_TEST_SMALL="1")
    assert done.returncode == 0, done.stdout + done.stderr
