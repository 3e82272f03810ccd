"""The layers of a built engine, read from the log of its build."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_LINE = re.compile(r"^Name: (?P<name>[^,]+), LayerType: (?P<kind>\w+)(?P<rest>.*)$", re.MULTILINE)
_TENSOR = re.compile(r"Dimensions: \[(?P<shape>[-\d,]*)\].*?Datatype: (?P<dtype>\w+)")
_OUTPUTS = re.compile(r"Outputs: \[(.*?)\], TacticName")
_SOURCE = re.compile(r"\[ONNX Layer: ([^\]]+)\]")


@dataclass(frozen=True)
class Layer:
    """One layer of an engine, which may do the work of several ONNX nodes.

    Attributes:
        name: TensorRT's name of it; begins with what it fuses.
        kind: TensorRT's type of it, e.g. "kgen" (a generated kernel) or "runtime_fusion" (a matrix product).
        dtype: of its first output, e.g. "Half"; empty where the log names none.
        shape: of its first output, -1 = any.
        nodes: names of the ONNX nodes whose work it does.
    """

    name: str
    kind: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    nodes: tuple[str, ...] = ()

    @property
    def pads(self) -> bool:
        """Whether it writes a copy with zeros at the end, for a width that the next matrix product cannot read."""
        return "ReplConc" in self.name

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "name": self.name,
            "kind": self.kind,
            "dtype": self.dtype,
            "shape": list(self.shape),
            "nodes": list(self.nodes),
        }

    @classmethod
    def from_json(cls, value: Any) -> Layer:
        """Read what `to_json` returned.

        Raises:
            KeyError: an entry is missing.
            TypeError: an entry of another type.
        """
        shape = tuple(value["shape"])
        if not all(type(extent) is int for extent in shape):
            raise TypeError(f"a layer's shape holds whole numbers, got {value['shape']!r}")
        name, kind, dtype, nodes = value["name"], value["kind"], value["dtype"], tuple(value["nodes"])
        if not all(isinstance(text, str) for text in (name, kind, dtype, *nodes)):
            raise TypeError(f"a layer's name, kind, dtype and nodes are strings, got {value!r}")
        return cls(name, kind, dtype, shape, nodes)


def read_layers(log: Iterable[str]) -> tuple[Layer, ...]:
    """Find the layers in a log.

    Args:
        log: messages of a build with detailed verbosity.

    Returns:
        The layers in the order in which they run; those that only compute shapes are left out.

    Example:
        >>> line = (
        ...     "Name: __myl_FcAddRelu_myl0_2, LayerType: runtime_fusion, Inputs: [], Constants: [], Outputs: [ { "
        ...     "Name: y, Dimensions: [-1,64], Strides: [64,1], Datatype: Half }], TacticName: , StreamId: 0, "
        ...     "Metadata: [ONNX Layer: deep.0][ONNX Layer: deep.0/relu]"
        ... )
        >>> read_layers([line])[0].nodes
        ('deep.0', 'deep.0/relu')
    """
    found = (_read(match) for message in log for match in _LINE.finditer(message))
    return tuple(layer for layer in found if layer.kind != "shape_call")


def _read(match: re.Match[str]) -> Layer:
    outputs = _OUTPUTS.search(match["rest"])
    tensor = _TENSOR.search(outputs[1]) if outputs else None
    nodes = tuple(dict.fromkeys(_SOURCE.findall(match["rest"])))
    if tensor is None:
        return Layer(match["name"], match["kind"], nodes=nodes)
    shape = tuple(int(extent) for extent in tensor["shape"].split(",") if extent)
    return Layer(match["name"], match["kind"], tensor["dtype"], shape, nodes)
