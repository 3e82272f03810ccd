from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

import recfast as rf
from recfast.table import RowFormat

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
        codes = data[:, :-4].astype(np.float64)
        if table.dtype == "i4":
            low = codes % 16
            codes = np.stack([low, (codes - low) / 16], axis=2).reshape(len(data), -1)[:, :dim]
        scale, offset = np.ascontiguousarray(data[:, -4:]).view(np.float16).astype(np.float64).T
        return codes * scale[:, None] + offset[:, None]

    return values


@pytest.fixture(params=["f32", "f16", "i8", "i4"])
def dtype(request: pytest.FixtureRequest) -> RowFormat:
    """Every row format."""
    return request.param  # type: ignore[no-any-return]
