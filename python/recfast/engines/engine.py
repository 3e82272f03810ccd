"""An engine that is ready to run, and its contexts: addresses and a number of rows in, work on a stream out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .build import recording_logger
from .errors import EngineError
from .stored import Bytes


class Engine:
    """A deserialised engine; `context()` makes what runs it. Contexts share its weights.

    Args:
        package: the module `tensorrt` or `tensorrt_rtx`.
        plan: the serialised engine.
        what: for messages.

    Attributes:
        what: names it in messages.
        shapes: of inputs and outputs by name, -1 where rows are counted.
        inputs: names of the inputs, in the engine's order.
        outputs: names of the outputs.

    Raises:
        EngineError: the engine cannot be deserialised here, with TensorRT's reason.
    """

    def __init__(self, package: Any, plan: bytes | Bytes, *, what: str = "the engine") -> None:
        """Deserialise."""
        self._log: list[tuple[Any, str]] = []
        self.what = f"{package.__name__} {package.__version__}: {what}"
        self._severity = package.ILogger.Severity
        self._logger = recording_logger(package, self._log)
        self._runtime = package.Runtime(self._logger)
        self._engine = self._runtime.deserialize_cuda_engine(plan.tobytes() if isinstance(plan, np.ndarray) else plan)
        if self._engine is None:
            raise self.error("cannot be deserialised; it is of another version or for another GPU")
        names = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        mode = package.TensorIOMode.INPUT
        self.inputs = tuple(name for name in names if self._engine.get_tensor_mode(name) == mode)
        self.outputs = tuple(name for name in names if name not in self.inputs)
        self.shapes = {name: tuple(self._engine.get_tensor_shape(name)) for name in names}
        self._batch = self._rows()

    def width(self, name: str) -> int:
        """Numbers per row of an input or output."""
        return int(np.prod(self.shapes[name][1:], dtype=np.int64))

    @property
    def batch(self) -> tuple[int, int, int]:
        """Least, usual and most rows of a call."""
        return self._batch

    def context(self) -> EngineContext:
        """Make a context.

        Raises:
            EngineError: there is not enough device memory for one.
        """
        made = self._engine.create_execution_context()
        if made is None:
            raise self.error("gets no execution context; is there device memory left?")
        return EngineContext(self, made)

    def _rows(self) -> tuple[int, int, int]:
        for name in self.inputs:
            if self.shapes[name][:1] == (-1,):
                shapes = self._engine.get_tensor_profile_shape(name, 0)
                least, usual, most = (int(next(iter(shape))) for shape in shapes)
                return least, usual, most
        return 1, 1, 1

    def error(self, problem: str) -> EngineError:
        """What goes wrong, with TensorRT's last reasons."""
        severe = (self._severity.INTERNAL_ERROR, self._severity.ERROR)
        reasons = [text for level, text in self._log if level in severe][-3:]
        self._log.clear()
        return EngineError(f"{self.what} {problem}" + (f" ({'; '.join(reasons)})" if reasons else ""))

    def __repr__(self) -> str:
        """Name it, its tensors and its rows."""
        return f"Engine({self.what}, {list(self.inputs)} -> {list(self.outputs)}, {self._batch[0]} to {self._batch[2]})"


class EngineContext:
    """One execution context of an engine; for one thread at a time. Made by `Engine.context`.

    `bind` once per batch bucket and whenever an address changes, `enqueue` per call. Addresses are of device memory, as
    plain integers; nothing is copied or allocated here. Where `capturable(stream)`, `enqueue` may stand between the
    begin and the end of a stream capture: the graph then runs with the addresses and rows that were bound.
    """

    def __init__(self, engine: Engine, context: Any) -> None:
        """Take TensorRT's context."""
        self._engine, self._context = engine, context

    def bind(self, addresses: Mapping[str, int], rows: int) -> None:
        """Set shapes and addresses for the calls that follow.

        Args:
            addresses: of device memory, by the names of all inputs and outputs: float32 [rows, width] each, contiguous;
                [1, width] for what has one row.
            rows: in the batch that the engine was built for.

        Raises:
            ValueError: rows out of range, or other names than the engine's.
            EngineError: TensorRT refuses a shape or an address.
        """
        least, _, most = self._engine.batch
        shapes = self._engine.shapes
        if not least <= rows <= most:
            raise ValueError(f"{self._engine.what} takes {least} to {most} rows, got {rows}")
        if addresses.keys() != shapes.keys():
            raise ValueError(f"{self._engine.what} has the tensors {sorted(shapes)}, got {sorted(addresses)}")
        for name in self._engine.inputs:
            shape = tuple(rows if extent == -1 else extent for extent in shapes[name])
            if not self._context.set_input_shape(name, shape):
                raise self._engine.error(f"refuses the shape {list(shape)} of {name!r}")
        for name, address in addresses.items():
            if not self._context.set_tensor_address(name, int(address)):
                raise self._engine.error(f"refuses the address {address:#x} of {name!r}")

    def enqueue(self, stream: int) -> None:
        """Start the work on a CUDA stream (its handle as an integer) and return.

        Raises:
            EngineError: TensorRT did not start it; most often something was not bound.
        """
        if not self._context.execute_async_v3(stream):
            raise self._engine.error("did not start")

    def capturable(self, stream: int) -> bool:
        """Whether a CUDA graph of `enqueue` can be captured on the stream.

        TensorRT-RTX says so itself. Full TensorRT has no such question: a capture is tried, and may fail.
        """
        asked = getattr(self._context, "is_stream_capturable", None)
        return True if asked is None else bool(asked(stream))
