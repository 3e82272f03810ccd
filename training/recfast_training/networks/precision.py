"""The arithmetic of a network: matrix products in the wished precision, everything with one output in float32.

"f16" and "bf16" are a half network with a float tail: what products read is cast, and biases, sums of terms, dot
products and the last layer are float32. "i8" reads and weighs the products of wide layers in 8 bits, with a scale per
layer for what they read (from calibration) and a scale per output for the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper

from ..onnx_writer import OnnxWriter

Floats = npt.NDArray[np.float32]

HALF_MAX = 65504.0
I8_LEAST_WIDTH = 16
"""Layers that read less stay in float32: there is nothing to gain."""

_BODY = {"f32": TensorProto.FLOAT, "i8": TensorProto.FLOAT, "f16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}


class PreciseWriter(OnnxWriter):
    """Writes ops on float32 values, which it casts where a product wants them otherwise.

    Args:
        precision: "f32", "f16", "bf16" or "i8".
        scales: of what each layer reads, by its name; needed for "i8". None leaves the products in float32 and notes
            what they read in `reads`.
    """

    def __init__(self, precision: str, scales: Mapping[str, float] | None = None) -> None:
        """Begin an empty graph."""
        super().__init__()
        self.precision, self.scales = precision, scales
        self.reads: dict[str, str] = {}
        self._body = _BODY[precision]
        self._floats: dict[str, str] = {}
        self._bodies: dict[str, str] = {}

    def linear(self, x: str, weight: Floats, bias: Floats | None, *, relu: bool, name: str) -> str:
        """`act(W x + b)`: x is [rows, I], weight [O, I], bias [O]."""
        if len(weight) == 1:
            product = self.op("Mul", self.to_float(x), self.constant(f"{name}.weight", weight))
            y = self.op("ReduceSum", product, self.ints([1]), name=name)
            if bias is not None:
                y = self.op("Add", y, self.constant(f"{name}.bias", bias), name=f"{name}/bias")
            return self.op("Relu", y, name=f"{name}/relu") if relu else y
        if self.precision == "i8" and weight.shape[1] >= I8_LEAST_WIDTH:
            return self._quantised(x, weight, bias, relu=relu, name=name)
        inputs = [self.to_body(x), self._body_constant(f"{name}.weight", weight, name)]
        if bias is not None:
            inputs.append(self._body_constant(f"{name}.bias", bias, name))
        y = self._product("Gemm", *inputs, name=name, transB=1)
        return self._product("Relu", y, name=f"{name}/relu") if relu else y

    def matmul(self, a: str, b: str, name: str) -> str:
        """A product of two values."""
        return self._product("MatMul", self.to_body(a), self.to_body(b), name=name)

    def to_float(self, value: str) -> str:
        """The value as float32."""
        if value not in self._bodies.values():
            return value
        if value not in self._floats:
            self._floats[value] = self.op("Cast", value, to=TensorProto.FLOAT, name=f"{value[1:]}/float")
        return self._floats[value]

    def to_body(self, value: str) -> str:
        """The value in the dtype of products."""
        if self._body == TensorProto.FLOAT or value in self._bodies.values():
            return value
        if value not in self._bodies:
            self._bodies[value] = self.op(
                "Cast", value, to=self._body, name=f"{value[1:] if value.startswith('#') else value}/{self.precision}"
            )
        return self._bodies[value]

    def keeps_dtype(self, of: str, value: str) -> str:
        """Note that `value`, made from `of` by moving numbers about, has its dtype; return `value`."""
        if of in self._bodies.values():
            self._bodies[value] = value
        return value

    def _product(self, kind: str, *inputs: str, name: str, **attributes: Any) -> str:
        y = self.op(kind, *inputs, name=name, **attributes)
        if self._body != TensorProto.FLOAT:
            self._bodies[y] = y
        return y

    def _body_constant(self, name: str, array: Floats, layer: str) -> str:
        if self._body == TensorProto.FLOAT:
            return self.constant(name, array)
        if self._body == TensorProto.FLOAT16:
            if (largest := float(np.abs(array).max(initial=0.0))) > HALF_MAX:
                raise ValueError(
                    f"layer {layer!r} has a weight of {largest:.6g}, beyond f16's {HALF_MAX:.0f}; use bf16"
                )
            return self.constant(name, array.astype(np.float16))
        bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
        nearest = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
        return self.tensor(helper.make_tensor(name, self._body, array.shape, nearest.tobytes(), raw=True))

    def _quantised(self, x: str, weight: Floats, bias: Floats | None, *, relu: bool, name: str) -> str:
        self.reads[name] = x = self.to_float(x)
        if self.scales is not None:
            zero = self.constant("#int8.0", np.array(0, np.int8))
            scale = self.constant(f"{name}.scale", np.array(self.scales[name], np.float32))
            codes = self.op("QuantizeLinear", x, scale, zero, name=f"{name}/quantise")
            x = self.op("DequantizeLinear", codes, scale, zero, name=f"{name}/dequantise")
            largest = np.abs(weight).max(axis=1)
            steps = np.where(largest > 0, largest / 127, 1.0).astype(np.float32)
            rounded = np.clip(np.rint(weight / steps[:, None]), -127, 127).astype(np.int8)
            zeros = self.constant(f"#int8.0.{len(steps)}", np.zeros(len(steps), np.int8))
            parts = [self.constant(f"{name}.weight", rounded), self.constant(f"{name}.weight.scale", steps), zeros]
            w = self.op("DequantizeLinear", *parts, axis=0, name=f"{name}/weight")
        else:
            w = self.constant(f"{name}.weight", weight)
        inputs = [x, w] + ([] if bias is None else [self.constant(f"{name}.bias", bias)])
        y = self.op("Gemm", *inputs, transB=1, name=name)
        return self.op("Relu", y, name=f"{name}/relu") if relu else y
