"""Splits a program by sides and writes the part that is left, op by op.

The rules are those of the core: a value is a list of parts, each on the side where it is known; a product is one per
side, joined per candidate; so is the FM term, by the sums of each side's vectors; and of the dot products of vectors
only those between sides are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recfast.engines import InputPart, NetworkInput

from ..program import Emitted
from .dot_products import DotProducts
from .precision import Floats, PreciseWriter
from .values import Part, Source, Value, merged, side_of, width_of

SIDES = ("request", "item", "pair")
LOOKUPS = ("embedding_bag", "sparse_bag")


class NetworkLowering:
    """One network under construction.

    Args:
        emitted: the program with its weights.
        split: by sides; otherwise everything is a row's own.
        precision: of the products.
        scales: of 8-bit products.
    """

    def __init__(
        self, emitted: Emitted, *, split: bool, precision: str, scales: Mapping[str, float] | None = None
    ) -> None:
        """Declare the program's inputs."""
        self.emitted, self.writer, self._split = emitted, PreciseWriter(precision, scales), split
        self._weights = emitted.weights
        self._values: dict[str, Value] = {}
        self._parts: dict[str, dict[InputPart, Source]] = {}
        self._kinds = {i["name"]: i["kind"] for i in emitted.program["inputs"]}
        self._sides = {i["name"]: i["side"] if split else "pair" for i in emitted.program["inputs"]}
        for item in emitted.program["inputs"]:
            if item["kind"] == "dense":
                self._declare(item["name"], self._sides[item["name"]], item["width"], "numbers")

    def run(self) -> str | None:
        """Write all ops; returns the value [rows, 1] of the output, None where it is not per candidate."""
        for op in self.emitted.program["ops"]:
            slot, side = op["output"], self._side(op["inputs"])
            self._sides[slot] = side
            if op["op"] in LOOKUPS:
                width = self._width_of_lookup(op)
                self._declare(slot, side, width, f"embedding.{width}")
            elif op["op"] == "concat":
                self._values[slot] = merged([part for name in op["inputs"] for part in self._values[name]])
            elif side != "pair":
                self._declare(slot, side, self._width(op), "")
            else:
                self._values[slot] = getattr(self, f"_{op['op']}")(op)
        output = self._values[self.emitted.program["output"]]
        return self.writer.to_float(self.whole(output)) if side_of(output) == "pair" else None

    def inputs(self) -> tuple[NetworkInput, ...]:
        """What the written ops read, by side."""
        side = {source.bundle: source.side for parts in self._parts.values() for source in parts.values()}
        return tuple(
            NetworkInput(name, side[name] if self._split else "row", tuple(parts))
            for name, parts in sorted(self._parts.items(), key=lambda item: (SIDES.index(side[item[0]]), item[0]))
        )

    # Values that are known before the network runs.

    def _declare(self, slot: str, side: str, width: int, kind: str) -> None:
        """A slot that is known before; it becomes an input when it is read, in the dense network at once."""
        if self._split:
            self._values[slot] = (Source(side, width, value=f"?{slot}").all(),)
        else:
            self._values[slot] = (self._input(kind, "pair", InputPart(slot, "value", width)).all(),)

    def _input(self, bundle: str, side: str, part: InputPart) -> Source:
        parts = self._parts.setdefault(bundle, {})
        if part not in parts:
            parts[part] = Source(side, part.width, bundle, sum(p.width for p in parts))
        return parts[part]

    def _derived(self, side: str, slot: str, part: str, width: int) -> str:
        """What the core computes on a side of an op that is split."""
        source = self._input(side, side, InputPart(slot, part, width))
        return self.whole((source.all(),))

    # Values in the graph.

    def whole(self, value: Value) -> str:
        """One ONNX value [rows, width] of all parts."""
        parts = merged([self._placed(part) for part in value], across=True)
        if len(parts) == 1:
            return self._slice(parts[0])
        sliced = [self._slice(part) for part in parts]
        rows = next((name for name, part in zip(sliced, parts, strict=True) if part.side != "request"), None)
        if rows is not None:
            sliced = [
                self._repeat(name, part.width, rows) if part.side == "request" else name
                for name, part in zip(sliced, parts, strict=True)
            ]
        floats = [self.writer.to_float(name) for name in sliced]
        return self.writer.op("Concat", *floats, axis=1)

    def _placed(self, part: Part) -> Part:
        """The part in an input, where it is of a slot that is known before."""
        source = part.source
        if not source.value.startswith("?"):
            return part
        slot = source.value[1:]
        held = self._input(source.side, source.side, InputPart(slot, "value", source.width))
        return Part(held, part.start, part.width)

    def _slice(self, part: Part) -> str:
        source = part.source
        begin = source.offset + part.start if source.bundle else part.start
        name = source.bundle or source.value
        if not source.bundle and part.width == source.width:
            return name
        ends = (self.writer.ints([n]) for n in (begin, begin + part.width, 1))
        sliced = self.writer.op("Slice", name, *ends)
        return self.writer.keeps_dtype(name, sliced)

    def _repeat(self, value: str, width: int, like: str) -> str:
        """The request's row once per row of `like`."""
        w = self.writer
        batch = w.op("Slice", w.op("Shape", like), w.ints([0]), w.ints([1]))
        return w.op("Expand", w.to_float(value), w.op("Concat", batch, w.ints([width]), axis=0))

    def _computed(self, name: str, width: int) -> Value:
        return (Source("pair", width, value=name).all(),)

    # Ops of the pair side.

    def _product(self, x: Value, weight: Floats, bias: Floats | None, *, relu: bool, slot: str, name: str) -> str:
        """`act(W x + b)`, a product per side; `slot` names those that the core computes."""
        columns: dict[str, list[int]] = {side: [] for side in SIDES}
        parts: dict[str, list[Part]] = {side: [] for side in SIDES}
        start = 0
        for part in x:
            columns[part.side] += range(start, start + part.width)
            parts[part.side].append(part)
            start += part.width
        joined: list[str] = []
        for side in ("request", "item"):
            if parts[side]:
                joined.append(self._derived(side, slot, "product", len(weight)))  # the first one has the bias
        if parts["pair"]:
            pair, of_pair = self._gathered(parts["pair"], weight[:, columns["pair"]])
            if not joined:
                return self.writer.linear(pair, of_pair, bias, relu=relu, name=name)
            joined.append(self.writer.to_float(self.writer.linear(pair, of_pair, None, relu=False, name=name)))
        total = joined[0]
        for index, term in enumerate(joined[1:]):
            total = self.writer.op("Add", total, term, name=f"{name}/join.{index}")
        return self.writer.op("Relu", total, name=f"{name}/join.relu") if relu else total

    def _gathered(self, parts: Sequence[Part], weight: Floats) -> tuple[str, Floats]:
        """What a product reads, and its weights: whole tensors with their columns in place, rather than columns."""
        placed = merged([self._placed(part) for part in parts], across=True)
        if len({part.source for part in placed}) == len(placed):
            return self.whole(placed), weight
        sources = list(dict.fromkeys(part.source for part in placed))
        starts = dict(zip(sources, np.cumsum([0, *(s.width for s in sources)]).tolist(), strict=False))
        spread = np.zeros((len(weight), sum(s.width for s in sources)), np.float32)
        at = 0
        for part in placed:
            begin = starts[part.source] + part.start
            spread[:, begin : begin + part.width] += weight[:, at : at + part.width]
            at += part.width
        return self.whole(tuple(s.all() for s in sources)), spread

    def _linear(self, op: dict[str, Any]) -> Value:
        weight, slot = self._weights[op["weight"]], op["output"]
        relu = op.get("activation") == "relu"
        y = self._product(self._values[op["inputs"][0]], weight, self._bias(op), relu=relu, slot=slot, name=slot)
        return self._computed(y, len(weight))

    def _cross(self, op: dict[str, Any]) -> Value:
        x0, x = (self._values[slot] for slot in op["inputs"])
        slot = op["output"]
        z = self._product(x, self._weights[op["weight"]], self._bias(op), relu=False, slot=slot, name=slot)
        return self._crossed(x0, x, z)

    def _cross_low_rank(self, op: dict[str, Any]) -> Value:
        x0, x = (self._values[slot] for slot in op["inputs"])
        slot, projection = op["output"], self._weights[op["projection"]]
        narrow = self._product(x, projection, None, relu=False, slot=slot, name=f"{slot}/project")
        z = self.writer.linear(narrow, self._weights[op["weight"]], self._bias(op), relu=False, name=slot)
        return self._crossed(x0, x, z)

    def _crossed(self, x0: Value, x: Value, z: str) -> Value:
        w = self.writer
        start, last = (w.to_float(self.whole(value)) for value in (x0, x))
        return self._computed(w.op("Add", w.op("Mul", start, w.to_float(z)), last), width_of(x))

    def _fm(self, op: dict[str, Any]) -> Value:
        w, slot, slots = self.writer, op["output"], op["inputs"]
        dim = width_of(self._values[slots[0]])
        sums, terms = [], []
        for side in SIDES:
            fields = [self._values[name] for name in slots if side_of(self._values[name]) == side]
            if not fields:
                continue
            if side != "pair":
                sums.append(self._derived(side, slot, "sum", dim))
                if len(fields) > 1:
                    terms.append(self._derived(side, slot, "term", 1))
                continue
            stack = w.to_float(self.whole(tuple(part for field in fields for part in field)))
            stack = w.op("Reshape", stack, w.ints([0, len(fields), dim]))
            total = w.op("ReduceSum", stack, w.ints([1]), keepdims=0)
            squares = w.op("ReduceSum", w.op("Mul", stack, stack), w.ints([1]), keepdims=0)
            pairs = w.op("Sub", w.op("Mul", total, total), squares)
            terms.append(w.op("Mul", w.op("ReduceSum", pairs, w.ints([1])), w.float(0.5)))
            sums.append(total)
        terms += [self._dot_of(sums[i], sums[j]) for j in range(len(sums)) for i in range(j)]
        return self._computed(terms[0] if len(terms) == 1 else w.op("Sum", *terms), 1)

    def _dot(self, op: dict[str, Any]) -> Value:
        a, b = (self.writer.to_float(self.whole(self._values[slot])) for slot in op["inputs"])
        return self._computed(self._dot_of(a, b), 1)

    def _dot_of(self, a: str, b: str) -> str:
        return self.writer.op("ReduceSum", self.writer.op("Mul", a, b), self.writer.ints([1]))

    def _dot_interaction(self, op: dict[str, Any]) -> Value:
        vectors = [self._values[name] for name in op["inputs"]]
        slot = op["output"]

        def within(side: str, count: int) -> Source:
            return self._input(side, side, InputPart(slot, "dots", count * (count - 1) // 2))

        return DotProducts(self.writer, self.whole, within, slot).lower(vectors)

    def _normalise(self, op: dict[str, Any]) -> Value:
        w, value = self.writer, self._values[op["inputs"][0]]
        x = w.to_float(self.whole(value))
        length = w.op("Sqrt", w.op("ReduceSum", w.op("Mul", x, x), w.ints([1])))
        unit = w.op("Div", x, w.op("Max", length, w.float(1e-12)))
        if op.get("weight"):
            unit = w.op("Mul", unit, w.constant(f"{op['output']}.gain", self._weights[op["weight"]]))
        return self._computed(unit, width_of(value))

    def _sum(self, op: dict[str, Any]) -> Value:
        w, slot = self.writer, op["output"]
        width = width_of(self._values[op["inputs"][0]])
        terms: list[str] = []
        for side in SIDES:
            values = [self._values[name] for name in op["inputs"] if side_of(self._values[name]) == side]
            if side != "pair" and len(values) > 1:
                terms.append(self._derived(side, slot, "sum", width))
            elif width == 1 and len(values) > 1:
                numbers = w.to_float(self.whole(tuple(part for value in values for part in value)))
                terms.append(w.op("ReduceSum", numbers, w.ints([1])))
            else:
                terms += [w.to_float(self.whole(value)) for value in values]
        return self._computed(terms[0] if len(terms) == 1 else w.op("Sum", *terms), width)

    def _pick(self, op: dict[str, Any]) -> Value:
        raise ValueError(
            f"op 'pick' -> {op['output']!r}: the program picks a number per candidate and has no network for TensorRT; "
            "recfast ranks it without an engine"
        )

    # What an op's line says.

    def _side(self, inputs: Sequence[str]) -> str:
        sides = {self._sides[name] for name in inputs}
        return sides.pop() if len(sides) == 1 else "pair"

    def _bias(self, op: dict[str, Any]) -> Floats | None:
        return self._weights[op["bias"]] if op.get("bias") else None

    def _width_of_lookup(self, op: dict[str, Any]) -> int:
        if op["op"] == "sparse_bag":
            return len(self._weights[op["weight"]])
        return int(self.emitted.tables[op["table"]].shape[1])

    def _width(self, op: dict[str, Any]) -> int:
        """Width of the output of an op that is not split."""
        kind, count = op["op"], len(op["inputs"])
        if kind == "linear":
            return len(self._weights[op["weight"]])
        if kind in ("fm", "dot", "pick"):
            return 1
        if kind == "dot_interaction":
            return count * (count - 1) // 2
        return width_of(self._values[op["inputs"][0]])
