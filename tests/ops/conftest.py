"""Every op test runs once per backend."""

from __future__ import annotations

import pytest

from ..parity.cases import BACKENDS


@pytest.fixture(params=BACKENDS, scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """The name of a backend in `tests/parity/cases.py`."""
    return str(request.param)
