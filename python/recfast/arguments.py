"""Arguments that several calls share."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

MOST_THREADS = 1024


def check_k(k: Any, name: str = "k") -> int:
    """Return how many are wanted, as an int of at least 1; what no result can hold is shortened.

    Raises:
        TypeError: not an integer.
        ValueError: less than 1.
    """
    if type(k) is int and 1 <= k <= 2**31:
        return k
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
        raise TypeError(f"{name} is an int, got {type(k).__name__}")
    if k < 1:
        raise ValueError(f"{name} must be at least 1, got {k}")
    return min(int(k), 2**31)


def skips(missing: Any) -> bool:
    """Return whether unknown candidates are left out: "error" or "skip".

    Raises:
        ValueError: anything else.
    """
    if missing not in ("error", "skip"):
        raise ValueError(f'missing is "error" or "skip", got {missing!r}')
    return bool(missing == "skip")


def check_threads(threads: Any) -> int:
    """Return `threads` as an int in [1, 1024].

    Raises:
        TypeError: not an integer.
        ValueError: out of range.
    """
    if isinstance(threads, (bool, np.bool_)) or not isinstance(threads, (int, np.integer)):
        raise TypeError(f"threads is an int, got {type(threads).__name__}")
    if not 1 <= threads <= MOST_THREADS:
        raise ValueError(f"threads is in [1, {MOST_THREADS}], got {threads}")
    return int(threads)


def check_device(device: str) -> Literal["cpu", "cuda"]:
    """Return the name of a device.

    Raises:
        ValueError: anything but "cpu" and "cuda".
    """
    if device == "cpu":
        return "cpu"
    if device == "cuda":
        return "cuda"
    raise ValueError(f'device is "cpu" or "cuda", got {device!r}')
