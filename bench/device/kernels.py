"""Kernels alone: a program of their launchers, compiled when it is needed, and tables of what it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..competitors import Absent
from ..machine import ROOT
from .cards import CARDS, Card

SOURCES = [*sorted((ROOT / "cpp" / "kernels" / "cuda").glob("*.cu")), Path(__file__).with_name("kernel_times.cpp")]
FLAGS = ("-std=c++20", "--fmad=false", "-Icpp", "-Itests", "-Ibench")
USAGE = re.compile(
    r"Compiling entry function '(?P<name>\w+)' for 'sm_(?P<arch>\d+)'.*?"
    r"(?P<stores>\d+) bytes spill stores, (?P<loads>\d+) bytes spill loads.*?Used (?P<registers>\d+) registers",
    re.DOTALL,
)


def build(folder: Path, arch: str = "native") -> Path:
    """The program for this machine's device, or another architecture.

    Raises:
        Absent: there is no nvcc.
    """
    program = folder / "kernel_times"
    _said([_nvcc(), *FLAGS, "-O3", f"-arch={arch}", "-x", "cu", *SOURCES, "-o", program])
    return program


def run(program: Path, *arguments: str) -> list[dict[str, Any]]:
    """What the program prints: one value per case.

    Raises:
        AssertionError: a kernel's answer is another one.
    """
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def resources(folder: Path, archs: Sequence[str] = ("80", "90")) -> dict[str, dict[str, dict[str, int]]]:
    """By kernel and architecture the most registers of its variants, and the bytes that they spill, as ptxas says."""
    codes = [f"-gencode=arch=compute_{arch},code=sm_{arch}" for arch in archs]
    found: dict[str, dict[str, dict[str, int]]] = {}
    for source in SOURCES[:-1]:
        said = _said([_nvcc(), *FLAGS, "-O3", *codes, "-Xptxas", "-v", "-c", source, "-o", folder / "kernel.o"])
        for usage in USAGE.finditer(said):
            (kernel,) = re.findall(r"\d+([a-z_]+)_kernel", usage["name"])
            most = found.setdefault(kernel, {}).setdefault(usage["arch"], {"registers": 0, "spilled": 0})
            most["registers"] = max(most["registers"], int(usage["registers"]))
            most["spilled"] += int(usage["stores"]) + int(usage["loads"])
    return found


def floors_table(cases: Iterable[Mapping[str, Any]], cards: Sequence[Card] = CARDS) -> str:
    """What each case moves and computes, and how long that takes at best: computed, not measured."""
    lines = [
        f"| kernel | call | MB | Mflop | {' | '.join(f'{card.name}, µs' for card in cards)} |",
        f"|---|---|---|---|{'---|' * len(cards)}",
    ]
    for case in cases:
        floors = " | ".join(f"{card.floor_us(case):.1f}" for card in cards)
        size, work = case["bytes"] / 1e6, case["operations"] / 1e6
        lines.append(f"| `{case['kernel']}` | {case['shape']} | {size:.2f} | {work:.1f} | {floors} |")
    return "\n".join(lines)


def resources_table(found: Mapping[str, Mapping[str, Mapping[str, int]]]) -> str:
    """Registers and spilled bytes by kernel."""
    archs = sorted({arch for usage in found.values() for arch in usage})
    heads = " | ".join(f"registers, SM{arch} | spilled" for arch in archs)
    lines = [f"| kernel | {heads} |", f"|---|{'---|---|' * len(archs)}"]
    for kernel, usage in sorted(found.items()):
        cells = " | ".join(f"{usage[arch]['registers']} | {usage[arch]['spilled']} bytes" for arch in archs)
        lines.append(f"| `{kernel}` | {cells} |")
    return "\n".join(lines)


def times_table(cases: Iterable[Mapping[str, Any]], card: Card | None) -> str:
    """What was measured, beside what the card could do at best where its datasheet is known."""
    lines = [
        "| kernel | call | p50, µs | p99, µs | GB/s | floor, µs | largest error |",
        "|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        p50, p99 = np.quantile(case["microseconds"], [0.5, 0.99])
        floor = f"{card.floor_us(case):.1f}" if card is not None else "unknown"
        cells = f"{p50:.2f} | {p99:.2f} | {case['bytes'] / p50 / 1e3:.0f} | {floor} | {case['error']:.1e}"
        lines.append(f"| `{case['kernel']}` | {case['shape']} | {cells} |")
    return "\n".join(lines)


def _nvcc() -> str:
    found = shutil.which("nvcc") or shutil.which("/usr/local/cuda/bin/nvcc")
    if found is None:
        raise Absent("needs nvcc: the CUDA toolkit, or PyPI's cuda-toolkit[nvcc,nvvm,crt,cudart,cccl]")
    return found


def _said(command: Sequence[object]) -> str:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr
