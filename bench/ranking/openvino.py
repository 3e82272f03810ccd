"""OpenVINO, one thread, float32 throughout."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import openvino as ov

from .merged_inputs import Merged
from .networks import NetworkFiles

OPTIONS = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}


class OpenVino:
    """One request over the graph with merged inputs; arrays are shared, not copied."""

    def __init__(self, files: NetworkFiles) -> None:
        self._request = ov.Core().compile_model(str(files.onnx), "CPU", OPTIONS).create_infer_request()

    def __call__(self, rows: Merged) -> npt.NDArray[np.float32]:
        """Logits of encoded rows; valid until the next call."""
        scores: npt.NDArray[np.float32] = self._request.infer(rows._asdict(), share_inputs=True, share_outputs=True)[0]
        return scores
