"""The Python packages of TensorRT: which there are, and importing one only when it is needed."""

from __future__ import annotations

import importlib
from typing import Any

from recfast import cuda
from recfast.cuda import CudaStatus
from recfast.errors import DeviceError

ENGINES: dict[str, str] = {"tensorrt": "tensorrt", "tensorrt_rtx": "tensorrt-rtx"}
"""The packages by their module names, with the extra of recfast that installs each."""


def check_engine(engine: str) -> str:
    """Return `engine`.

    Raises:
        ValueError: not one of `ENGINES`.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine= is {' or '.join(map(repr, ENGINES))}, got {engine!r}")
    return engine


def import_package(engine: str) -> Any:
    """Import a package.

    Args:
        engine: "tensorrt" or "tensorrt_rtx".

    Returns:
        The module.

    Raises:
        ValueError: another name.
        ImportError: it is not installed; names the extra that installs it.

    Example:
        >>> import_package("tensorflow")
        Traceback (most recent call last):
        ValueError: engine= is 'tensorrt' or 'tensorrt_rtx', got 'tensorflow'
    """
    extra = ENGINES[check_engine(engine)]
    try:
        return importlib.import_module(engine)
    except ImportError as error:
        raise ImportError(f'{engine} is not installed: pip install "recfast[{extra}]" ({error})') from error


def require_device(what: str) -> CudaStatus:
    """Return `recfast.cuda.status()`.

    Raises:
        DeviceError: there is no device. TensorRT without one fails late, and not always with an error.
    """
    if not (found := cuda.status()).available:
        raise DeviceError(f"{what} needs a CUDA device: {found.reason}")
    return found
