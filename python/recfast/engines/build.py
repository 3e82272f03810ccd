"""ONNX to engine, by whichever package of TensorRT: both have the same names."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import EngineError
from .layers import Layer, read_layers
from .package import check_engine, import_package, require_device

MAX_BATCH = 2**20
DEFAULT_CAPABILITIES = ("SM80", "SM86", "SM89", "SM120")
"""Architectures that one engine of TensorRT-RTX serves unless others are named."""

_NO_TARGETS = ("NONE", "CURRENT")
_QUOTED = re.compile(r"operation '([^']+)'|layer '?([\w./#-]+)'?")
_NOT_ON = re.compile(r"target\(s\) (?P<target>\w+).*HW-specific datatypes: (?P<dtypes>[\w, ]+)")
_DTYPES = {"b16": "BF16", "fp8_e4m3": "FP8", "fp4_e2m1": "FP4"}


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """How to build.

    Args:
        engine: "tensorrt" or "tensorrt_rtx".
        batch: least, usual and most rows of a call, 1 <= least <= usual <= most <= 2**20.
        capabilities: architectures of a "tensorrt_rtx" engine, e.g. ("SM80", "SM89"); none for "tensorrt", which builds
            for the GPU that it runs on.

    Raises:
        ValueError: an unknown engine, a batch that is not ordered, or capabilities where there must be none.
        TypeError: a batch that is not three whole numbers.

    Example:
        >>> BuildOptions(engine="tensorrt_rtx", batch=(1, 512, 256))
        Traceback (most recent call last):
        ValueError: batch= is (least, usual, most) with 1 <= least <= usual <= most <= 1048576, got (1, 512, 256)
    """

    engine: str
    batch: tuple[int, int, int]
    capabilities: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check what can be checked without the package."""
        check_engine(self.engine)
        batch = self.batch
        if not isinstance(batch, Sequence) or len(batch) != 3 or not all(type(rows) is int for rows in batch):
            raise TypeError(f"batch= is three whole numbers (least, usual, most), got {batch!r}")
        if not 1 <= batch[0] <= batch[1] <= batch[2] <= MAX_BATCH:
            raise ValueError(
                f"batch= is (least, usual, most) with 1 <= least <= usual <= most <= {MAX_BATCH}, got {tuple(batch)}"
            )
        if isinstance(self.capabilities, str):
            raise TypeError(f"capabilities= is a sequence of names such as ('SM80',), got {self.capabilities!r}")
        if self.engine == "tensorrt" and self.capabilities:
            raise ValueError(
                f"tensorrt builds for the GPU that it runs on, got capabilities={tuple(self.capabilities)}; leave them "
                "out, or take engine='tensorrt_rtx'"
            )
        object.__setattr__(self, "batch", tuple(batch))
        chosen = tuple(dict.fromkeys(self.capabilities)) or DEFAULT_CAPABILITIES
        object.__setattr__(self, "capabilities", chosen if self.engine == "tensorrt_rtx" else ())

    @property
    def profile(self) -> str:
        """Batch and capabilities in one word."""
        return "-".join([*map(str, self.batch), *self.capabilities])


@dataclass(frozen=True)
class BuiltPlan:
    """An engine as bytes, and what its build said.

    Attributes:
        data: the serialised engine.
        version: of the package that built it.
        seconds: how long the build took.
        layers: in the order in which they run.
    """

    data: bytes = field(repr=False)
    version: str
    seconds: float
    layers: tuple[Layer, ...] = field(repr=False)


def build_plan(onnx: bytes, options: BuildOptions, *, what: str = "the network") -> BuiltPlan:
    """Build an engine: strongly typed, with one profile in which the first extent of every input is the batch.

    The same network, options and version give the same bytes.

    Args:
        onnx: a serialised ONNX model; its dynamic inputs have the batch first and are else of fixed extents.
        options: how to build.
        what: name of the network for messages.

    Returns:
        The engine.

    Raises:
        ImportError: the package is not installed.
        DeviceError: full TensorRT without a device.
        ValueError: a capability that the package does not know; lists those that it does.
        EngineError: TensorRT refuses the network; names the layer and the architecture as far as TensorRT does.

    Example:
        >>> options = BuildOptions(engine="tensorrt_rtx", batch=(1, 64, 256), capabilities=("SM80", "SM89"))
        >>> options.profile
        '1-64-256-SM80-SM89'
    """
    if options.engine == "tensorrt":
        require_device("building an engine with tensorrt")
    trt = import_package(options.engine)
    log: list[tuple[Any, str]] = []
    return _Build(trt, options, f"{options.engine} {trt.__version__}", what, log).run(onnx)


