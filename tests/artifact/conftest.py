from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recfast.artifact import write_artifact


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file with every part in it: a manifest, aligned tensors, pads, checksums."""
    path = tmp_path / "small.recfast"
    tensors = {
        "table.brand": np.arange(21, dtype=np.uint8).reshape(3, 7),
        "deep.0.bias": np.array([0.5, -1.5], np.float32),
    }
    write_artifact(path, {"schema": {"key": "id"}}, tensors)
    return path
