"""What 8 bits cost on real data: the demo's network, trained on the last weeks of CJ-rank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime
import pytest

import recfast as rf
from recfast.engines import network_inputs
from recfast_training import export
from recfast_training.demo.shop_data import load_shop
from recfast_training.demo.training import train_full, train_pruned
from recfast_training.metrics import auc
from recfast_training.networks import Network, calibrate, write_network

CALIBRATION_ROWS = 8192
pytestmark = pytest.mark.slow


def scores(network: Network, feeds: dict[str, Any]) -> Any:
    session = onnxruntime.InferenceSession(network.onnx, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)[0]


def test_the_auc_of_8_bit_networks_is_within_a_thousandth(cj_split: Any, tmp_path: Path) -> None:
    data = load_shop((44, 48))
    full = train_full(data, seed=0, progress=False).model
    pruned = train_pruned(full, data, seed=0, progress=False).model
    test, valid = data.samples["test"], data.samples["valid"]
    for model in (full.eval(), pruned.eval()):
        export(model, tmp_path / "m.recfast", examples=test.rows)
        served, emitted = rf.load(tmp_path / "m.recfast"), model.emit()
        exact = write_network(emitted, "dense")
        plain = write_network(emitted, "dense", precision="i8")
        assert exact is not None
        assert plain is not None
        some = network_inputs(served, plain.inputs, valid.rows.slice(0, CALIBRATION_ROWS))
        rounded = write_network(emitted, "dense", precision="i8", scales=calibrate(plain, some))
        assert rounded is not None
        feeds = network_inputs(served, exact.inputs, test.rows)
        before, after = (auc(test.labels, scores(network, feeds)) for network in (exact, rounded))
        assert before > 0.8
        assert abs(before - after) <= 0.001
