"""torch on the device: encoded rows go up, the best come back."""

from __future__ import annotations

import torch

from ..answers import Ranked
from ..competitors import Absent
from ..ranking.networks import NetworkFiles
from ..ranking.shop import Question
from ..ranking.torch_program import TorchProgram


class TorchCuda:
    """The module over merged inputs in f32, tables and weights on the device; selects there, too."""

    def __init__(self, files: NetworkFiles) -> None:
        if not torch.cuda.is_available():
            raise Absent("this torch has no CUDA")
        self._module = TorchProgram(files.emitted).eval().cuda()

    def __call__(self, question: Question, k: int) -> Ranked:
        """The best k of encoded rows."""
        with torch.inference_mode():
            ids = torch.from_numpy(question.merged.ids).cuda(non_blocking=True)
            numbers = torch.from_numpy(question.merged.numbers).cuda(non_blocking=True)
            logits = self._module(ids, numbers)
            scores, rows = torch.topk(logits, min(k, len(logits)))
            return Ranked(question.ids[rows.cpu().numpy()], scores.cpu().numpy())
