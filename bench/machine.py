"""Where and with what a benchmark ran."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import recfast as rf

ROOT = Path(__file__).parents[1]


def describe(packages: Sequence[str]) -> dict[str, Any]:
    """JSON values: CPU model and count, the load when asked, ISA, compiler, commit, versions.

    Args:
        packages: names of the distributions that took part, besides recfast and numpy.
    """
    return {
        "cpu": cpu_model(),
        "cpus": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "isa": rf.cpu.selected(),
        "compiler": rf.build_info().compiler,
        "commit": commit(),
        "versions": {
            "python": platform.python_version(),
            "recfast": rf.__version__,
            **{package: version(package) for package in ("numpy", *packages)},
        },
    }


def cpu_model() -> str:
    """The CPU's name, as the kernel gives it where it does."""
    info = Path("/proc/cpuinfo")
    for line in info.read_text(encoding="utf-8").splitlines() if info.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    """The commit of the sources, with "-dirty" when they were changed since; "unknown" outside of git."""
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return git.stdout.strip() or "unknown"
