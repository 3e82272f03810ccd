"""A program as a torch module over merged inputs: what somebody would write by hand for one network."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from recfast_training.program import Emitted

from .merged_inputs import Layout


class TorchProgram(nn.Module):
    """`(ids, numbers) -> logits`: one merged table per width, one gather for all fields of a width."""

    def __init__(self, emitted: Emitted) -> None:
        super().__init__()
        program, weights, tables = emitted
        layout = Layout(emitted)
        self._output = program["output"]
        self._numbers = {name: i for i, name in enumerate(layout.numbers)}
        self._fields = {dim: [op["output"] for op in ops] for dim, ops in layout.ops.items()}
        self._ops = [op for op in program["ops"] if op["op"] != "embedding_bag"]
        for dim, ops in layout.ops.items():
            self._keep(f"table_{dim}", np.concatenate([tables[op["table"]] for op in ops]))
        self._triangles: dict[int, Tensor] = {}
        self._names = {name: f"weight_{i}" for i, name in enumerate(weights)}
        for name, value in weights.items():
            self._keep(self._names[name], value)

    def forward(self, ids: Tensor, numbers: Tensor) -> Tensor:
        """int64 [B, F], float [B, n] -> float [B]."""
        stacks = {dim: functional.embedding(ids, getattr(self, f"table_{dim}")) for dim in self._fields}
        frame = _Frame(numbers, self._numbers, stacks, self._fields)
        for op in self._ops:
            frame.values[op["output"]] = getattr(self, f"_{op['op']}")(frame, op)
        return frame.value(self._output)[:, 0]

    def _keep(self, name: str, value: npt.NDArray[np.float32]) -> None:
        self.register_buffer(name, torch.from_numpy(value))

    def _weight(self, name: str) -> Any:
        return getattr(self, self._names[name])

    def _concat(self, frame: _Frame, op: dict[str, Any]) -> Tensor:
        return frame.together(op["inputs"])

    def _linear(self, frame: _Frame, op: dict[str, Any]) -> Tensor:
        bias = self._weight(op["bias"]) if op.get("bias") is not None else None
        y = functional.linear(frame.value(op["inputs"][0]), self._weight(op["weight"]), bias)
        return functional.relu(y) if op["activation"] == "relu" else y

    def _fm(self, frame: _Frame, op: dict[str, Any]) -> Tensor:
        vectors = frame.stacked(op["inputs"])
        total = vectors.sum(dim=1)
        return 0.5 * (total * total - (vectors * vectors).sum(dim=1)).sum(dim=1, keepdim=True)

    def _cross(self, frame: _Frame, op: dict[str, Any]) -> Tensor:
        x0, x = (frame.value(slot) for slot in op["inputs"])
        return torch.addcmul(x, x0, functional.linear(x, self._weight(op["weight"]), self._weight(op["bias"])))

    def _cross_low_rank(self, frame: _Frame, op: dict[str, Any]) -> Tensor:
        x0, x = (frame.value(slot) for slot in op["inputs"])
        projected = functional.linear(x, self._weight(op["projection"]))
        return torch.addcmul(x, x0, functional.linear(projected, self._weight(op["weight"]), self._weight(op["bias"])))

    def _dot_interaction(self, frame: _Frame, op: dict[str, Any]) -> Tensor:
        vectors = frame.stacked(op["inputs"])
        return torch.bmm(vectors, vectors.transpose(1, 2)).flatten(1)[:, self._triangle(vectors.shape[1])]

    def _triangle(self, count: int) -> Tensor:
        """Places of the strictly lower triangle in a square, row by row."""
        if count not in self._triangles:
            self._triangles[count] = torch.tensor([j * count + i for j in range(count) for i in range(j)])
        return self._triangles[count]

    def _sum(self, frame: _Frame, op: dict[str, Any]) -> Tensor:
        return frame.added(op["inputs"])


class _Frame:
    """The values of one call."""

    def __init__(
        self, numbers: Tensor, columns: dict[str, int], stacks: dict[int, Tensor], fields: dict[int, list[str]]
    ) -> None:
        self.values: dict[str, Tensor] = {}
        self._numbers, self._columns, self._stacks, self._fields = numbers, columns, stacks, fields

    def value(self, slot: str) -> Tensor:
        """[B, width] of one slot."""
        return self.values[slot] if slot in self.values else self.together([slot])

    def together(self, slots: list[str]) -> Tensor:
        """[B, sum of widths]; fields or numbers that follow each other are one part."""
        parts, left = [], list(slots)
        while left:
            part, taken = self._run(left)
            parts.append(part)
            del left[:taken]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def stacked(self, slots: list[str]) -> Tensor:
        """[B, F, D] of slots of one width D."""
        for dim, fields in self._fields.items():
            if fields == slots:
                return self._stacks[dim]
        width = self.value(slots[0]).shape[1]
        return self.together(slots).view(-1, len(slots), width)

    def added(self, slots: list[str]) -> Tensor:
        """The sum of slots of one width; all fields of a width at once."""
        terms, left = [], list(slots)
        for dim, fields in self._fields.items():
            if set(fields) <= set(left):
                terms.append(self._stacks[dim].sum(dim=1))
                left = [slot for slot in left if slot not in fields]
        terms += [self.value(slot) for slot in left]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total

    def _run(self, slots: list[str]) -> tuple[Tensor, int]:
        """What the first slots are together, and how many of them."""
        first = slots[0]
        if first in self.values:
            return self.values[first], 1
        if first in self._columns:
            at = self._columns[first]
            count = _follows(slots, list(self._columns)[at:])
            return (self._numbers if count == len(self._columns) else self._numbers[:, at : at + count]), count
        for dim, fields in self._fields.items():
            if first in fields:
                at = fields.index(first)
                count = _follows(slots, fields[at:])
                return self._stacks[dim][:, at : at + count].flatten(1), count
        raise KeyError(f"no slot {first!r}")


def _follows(slots: list[str], names: list[str]) -> int:
    """How many of the first slots are these names, in their order."""
    return next((i for i, (a, b) in enumerate(zip(slots, names, strict=False)) if a != b), min(len(slots), len(names)))
