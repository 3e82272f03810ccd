"""From a stored network to a running engine: the artifact's own engine where it fits, the cache's, else a new one."""

from __future__ import annotations

import logging

from .build import build_plan
from .cache import CacheKey, EngineCache
from .device import Device, current_device
from .engine import Engine
from .errors import EngineError
from .package import import_package, require_device
from .stored import StoredEngine, hash_bytes

_log = logging.getLogger("recfast.engines")


def open_engine(stored: StoredEngine, device: Device | None = None, *, cache: EngineCache | None = None) -> Engine:
    """Make a stored network ready to run on a device.

    In this order: the engine in the artifact, where package version, GPU and driver are those that it was built with;
    the cached one; a new one, which is then cached. Why an earlier one was not taken is logged by `recfast.engines`.

    Args:
        stored: from `read_engines`.
        device: what it will run on; None asks the driver for the first one.
        cache: EngineCache() when None.

    Returns:
        The engine.

    Raises:
        DeviceError: there is no device; found out before TensorRT is touched.
        ImportError: the package is not installed.
        EngineError: TensorRT-RTX without the device's architecture among the capabilities, or TensorRT refuses.
    """
    require_device(f"running an engine of {stored.options.engine}")
    package = import_package(stored.options.engine)
    device = device if device is not None else current_device()
    what = f"the {stored.network} network in {stored.precision}"
    _check_architecture(stored, device, what)
    cache = cache if cache is not None else EngineCache()
    reason = _misfit(stored, str(package.__version__), device)
    if not reason and stored.plan is not None:
        try:
            return Engine(package, stored.plan, what=what)
        except EngineError as error:
            reason = str(error)
    _log.info("%s: %s; looking in %s", what, reason, cache.folder)
    key = CacheKey.of(stored, str(package.__version__), device)
    plan, reason = cache.find(key)
    if plan is not None:
        try:
            return Engine(package, plan, what=what)
        except EngineError as error:
            reason = str(error)
    _log.warning("building an engine of %s for %s: %s", what, device.name, reason)
    return Engine(package, _build(stored, key, cache, what), what=what)


def _build(stored: StoredEngine, key: CacheKey, cache: EngineCache, what: str) -> bytes:
    plan = build_plan(stored.onnx.tobytes(), stored.options, what=what).data
    try:
        cache.put(key, plan)
    except OSError as error:
        _log.warning("the engine of %s is not cached: %s", what, error)
    return plan


def _check_architecture(stored: StoredEngine, device: Device, what: str) -> None:
    capabilities = stored.options.capabilities
    if capabilities and device.architecture not in capabilities:
        raise EngineError(
            f"{what}: its TensorRT-RTX engine is for {', '.join(capabilities)}, {device.name} is {device.architecture};"
            " export it with that capability, or with engine='tensorrt'"
        )


def _misfit(stored: StoredEngine, version: str, device: Device) -> str:
    """Why the artifact's own engine does not fit; empty where it does."""
    if stored.plan is None:
        return "the file holds no engine"
    if stored.version != version:
        return f"the file's engine is of version {stored.version}, {stored.options.engine} is {version}"
    if stored.device is not None and stored.device != device:
        return f"the file's engine is for {_name(stored.device)}, this is {_name(device)}"
    if (found := hash_bytes(stored.plan)) != stored.plan_hash:
        return f"the file's engine has XXH64 {found}, expected {stored.plan_hash}"
    return ""


def _name(device: Device) -> str:
    return f"{device.name} ({device.architecture}, driver {device.driver})"
