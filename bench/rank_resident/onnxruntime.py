"""ONNX Runtime: encoded rows of the candidates, one merged table per width, and the usual numpy top-k."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort

from .ranked import Ranked
from .scenario import TOP_K, Scenario


class OnnxRuntime:
    """A session of one thread; encoding the rows is not timed."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(str(scenario.onnx), options, providers=["CPUExecutionProvider"])

    def rank(self, number: int, k: int = TOP_K) -> Ranked:
        """What is timed."""
        i = number % len(self._scenario.encoded)
        (logits,) = self._session.run(None, self._scenario.encoded[i])
        best = np.argpartition(-logits, k)[:k] if k < len(logits) else np.arange(len(logits))
        best = best[np.argsort(-logits[best], kind="stable")]
        return Ranked(self._scenario.candidates[i][best], logits[best])
