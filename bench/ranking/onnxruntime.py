"""ONNX Runtime, one thread."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from .merged_inputs import Merged
from .networks import NetworkFiles


class OnnxRuntime:
    """A session over the graph with merged inputs."""

    def __init__(self, files: NetworkFiles) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(str(files.onnx), options, providers=["CPUExecutionProvider"])

    def __call__(self, rows: Merged) -> npt.NDArray[np.float32]:
        """Logits of encoded rows."""
        (logits,) = self._session.run(None, rows._asdict())
        scores: npt.NDArray[Any] = logits
        return scores
