"""Writes a trained model as ONNX, in the form that ONNX Runtime runs fastest.

The graph is built from the model's program and not traced: all tables of one width are stacked into one, and one Gather
serves all ids. Weights are float32.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from .inputs import Input, inputs_of
from .models import RankingModel
from .onnx_writer import OnnxWriter
from .program import Emitted

MAX_INLINE_BYTES = 2**30


def export_onnx(model: RankingModel, path: str | os.PathLike[str]) -> None:
    """Write the model as an ONNX file.

    Inputs are named and shaped exactly like what `recfast_training.encode` returns, with a dynamic batch "B" (and a
    dynamic length per bag); the output is "logit", float32 [B].

    Args:
        model: trained; exported as it behaves in evaluation.
        path: where the file goes; tables of more than 1 GiB go to `<name>.data` beside it.

    Raises:
        ValueError: a feature is named "logit".
        OSError: the file cannot be written.

    Example:
        >>> import tempfile, pathlib
        >>> import recfast as rf
        >>> from recfast_training.models import DeepFM
        >>> model = DeepFM(rf.Schema(item=[rf.Categorical("brand", buckets=9), rf.Numeric("price")], key="sku"))
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "small.onnx"
        >>> export_onnx(model, path)
        >>> [i.name for i in onnx.load(path).graph.input]
        ['brand', 'price']
    """
    target = Path(path)
    if any(item.name == "logit" for item in inputs_of(model.schema)):
        raise ValueError('a feature is named "logit", which is the name of the output; rename the feature')
    emitted = model.emit()
    proto = _Graph(inputs_of(model.schema), emitted).build()
    external = sum(array.nbytes for array in [*emitted.weights.values(), *emitted.tables.values()]) > MAX_INLINE_BYTES
    onnx.save(proto, str(target), save_as_external_data=external, location=f"{target.name}.data")
    onnx.checker.check_model(str(target), full_check=True)


class _Graph(OnnxWriter):
    """Builds the graph: a slot of the program becomes a value, all embedded fields of one width become one stack.

    A stack is the value [B, F, D] of all fields of one width D: `fm` and `sum` reduce it, `concat` reshapes it, and
    only a program that uses fields otherwise slices it.
    """

    def __init__(self, inputs: tuple[Input, ...], emitted: Emitted) -> None:
        super().__init__()
        self._inputs = {i.name: i for i in inputs}
        self._program, self._weights, self._tables = emitted
        self._values: dict[str, str] = {}
        self._stacks: dict[int, str] = {}
        self._fields: dict[int, list[str]] = {}

    def build(self) -> onnx.ModelProto:
        """All of it."""
        bags = [op for op in self._program["ops"] if op["op"] == "embedding_bag"]
        for dim in dict.fromkeys(self._tables[op["table"]].shape[1] for op in bags):
            self._stack([op for op in bags if self._tables[op["table"]].shape[1] == dim], dim)
        for name, item in self._inputs.items():
            if item.kind == "dense":
                self._values[name] = name if item.vector else self.op("Unsqueeze", name, self.ints([1]))
        for op in self._program["ops"]:
            if op["op"] != "embedding_bag":
                self._values[op["output"]] = getattr(self, f"_{op['op']}")(op)
        logit = self._value(self._program["output"])
        self.op("Squeeze", logit, self.ints([1]), output="logit")
        inputs = [value for item in self._inputs.values() for value in _declared(item)]
        return self.model(inputs, [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["B"])])

    def _stack(self, ops: list[dict[str, Any]], dim: int) -> None:
        """All fields of one width, from one table: ids by one Gather, then each bag."""
        names = list(dict.fromkeys(op["table"] for op in ops))
        starts = dict(zip(names, np.cumsum([0, *(len(self._tables[n]) for n in names)]).tolist(), strict=False))
        table = self.constant(f"#tables.{dim}", np.concatenate([self._tables[name] for name in names]))
        ids = [op for op in ops if self._inputs[op["inputs"][0]].kind == "ids"]
        parts = []
        if ids:
            columns = [self.op("Unsqueeze", op["inputs"][0], self.ints([1])) for op in ids]
            offsets = self.ints([[starts[op["table"]] for op in ids]])
            rows = self.op("Add", self.op("Concat", *columns, axis=1), offsets)
            parts.append(self.op("Gather", table, rows, axis=0))
        bags = [op for op in ops if op not in ids]
        parts += [self._bag(op, table, starts[op["table"]]) for op in bags]
        self._stacks[dim] = parts[0] if len(parts) == 1 else self.op("Concat", *parts, axis=1)
        self._fields[dim] = [op["output"] for op in [*ids, *bags]]

    def _bag(self, op: dict[str, Any], table: str, start: int) -> str:
        """One pooled bag, [B, 1, D]."""
        name = op["inputs"][0]
        vectors = self.op("Gather", table, self.op("Add", name, self.ints(start)), axis=0)
        mask = f"{name}_mask"
        if op["pooling"] == "max":
            real = self.op("Unsqueeze", mask, self.ints([2]))
            kept = self.op("Where", real, vectors, self.float(-np.inf))
            largest = self.op("ReduceMax", kept, self.ints([1]))
            return self.op("Where", self.op("IsInf", largest), self.float(0.0), largest)
        real = self.op("Unsqueeze", self.op("Cast", mask, to=TensorProto.FLOAT), self.ints([1]))
        weighted = self._inputs[name].kind == "weighted_bag"
        weights = self.op("Unsqueeze", f"{name}_weight", self.ints([1])) if weighted else ""
        total = self.op("MatMul", self.op("Mul", real, weights) if weighted else real, vectors)
        if op["pooling"] == "sum":
            return total
        count = self.op("ReduceSum", real, self.ints([2]))
        return self.op("Div", total, self.op("Max", count, self.float(1.0)))

    def _concat(self, op: dict[str, Any]) -> str:
        parts, slots = [], list(op["inputs"])
        while slots:
            dim = self._dim_of(slots[0])
            fields = self._fields.get(dim, [])
            if fields and slots[: len(fields)] == fields:
                parts.append(self.op("Reshape", self._stacks[dim], self.ints([0, len(fields) * dim])))
                del slots[: len(fields)]
            else:
                parts.append(self._value(slots.pop(0)))
        return parts[0] if len(parts) == 1 else self.op("Concat", *parts, axis=1)

    def _linear(self, op: dict[str, Any]) -> str:
        inputs = [self._value(op["inputs"][0]), self._weight(op["weight"])]
        if op.get("bias") is not None:
            inputs.append(self._weight(op["bias"]))
        y = self.op("Gemm", *inputs, transB=1)
        return self.op("Relu", y) if op["activation"] == "relu" else y

    def _fm(self, op: dict[str, Any]) -> str:
        dim = self._dim_of(op["inputs"][0])
        if self._fields.get(dim) == op["inputs"]:
            stack = self._stacks[dim]
        else:
            stack = self.op("Concat", *(self._field(slot) for slot in op["inputs"]), axis=1)
        total = self.op("ReduceSum", stack, self.ints([1]), keepdims=0)
        squares = self.op("ReduceSum", self.op("Mul", stack, stack), self.ints([1]), keepdims=0)
        pairs = self.op("Sub", self.op("Mul", total, total), squares)
        return self.op("Mul", self.op("ReduceSum", pairs, self.ints([1])), self.float(0.5))

    def _dot_interaction(self, op: dict[str, Any]) -> str:
        """All products of all vectors, of which the triangle is taken; a stack that is used whole is not sliced."""
        slots = list(op["inputs"])
        dim = max(map(self._dim_of, slots))
        fields = self._fields.get(dim, [])
        stacked = fields if all(slots.count(field) == 1 for field in fields) else []
        others = [slot for slot in slots if slot not in stacked]
        parts = ([self._stacks[dim]] if stacked else []) + [self._field(slot) for slot in others]
        stack = parts[0] if len(parts) == 1 else self.op("Concat", *parts, axis=1)
        square = self.op("MatMul", stack, self.op("Transpose", stack, perm=[0, 2, 1]))
        order = [*stacked, *others]
        places = [order.index(slot) for slot in slots]
        triangle = [places[j] * len(order) + places[i] for j in range(len(slots)) for i in range(j)]
        flat = self.op("Reshape", square, self.ints([0, len(order) ** 2]))
        return self.op("Gather", flat, self.ints(triangle), axis=1)

    def _dot(self, op: dict[str, Any]) -> str:
        a, b = (self._value(slot) for slot in op["inputs"])
        return self.op("ReduceSum", self.op("Mul", a, b), self.ints([1]))

    def _cross_low_rank(self, op: dict[str, Any]) -> str:
        x0, x = (self._value(slot) for slot in op["inputs"])
        projected = self.op("Gemm", x, self._weight(op["projection"]), transB=1)
        y = self.op("Gemm", projected, self._weight(op["weight"]), self._weight(op["bias"]), transB=1)
        return self.op("Add", self.op("Mul", x0, y), x)

    def _cross(self, op: dict[str, Any]) -> str:
        x0, x = (self._value(slot) for slot in op["inputs"])
        y = self.op("Gemm", x, self._weight(op["weight"]), self._weight(op["bias"]), transB=1)
        return self.op("Add", self.op("Mul", x0, y), x)

    def _normalise(self, op: dict[str, Any]) -> str:
        x = self._value(op["inputs"][0])
        length = self.op("Sqrt", self.op("ReduceSum", self.op("Mul", x, x), self.ints([1])))
        unit = self.op("Div", x, self.op("Max", length, self.float(1e-12)))
        return self.op("Mul", unit, self._weight(op["weight"])) if op.get("weight") is not None else unit

    def _pick(self, op: dict[str, Any]) -> str:
        x, ids = op["inputs"]
        return self.op("GatherElements", self._value(x), self.op("Unsqueeze", ids, self.ints([1])), axis=1)

    def _sparse_bag(self, op: dict[str, Any]) -> str:
        name = op["inputs"][0]
        factors = self.op("Cast", f"{name}_mask", to=TensorProto.FLOAT)
        if self._inputs[name].kind == "weighted_bag":
            factors = self.op("Mul", factors, f"{name}_weight")
        entries = self.op("Gather", self._weight(op["weight"]), name, axis=0)
        added = self.op("Mul", self.op("Unsqueeze", factors, self.ints([2])), entries)
        columns = self.op("Cast", self.op("Gather", self._weight(op["columns"]), name, axis=0), to=TensorProto.INT64)
        flat = self.ints([0, -1])
        batch = self.op("Slice", self.op("Shape", name), self.ints([0]), self.ints([1]))
        shape = self.op("Concat", batch, self.ints([len(self._weights[op["weight"]])]), axis=0)
        zeros = self.op("Expand", self.float(0.0), shape)
        added, columns = (self.op("Reshape", part, flat) for part in (added, columns))
        return self.op("ScatterElements", zeros, columns, added, axis=1, reduction="add")

    def _sum(self, op: dict[str, Any]) -> str:
        slots = list(op["inputs"])
        terms = []
        for dim, fields in self._fields.items():
            if len(fields) > 1 and all(slots.count(field) == 1 for field in fields):
                terms.append(self.op("ReduceSum", self._stacks[dim], self.ints([1]), keepdims=0))
                slots = [slot for slot in slots if slot not in fields]
        terms += [self._value(slot) for slot in slots]
        return terms[0] if len(terms) == 1 else self.op("Sum", *terms)

    def _dim_of(self, slot: str) -> int:
        """The stack that a slot is a field of; 0 for any other slot."""
        return next((dim for dim, fields in self._fields.items() if slot in fields), 0)

    def _value(self, slot: str) -> str:
        """The value [B, width] of a slot."""
        if slot not in self._values:
            self._values[slot] = self.op("Squeeze", self._field(slot), self.ints([1]))
        return self._values[slot]

    def _field(self, slot: str) -> str:
        """The value [B, 1, D] of one field or slot."""
        dim = self._dim_of(slot)
        if not dim:
            return self.op("Unsqueeze", self._values[slot], self.ints([1]))
        at = self._fields[dim].index(slot)
        return self.op("Slice", self._stacks[dim], self.ints([at]), self.ints([at + 1]), self.ints([1]))

    def _weight(self, name: str) -> str:
        return self.constant(f"#weight.{name}", self._weights[name])


def _declared(item: Input) -> list[onnx.ValueInfoProto]:
    """The ONNX inputs of one encoded array."""
    if item.kind == "ids":
        return [helper.make_tensor_value_info(item.name, TensorProto.INT64, ["B"])]
    if item.is_bag:
        types = (TensorProto.INT64, TensorProto.BOOL, TensorProto.FLOAT)
        shape = ["B", f"L_{item.name}"]
        return [helper.make_tensor_value_info(n, t, shape) for n, t in zip(item.arrays, types, strict=False)]
    return [helper.make_tensor_value_info(item.name, TensorProto.FLOAT, ["B", item.width] if item.vector else ["B"])]
