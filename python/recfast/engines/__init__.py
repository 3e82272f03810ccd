"""TensorRT engines: built from the ONNX networks that an artifact holds, cached per device, run on plain addresses.

One code serves `tensorrt` (an engine per GPU) and `tensorrt_rtx` (one engine for several architectures, built without
a GPU); neither is imported before it is needed, and no engine is opened before `recfast.cuda.status()` says that there
is a device.
"""

from __future__ import annotations

from .build import BuildOptions, BuiltPlan, build_plan
from .cache import EngineCache
from .device import Device, current_device
from .engine import Engine, EngineContext
from .errors import EngineError
from .inputs import network_inputs
from .layers import Layer
from .opening import open_engine
from .package import ENGINES, import_package
from .stored import (
    PRECISIONS,
    InputPart,
    NetworkInput,
    StoredEngine,
    hash_bytes,
    read_engines,
    store_engine,
)

__all__ = [
    "ENGINES",
    "PRECISIONS",
    "BuildOptions",
    "BuiltPlan",
    "Device",
    "Engine",
    "EngineCache",
    "EngineContext",
    "EngineError",
    "InputPart",
    "Layer",
    "NetworkInput",
    "StoredEngine",
    "build_plan",
    "current_device",
    "hash_bytes",
    "import_package",
    "network_inputs",
    "open_engine",
    "read_engines",
    "store_engine",
]
