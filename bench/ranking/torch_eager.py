"""Torch as it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from .merged_inputs import Merged
from .networks import NetworkFiles
from .torch_program import TorchProgram


class TorchEager:
    """The module over merged inputs, without gradients."""

    def __init__(self, files: NetworkFiles) -> None:
        self._module = TorchProgram(files.emitted).eval()

    def __call__(self, rows: Merged) -> npt.NDArray[np.float32]:
        """Logits of encoded rows."""
        with torch.inference_mode():
            return self._module(torch.from_numpy(rows.ids), torch.from_numpy(rows.numbers)).numpy()
