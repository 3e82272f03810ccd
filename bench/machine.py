"""Where and with what a benchmark ran."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import datetime, timezone
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import recfast as rf

ROOT = Path(__file__).parents[1]
PEERS = {
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "torch": "torch",
    "torch.compile": "torch",
    "torch CUDA": "torch",
    "ONNX Runtime CUDA": "onnxruntime-gpu",
    "TensorRT": "tensorrt",
    "fbgemm": "fbgemm-gpu-cpu",
    "faiss": "faiss-cpu",
    "faiss flat": "faiss-cpu",
    "faiss IVF": "faiss-cpu",
    "faiss HNSW": "faiss-cpu",
    "usearch": "usearch",
    "hnswlib": "hnswlib",
    "scann": "scann",
    "scikit-learn": "scikit-learn",
    "mmh3": "mmh3",
    "xxhash": "xxhash",
    "polars": "polars",
    "pandas": "pandas",
}


def describe() -> dict[str, Any]:
    """JSON values: date, CPU model and count, the load when asked, ISA, compiler, commit, versions of who is there."""
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "cpu": cpu_model(),
        "cpus": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "isa": rf.cpu.selected(),
        "compiler": rf.build_info().compiler,
        "commit": commit(),
        "versions": {
            "python": platform.python_version(),
            "recfast": rf.__version__,
            **{package: found for package in sorted({"numpy", *PEERS.values()}) if (found := _version(package))},
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


@cache
def commit() -> str:
    """The commit of the sources, with "-dirty" when they were changed since; "unknown" outside of git."""
    head = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results", ":!README.md")
    return f"{head}{'-dirty' if changed else ''}" if head else "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
