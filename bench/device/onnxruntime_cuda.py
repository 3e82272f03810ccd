"""ONNX Runtime on the device."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from ..competitors import Absent
from ..ranking.merged_inputs import Merged
from ..ranking.networks import NetworkFiles


class OnnxRuntimeCuda:
    """A session over the graph with merged inputs, everything by its CUDA provider."""

    def __init__(self, files: NetworkFiles) -> None:
        if "CUDAExecutionProvider" not in ort.get_available_providers():
            raise Absent("this onnxruntime has no CUDA (onnxruntime-gpu has)")
        self._session = ort.InferenceSession(str(files.onnx), providers=["CUDAExecutionProvider"])
        if self._session.get_providers()[0] != "CUDAExecutionProvider":
            raise Absent("onnxruntime's CUDA provider does not start here")

    def __call__(self, rows: Merged) -> npt.NDArray[np.float32]:
        """Logits of encoded rows."""
        (logits,) = self._session.run(None, rows._asdict())
        scores: npt.NDArray[Any] = logits
        return scores
