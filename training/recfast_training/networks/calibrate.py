"""Scales for 8-bit products: how large what a layer reads is on real rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

from .network import Network

SHARE = 0.9999


def calibrate(network: Network, feeds: Mapping[str, npt.NDArray[np.float32]]) -> dict[str, float]:
    """Choose a scale per layer, so that all but one in 10,000 of the numbers that it reads are within [-127, 127].

    Args:
        network: written with precision "i8" and without scales.
        feeds: its inputs for real rows, from `recfast.engines.network_inputs`; a few thousand rows suffice.

    Returns:
        Scale by the layer's name.

    Raises:
        ValueError: no rows.
    """
    if not network.reads:
        return {}
    if not len(next(iter(feeds.values()))):
        raise ValueError("calibration needs rows, got none")
    proto = onnx.load_from_string(network.onnx)
    read = list(dict.fromkeys(network.reads.values()))
    known = {output.name for output in proto.graph.output}
    proto.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in read if name not in known)
    names = [output.name for output in proto.graph.output]
    values = dict(zip(names, ReferenceEvaluator(proto).run(names, dict(feeds)), strict=True))
    largest = {name: float(np.quantile(np.abs(values[name]), SHARE)) for name in read}
    return {layer: max(largest[value], 1e-6) / 127 for layer, value in network.reads.items()}
