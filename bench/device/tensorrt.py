"""Plain TensorRT: the whole graph, tables included, as one engine. torch holds the memory of the device."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from recfast.engines import Engine, import_package
from recfast.engines.build import BuildOptions, build_plan

from ..competitors import Absent
from ..ranking.merged_inputs import Merged
from ..ranking.networks import NetworkFiles


class TensorRt:
    """An engine of full TensorRT in f32, built here for batches up to `most` rows."""

    def __init__(self, files: NetworkFiles, most: int) -> None:
        try:
            package = import_package("tensorrt")
        except ImportError as error:
            raise Absent("tensorrt is not installed") from error
        if not torch.cuda.is_available():
            raise Absent("this torch, which would hold the memory, has no CUDA")
        options = BuildOptions(engine="tensorrt", batch=(1, most, most))
        plan = build_plan(files.onnx.read_bytes(), options, what="the merged graph")
        self._context = Engine(package, plan.data).context()
        self._stream = torch.cuda.Stream()

    def __call__(self, rows: Merged) -> npt.NDArray[np.float32]:
        """Logits of encoded rows."""
        with torch.cuda.stream(self._stream):
            tensors = {name: torch.from_numpy(array).cuda(non_blocking=True) for name, array in rows._asdict().items()}
            tensors["logit"] = torch.empty(len(rows.ids), device="cuda")
            self._context.bind({name: tensor.data_ptr() for name, tensor in tensors.items()}, len(rows.ids))
            self._context.enqueue(self._stream.cuda_stream)
            return tensors["logit"].cpu().numpy()
