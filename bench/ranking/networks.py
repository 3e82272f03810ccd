"""The networks, with random weights, as every competitor needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import recfast as rf
from recfast_training import export, export_onnx, prune
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, NetworkConfig, RankingModel
from recfast_training.program import Emitted

from .merged_onnx import merge_inputs
from .setting import SEED, Network

REQUEST_FIELDS, ITEM_FIELDS, REQUEST_NUMBERS, ITEM_NUMBERS = 16, 10, 9, 4
DIM, RANK = 16, 64

CONFIG = NetworkConfig(deviation=0.1, seed=SEED)
MAKERS: Mapping[str, Callable[[rf.Schema, Network], Any]] = {
    "deepfm": lambda schema, n: DeepFM(schema, dim=DIM, hidden=n.hidden, config=CONFIG),
    "dcnv2": lambda schema, n: DCNv2(schema, dim=DIM, hidden=n.hidden, config=CONFIG),
    "dcnv2_low_rank": lambda schema, n: DCNv2(schema, dim=DIM, hidden=n.hidden, rank=RANK, config=CONFIG),
    "dlrm": lambda schema, n: DLRM(schema, dim=DIM, top=n.hidden, config=CONFIG),
    "mlp": lambda schema, n: MLP(schema, dim=DIM, hidden=n.hidden, config=CONFIG),
}
TITLES = {
    "deepfm": "DeepFM",
    "dcnv2": "DCN-V2",
    "dcnv2_low_rank": f"DCN-V2 of rank {RANK}",
    "dlrm": "DLRM",
    "mlp": "MLP",
}


@dataclass(frozen=True)
class NetworkFiles:
    """One network for all.

    Attributes:
        recfast: the file that recfast loads.
        onnx: the same network with merged inputs: "ids" int64 [B, F], "numbers" float32 [B, n]; output "logit" [B].
        emitted: the same as a program with float32 weights and tables.
    """

    recfast: Path
    onnx: Path
    emitted: Emitted


def make_schema(network: Network) -> rf.Schema:
    """16 + 10 hashed fields, 9 + 4 numbers; the last row of each table is for missing values."""
    buckets = network.table_rows - 1
    return rf.Schema(
        request=[
            *(rf.Categorical(f"user_{i}", buckets=buckets) for i in range(REQUEST_FIELDS)),
            *(rf.Numeric(f"user_number_{i}") for i in range(REQUEST_NUMBERS)),
        ],
        item=[
            *(rf.Categorical(f"item_{i}", buckets=buckets) for i in range(ITEM_FIELDS)),
            *(rf.Numeric(f"item_number_{i}") for i in range(ITEM_NUMBERS)),
        ],
        key="item_id",
    )


def make_files(network: Network, rows: Any, folder: Path) -> NetworkFiles:
    """Draw the weights and write the files.

    Args:
        network: which.
        rows: raw rows of the schema: pruning judges by them, the file records the first.
        folder: an empty one.
    """
    model = make_model(network)
    if network.kept < 1:
        model = prune(model, rows, flops=network.kept)
    export(model, folder / "model.recfast", examples=rows, tables=network.tables)
    if network.tables != "f32":
        model = model.with_tables(stored_tables(model, network))
    export_onnx(model, folder / "model.onnx")
    emitted = model.emit()
    merge_inputs(folder / "model.onnx", folder / "merged.onnx", emitted)
    (folder / "model.onnx").unlink()
    return NetworkFiles(folder / "model.recfast", folder / "merged.onnx", emitted)


def make_model(network: Network) -> RankingModel:
    """Every weight random and large enough to matter, the first-order term too."""
    model: RankingModel = MAKERS[network.name](make_schema(network), network)
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim < 2 or parameter.shape[1] != DIM or len(parameter) < network.table_rows:
                parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.02)
    return model.eval()


def stored_tables(model: RankingModel, network: Network) -> dict[str, Any]:
    """By table what the rows in the file mean; under "i8" tables of width 1 are f16."""
    meant = {}
    for name, rows in model.emit().tables.items():
        dtype = "f16" if rows.shape[1] == 1 else network.tables
        meant[name] = rf.Table(rows, dtype=dtype).rows(np.arange(len(rows)))
    return meant
