"""A small trained-looking model in a file, for engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import recfast as rf
from recfast_training import NetworkConfig, export
from recfast_training.models import DeepFM

from ..training.toy import fitted, shop

ROWS: dict[str, Any] = shop(64)
SCHEMA: rf.Schema = fitted(ROWS)


def small_model(seed: int = 0) -> DeepFM:
    return DeepFM(SCHEMA, dim=8, hidden=(32, 16), config=NetworkConfig(deviation=0.3, seed=seed)).eval()


def exported(folder: Path, model: DeepFM | None = None) -> Path:
    export(model if model is not None else small_model(), folder / "shop.recfast", examples=ROWS)
    return folder / "shop.recfast"
