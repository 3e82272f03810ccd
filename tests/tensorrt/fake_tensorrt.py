"""ONNX Runtime behind TensorRT's method names, on addresses of host memory: what the engine code calls, and no more.

On the emulated device, whose memory is the host's, the work of a call goes to its stream as a host function, in order
with the kernels around it, and into graphs; elsewhere it is done at once.

A plan is a JSON line (version, profile, names of the nodes) and the ONNX model. Only engines of the same version can be
deserialised, as with TensorRT.
"""

from __future__ import annotations

import ctypes
import enum
import json
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime

from recfast import _core

__version__ = "10.13.0"
REFUSED_OPS = {"Unique", "NonMaxSuppression"}


class ILogger:
    class Severity(enum.IntEnum):
        INTERNAL_ERROR = 0
        ERROR = 1
        WARNING = 2
        INFO = 3
        VERBOSE = 4

    def log(self, severity: Any, text: str) -> None:
        raise NotImplementedError


class NetworkDefinitionCreationFlag(enum.IntEnum):
    STRONGLY_TYPED = 1


class ProfilingVerbosity(enum.IntEnum):
    DETAILED = 2


class TensorIOMode(enum.IntEnum):
    INPUT = 1
    OUTPUT = 2


class ParseError:
    def __init__(self, node: onnx.NodeProto) -> None:
        self._node = node

    def node_name(self) -> str:
        return str(self._node.name)

    def node_operator(self) -> str:
        return str(self._node.op_type)

    def desc(self) -> str:
        return "no importer"

    def code(self) -> str:
        return "ErrorCode.UNSUPPORTED_NODE"


class Network:
    def __init__(self, flags: int) -> None:
        assert flags == 1 << NetworkDefinitionCreationFlag.STRONGLY_TYPED
        self.model: Any = None
        self.num_layers = 0

    @property
    def num_inputs(self) -> int:
        return len(self.model.graph.input)

    def get_input(self, index: int) -> Any:
        value = self.model.graph.input[index]
        return SimpleNamespace(name=value.name, shape=extents(value))


class OnnxParser:
    def __init__(self, network: Network, logger: ILogger) -> None:
        self._network = network
        self._errors: list[ParseError] = []

    def parse(self, data: bytes) -> bool:
        assert isinstance(data, bytes)
        self._network.model = onnx.load_from_string(data)
        nodes = self._network.model.graph.node
        self._errors = [ParseError(node) for node in nodes if node.op_type in REFUSED_OPS]
        return not self._errors

    @property
    def num_errors(self) -> int:
        return len(self._errors)

    def get_error(self, index: int) -> ParseError:
        return self._errors[index]


class Profile:
    def __init__(self) -> None:
        self.shapes: dict[str, list[tuple[int, ...]]] = {}

    def set_shape(self, name: str, least: Any, usual: Any, most: Any) -> None:
        self.shapes[name] = [least, usual, most]


class Config:
    profiling_verbosity: Any = None

    def __init__(self) -> None:
        self.profile = Profile()

    def add_optimization_profile(self, profile: Profile) -> None:
        self.profile = profile


class Builder:
    built = 0

    def __init__(self, logger: ILogger) -> None:
        self._logger = logger

    def create_network(self, flags: int) -> Network:
        return Network(flags)

    def create_builder_config(self) -> Config:
        return Config()

    def create_optimization_profile(self) -> Profile:
        return Profile()

    def build_serialized_network(self, network: Network, config: Config) -> bytes | None:
        assert config.profiling_verbosity == ProfilingVerbosity.DETAILED
        Builder.built += 1
        for node in network.model.graph.node:
            line = f"Name: {node.name}, LayerType: {node.op_type}, Inputs: [], Constants: [], Outputs: []"
            self._logger.log(ILogger.Severity.VERBOSE, f"{line}, TacticName: , Metadata: [ONNX Layer: {node.name}]")
        head = json.dumps({"version": __version__, "shapes": config.profile.shapes})
        return head.encode() + b"\n" + network.model.SerializeToString()


class Context:
    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._addresses: dict[str, int] = {}
        self.streams: list[int] = []

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self._shapes[name] = shape
        return len(shape) == len(self._engine.shapes[name])

    def set_tensor_address(self, name: str, address: int) -> bool:
        self._addresses[name] = address
        return address != 0 and address % 4 == 0

    def execute_async_v3(self, stream: int) -> bool:
        if self._addresses.keys() != self._engine.shapes.keys():
            return False
        self.streams.append(stream)
        shapes, addresses = dict(self._shapes), dict(self._addresses)

        def run() -> None:
            feeds = {name: floats_at(addresses[name], shape) for name, shape in shapes.items()}
            for output, array in zip(self._engine.outputs, self._engine.session.run(None, feeds), strict=True):
                floats_at(addresses[output], array.shape)[...] = array

        return on_stream(stream, run)


class CudaEngine:
    def __init__(self, head: dict[str, Any], model: onnx.ModelProto) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        data = model.SerializeToString()
        self.session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self.profile = head["shapes"]
        self.outputs = [value.name for value in model.graph.output]
        self.shapes = {value.name: extents(value) for value in [*model.graph.input, *model.graph.output]}

    @property
    def num_io_tensors(self) -> int:
        return len(self.shapes)

    def get_tensor_name(self, index: int) -> str:
        return list(self.shapes)[index]

    def get_tensor_mode(self, name: str) -> TensorIOMode:
        return TensorIOMode.OUTPUT if name in self.outputs else TensorIOMode.INPUT

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.shapes[name]

    def get_tensor_profile_shape(self, name: str, profile: int) -> list[list[int]]:
        return list(self.profile[name])

    def create_execution_context(self) -> Context:
        return Context(self)


class Runtime:
    def __init__(self, logger: ILogger) -> None:
        self._logger = logger

    def deserialize_cuda_engine(self, plan: bytes) -> CudaEngine | None:
        assert isinstance(plan, bytes)
        line, _, model = plan.partition(b"\n")
        try:
            head = json.loads(line)
        except ValueError:
            head = {}
        if head.get("version") != __version__:
            self._logger.log(ILogger.Severity.ERROR, "the version tag does not match")
            return None
        return CudaEngine(head, onnx.load_from_string(model))


def extents(value: Any) -> tuple[int, ...]:
    return tuple(-1 if extent.dim_param else extent.dim_value for extent in value.type.tensor_type.shape.dim)


def floats_at(address: int, shape: tuple[int, ...]) -> Any:
    """A view of host memory."""
    count = int(np.prod(shape))
    pointer = ctypes.cast(address, ctypes.POINTER(ctypes.c_float))
    return np.ctypeslib.as_array(pointer, (count,)).reshape(shape)


HOST_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_functions: list[Any] = []  # streams and graphs may call them at any time


def on_stream(stream: int, run: Callable[[], None]) -> bool:
    """Append a function to a stream of the emulated device; where there is none, call it."""
    if "RECFAST_EMULATOR_ORDER" not in os.environ:
        run()
        return True
    function = HOST_FUNCTION(lambda _: run())
    _functions.append(function)
    launch = ctypes.CDLL(_core.__file__).cudaLaunchHostFunc
    launch.argtypes = (ctypes.c_void_p, HOST_FUNCTION, ctypes.c_void_p)
    return bool(launch(stream, function, None) == 0)
