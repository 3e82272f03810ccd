"""Writes one of the two networks of a program as ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import onnx
from onnx import TensorProto, helper

from recfast.engines import NetworkInput

from ..program import Emitted
from .lowering import NetworkLowering

_OPSET = 18


@dataclass(frozen=True, eq=False)
class Network:
    """A network as ONNX.

    Attributes:
        name: "pair" or "dense".
        inputs: what it reads; its output is "logit", float32 [rows].
        onnx: the serialised model.
        reads: what each layer that "i8" quantises reads, an ONNX value by the layer's name.
    """

    name: str
    inputs: tuple[NetworkInput, ...]
    onnx: bytes = field(repr=False)
    reads: dict[str, str] = field(repr=False)


def write_network(
    emitted: Emitted, name: str, *, precision: str = "f32", scales: Mapping[str, float] | None = None
) -> Network | None:
    """Write one network of a program.

    Args:
        emitted: what `model.emit()` returned.
        name: "pair": what is left per candidate after the split by sides; its inputs are one row of the request, and a
            row per candidate of what the catalogue holds and of pair features. "dense": all that follows the embedding
            lookups, on rows that have all features; its inputs are the pooled embeddings and the numbers.
        precision: "f32", "f16", "bf16" or "i8".
        scales: for "i8", from `calibrate`; None writes float32 products, for `calibrate` to look into.

    Returns:
        The network; None where the pair network would have nothing to do, since no op needs both sides.

    Raises:
        ValueError: a program that picks numbers of sparse rows, which is no network, or a weight beyond f16.

    Example:
        >>> import recfast as rf
        >>> from recfast_training.models import MLP
        >>> schema = rf.Schema(request=[rf.Numeric("hour")], item=[rf.Numeric("price")], key="sku")
        >>> network = write_network(MLP(schema, hidden=(8,)).emit(), "pair")
        >>> [(i.name, i.width) for i in network.inputs]
        [('request', 8), ('item', 8)]
    """
    lowering = NetworkLowering(emitted, split=name == "pair", precision=precision, scales=scales)
    logit = lowering.run()
    if logit is None:
        return None
    lowering.writer.op("Squeeze", logit, lowering.writer.ints([1]), name="output", output="logit")
    inputs = lowering.inputs()
    declared = [
        helper.make_tensor_value_info(i.name, TensorProto.FLOAT, [1 if i.side == "request" else "B", i.width])
        for i in inputs
    ]
    output = helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["B"])
    proto = lowering.writer.model(declared, [output], opset=_OPSET)
    onnx.checker.check_model(proto, full_check=True)
    data = proto.SerializeToString(deterministic=True)
    return Network(name, inputs, data, dict(lowering.writer.reads))
