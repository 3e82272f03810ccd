"""A straight line through latencies whose sizes span orders of magnitude."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Line(NamedTuple):
    """`y = intercept + slope · x`; `off` is the largest |y - line| / y."""

    intercept: float
    slope: float
    off: float


def fit_line(x: Sequence[float], y: Sequence[float]) -> Line:
    """Least squares of the relative differences, so that small sizes weigh as much as large ones."""
    xs, ys = np.asarray(x, np.float64), np.asarray(y, np.float64)
    design = np.stack([1 / ys, xs / ys], axis=1)
    (intercept, slope), *_ = np.linalg.lstsq(design, np.ones(len(ys)), rcond=None)
    off = np.max(np.abs(ys - intercept - slope * xs) / ys)
    return Line(float(intercept), float(slope), float(off))
