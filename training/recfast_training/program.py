"""Collects the program of a model: its inputs, ops, weights and tables, in the form that an artifact holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from torch import Tensor

from recfast.schema import Schema

from .inputs import Input, inputs_of


class Emitted(NamedTuple):
    """A model as data.

    Attributes:
        program: JSON values: inputs, ops and the name of the output slot.
        weights: float32 arrays by the names that the ops give, and int32 matrices of columns.
        tables: float32 [R, D] embedding rows by table name.
    """

    program: dict[str, Any]
    weights: dict[str, npt.NDArray[Any]]
    tables: dict[str, npt.NDArray[np.float32]]


class ProgramBuilder:
    """Appends ops one after the other; slot names are made unique, weights and tables are named by their layers.

    Args:
        schema: its encoded arrays become the program's inputs.

    Example:
        >>> import recfast as rf
        >>> builder = ProgramBuilder(rf.Schema(item=[rf.Numeric("price")], key="sku"))
        >>> builder.op("sum", ["price", "price"], "twice")
        'twice'
        >>> builder.finish("twice").program["output"]
        'twice'
    """

    def __init__(self, schema: Schema) -> None:
        """Declare the inputs."""
        self.inputs: tuple[Input, ...] = inputs_of(schema)
        self._slots = {i.name for i in self.inputs}
        self._ops: list[dict[str, Any]] = []
        self._weights: dict[str, npt.NDArray[Any]] = {}
        self._tables: dict[str, npt.NDArray[np.float32]] = {}

    def op(self, op: str, inputs: Sequence[str], output: str, **attributes: str) -> str:
        """Append one op.

        Args:
            op: its name, e.g. "linear".
            inputs: slots that exist.
            output: the wished name of the new slot; a number is appended where it is taken.
            **attributes: weight and table names, pooling, activation.

        Returns:
            The name of the new slot.

        Raises:
            KeyError: an input slot that does not exist.
        """
        unknown = [slot for slot in inputs if slot not in self._slots]
        if unknown:
            raise KeyError(f"op {op!r}: the slots {unknown} do not exist")
        name, copies = output, 1
        while name in self._slots:
            copies += 1
            name = f"{output}.{copies}"
        self._slots.add(name)
        self._ops.append({"op": op, "inputs": list(inputs), "output": name, **attributes})
        return name

    def weight(self, name: str, value: Tensor) -> str:
        """Add a weight (float32, any shape) and return its name; a name can be given once."""
        return self._add(self._weights, "weight", name, value.detach().float())

    def indices(self, name: str, value: Tensor) -> str:
        """Add a matrix of indices (int32, below 2**31) among the weights and return its name; once per name."""
        return self._add(self._weights, "weight", name, value.detach().int())

    def table(self, name: str, value: Tensor) -> str:
        """Add a table (float32 [R, D]) and return its name; a name can be given once."""
        return self._add(self._tables, "table", name, value.detach().float())

    def has_table(self, name: str) -> bool:
        """Whether a table of that name was added (features that share one add it once)."""
        return name in self._tables

    def _add(self, target: dict[str, npt.NDArray[Any]], what: str, name: str, value: Tensor) -> str:
        if name in target:
            raise ValueError(f"the {what} {name!r} is added twice")
        target[name] = np.array(value.cpu().numpy(), order="C")
        return name

    def finish(self, output: str) -> Emitted:
        """Close the program.

        Args:
            output: the slot of width 1 that is the logit.

        Returns:
            The program, its weights and its tables.
        """
        program = {"inputs": [i.to_json() for i in self.inputs], "ops": self._ops, "output": output}
        return Emitted(program, self._weights, self._tables)
