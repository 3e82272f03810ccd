"""What 8 bits cost on real data: the demo's network, trained on the last weeks of CJ-rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest

from recfast_training.demo.shop_data import load_shop
from recfast_training.demo.training import train_full, train_pruned
from recfast_training.metrics import auc
from recfast_training.networks import Network, calibrate, write_network

CALIBRATION_ROWS = 8192
pytestmark = pytest.mark.slow


def scores(network: Network, feeds: dict[str, Any]) -> Any:
    session = onnxruntime.InferenceSession(network.onnx, providers=["CPUExecutionProvider"])
    return session.run(None, feeds)[0]


def test_the_auc_of_8_bit_networks_is_within_a_thousandth(cj_split: Any) -> None:
    data = load_shop((44, 48))
    full = train_full(data, seed=0, progress=False).model
    pruned = train_pruned(full, data, seed=0, progress=False).model
    test, valid = data.samples["test"], data.samples["valid"]
    some = valid.encoded.select(np.arange(CALIBRATION_ROWS))
    for model in (full.eval(), pruned.eval()):
        emitted = model.emit()
        exact = write_network(emitted, "dense")
        plain = write_network(emitted, "dense", precision="i8")
        assert exact is not None
        assert plain is not None
        rounded = write_network(emitted, "dense", precision="i8", scales=calibrate(plain, some.arrays))
        assert rounded is not None
        feeds = exact.feeds(test.encoded.arrays)
        before, after = (auc(test.labels, scores(network, feeds)) for network in (exact, rounded))
        assert before > 0.8
        assert abs(before - after) <= 0.001
