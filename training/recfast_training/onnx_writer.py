"""Nodes and constants of an ONNX graph, appended one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

OPSET = 18
IR_VERSION = 9


class OnnxWriter:
    """Appends to a graph; equal constants are stored once, and names are made unique by a number."""

    def __init__(self) -> None:
        """Begin an empty graph."""
        self.nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._names = 0

    def op(self, kind: str, *inputs: str, name: str = "", output: str = "", **attributes: Any) -> str:
        """Append a node and return its only output.

        Args:
            kind: ONNX's name of the op.
            *inputs: values.
            name: of the node; one is made up when empty.
            output: name of the value; "#" and the node's name when empty.
            **attributes: of the node.
        """
        self._names += 1
        name = name or f"{kind.lower()}.{self._names}"
        output = output or f"#{name}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=name, **attributes))
        return output

    def ints(self, values: Any) -> str:
        """An int64 constant."""
        return self.constant(f"#int64.{values}", np.array(values, dtype=np.int64))

    def float(self, value: float) -> str:
        """A float32 constant."""
        return self.constant(f"#float.{value}", np.array(value, dtype=np.float32))

    def constant(self, name: str, array: npt.NDArray[Any]) -> str:
        """A constant; one that is there is not stored again."""
        if name not in self._constants:
            self.tensor(numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name))
        return name

    def tensor(self, tensor: onnx.TensorProto) -> str:
        """A constant in the form of ONNX, for dtypes that NumPy lacks."""
        self._constants.setdefault(tensor.name, tensor)
        return str(tensor.name)

    def model(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto], *, opset: int = OPSET
    ) -> onnx.ModelProto:
        """The whole model."""
        graph = helper.make_graph(self.nodes, "recfast", inputs, outputs, list(self._constants.values()))
        opsets = [helper.make_opsetid("", opset)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="recfast")
