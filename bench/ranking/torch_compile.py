"""Torch with compiled kernels; the first call of a shape compiles and is never timed."""

from __future__ import annotations

import os
import shutil

import numpy as np
import numpy.typing as npt
import torch

from ..competitors import Absent
from .merged_inputs import Merged
from .networks import NetworkFiles
from .torch_program import TorchProgram


class TorchCompile:
    """The module over merged inputs, compiled for any number of rows."""

    def __init__(self, files: NetworkFiles) -> None:
        if not shutil.which(os.environ.get("CXX", "g++")):
            raise Absent("needs a C++ compiler")
        torch.compiler.reset()  # what other networks left would count against the limit of recompilations
        self._module = torch.compile(TorchProgram(files.emitted).eval(), dynamic=True)

    def __call__(self, rows: Merged) -> npt.NDArray[np.float32]:
        """Logits of encoded rows."""
        with torch.inference_mode():
            scores: npt.NDArray[np.float32] = self._module(
                torch.from_numpy(rows.ids), torch.from_numpy(rows.numbers)
            ).numpy()
        return scores
