"""How many threads a call may use."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 1024


def check_threads(threads: Any) -> int:
    """Return `threads` as an int in [1, 1024].

    Raises:
        TypeError: not an integer.
        ValueError: out of range.
    """
    if isinstance(threads, (bool, np.bool_)) or not isinstance(threads, (int, np.integer)):
        raise TypeError(f"threads is an int, got {type(threads).__name__}")
    if not 1 <= threads <= MOST:
        raise ValueError(f"threads is in [1, {MOST}], got {threads}")
    return int(threads)
