from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest

import recfast as rf

RowFormat = Literal["f32", "f16", "i8"]
Dequantise = Callable[[rf.Table], npt.NDArray[np.float64]]


@pytest.fixture(scope="session")
def dequantise() -> Dequantise:
    """What the bytes of a table mean, from the specification of its row format, in float64."""

    def values(table: rf.Table) -> npt.NDArray[np.float64]:
        data, dim = table.data, table.dim
        if table.dtype == "f32":
            return data.view(np.float32).astype(np.float64)
        if table.dtype == "f16":
            return data.view(np.float16).astype(np.float64)
        codes = data[:, :dim].astype(np.float64)
        scale, offset = np.ascontiguousarray(data[:, dim:]).view(np.float16).astype(np.float64).T
        return codes * scale[:, None] + offset[:, None]

    return values


@pytest.fixture(params=["f32", "f16", "i8"])
def dtype(request: pytest.FixtureRequest) -> RowFormat:
    """Every row format."""
    return request.param  # type: ignore[no-any-return]