class _Build:
    """One build; its methods stand in the order in which they run."""

    def __init__(self, trt: Any, options: BuildOptions, name: str, what: str, log: list[tuple[Any, str]]) -> None:
        self._trt, self._options, self._name, self._what, self._log = trt, options, name, what, log

    def run(self, onnx: bytes) -> BuiltPlan:
        trt = self._trt
        builder = trt.Builder(logger := recording_logger(trt, self._log))
        flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
        network = builder.create_network(flags)
        parser = trt.OnnxParser(network, logger)
        if not parser.parse(onnx):
            raise EngineError(f"{self._name} refuses {self._what}: {self._parse_errors(parser)}")
        config = builder.create_builder_config()
        config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
        self._set_capabilities(config)
        self._set_profile(builder, network, config)
        start = time.perf_counter()
        plan = builder.build_serialized_network(network, config)
        if plan is None:
            raise EngineError(f"{self._name} cannot build {self._what}{self._target()}: {self._build_error(network)}")
        seconds = time.perf_counter() - start
        layers = read_layers(text for _, text in self._log)
        return BuiltPlan(bytes(plan), str(trt.__version__), seconds, layers)

    def _parse_errors(self, parser: Any) -> str:
        errors = [parser.get_error(i) for i in range(parser.num_errors)]
        texts = [
            f"layer {error.node_name()!r} ({error.node_operator()}): {error.desc() if error.desc() != 'false' else ''}"
            f"[{_word(error.code())}]"
            for error in errors
        ]
        return "; ".join(texts) or "the ONNX parser gives no reason"

    def _set_capabilities(self, config: Any) -> None:
        chosen = self._options.capabilities
        if not chosen:
            return
        known = self._trt.ComputeCapability.__members__
        valid = [name for name in known if name not in _NO_TARGETS]
        unknown = [name for name in chosen if name not in valid]
        if unknown:
            raise ValueError(f"capabilities= of {self._name} are among {', '.join(valid)}; got {', '.join(unknown)}")
        config.num_compute_capabilities = len(chosen)
        for index, name in enumerate(chosen):
            config.set_compute_capability(known[name], index)

    def _set_profile(self, builder: Any, network: Any, config: Any) -> None:
        profile = builder.create_optimization_profile()
        for tensor in (network.get_input(i) for i in range(network.num_inputs)):
            shape = tuple(tensor.shape)
            if shape[:1] == (-1,):
                profile.set_shape(tensor.name, *((rows, *shape[1:]) for rows in self._options.batch))
        config.add_optimization_profile(profile)

    def _target(self) -> str:
        return f" for {', '.join(self._options.capabilities)}" if self._options.capabilities else ""

    def _build_error(self, network: Any) -> str:
        severity = self._trt.ILogger.Severity
        texts = [text for level, text in self._log if level in (severity.INTERNAL_ERROR, severity.ERROR)]
        if not texts:
            return "it gives no reason"
        if found := next(filter(None, map(_NOT_ON.search, texts)), None):
            dtypes = [_DTYPES.get(word.strip(), word.strip()) for word in found["dtypes"].split(",")]
            layer = next((name for name, dtype in _typed_layers(network) if dtype in dtypes), None)
            where = f"layer {layer!r}" if layer else "a layer"
            return f"{where} is in {', '.join(dtypes)}, which {found['target'].upper()} does not have ({texts[0]})"
        if found := next(filter(None, map(_QUOTED.search, texts)), None):
            return f"layer {found[1] or found[2]!r}: {'; '.join(texts)}"
        return "; ".join(texts)


def recording_logger(trt: Any, log: list[tuple[Any, str]]) -> Any:
    """A logger of `trt` that prints nothing: (severity, text) go to `log`."""

    class Recorder(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, text: str) -> None:
            log.append((severity, text))

    return Recorder()


def _typed_layers(network: Any) -> Iterator[tuple[str, str]]:
    """The layers by name, with the dtype of each output."""
    for layer in (network.get_layer(i) for i in range(network.num_layers)):
        for index in range(layer.num_outputs):
            yield layer.name, _word(layer.get_output(index).dtype)


def _word(value: Any) -> str:
    """The last word of an enumeration's value: "BF16" of "DataType.BF16"."""
    return str(value).rpartition(".")[2]
