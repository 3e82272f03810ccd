"""Whether recfast can use a GPU, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from recfast import _core

__all__ = ["CudaDevice", "CudaStatus", "status"]


@dataclass(frozen=True)
class CudaDevice:
    """A GPU of this machine.

    Attributes:
        name: As the driver gives it.
        capability: Compute capability, (major, minor).
        memory_bytes: Memory of the device.
    """

    name: str
    capability: tuple[int, int]
    memory_bytes: int


@dataclass(frozen=True)
class CudaStatus:
    """What `status` found.

    Attributes:
        built: recfast was compiled with CUDA.
        available: A device can be used.
        reason: Why none can: CUDA's name of the error and its text; empty when one can.
        devices: What the driver finds.
        driver: The newest CUDA version that the driver knows, 1000 * major + 10 * minor; 0 without one.
        runtime: The CUDA version that recfast was compiled with, in the same way; 0 without CUDA.
    """

    built: bool
    available: bool
    reason: str
    devices: tuple[CudaDevice, ...] = ()
    driver: int = 0
    runtime: int = 0


def status() -> CudaStatus:
    """Whether a GPU can be used.

    Returns:
        The status; it never raises and never starts a device.

    Example:
        >>> import recfast as rf
        >>> rf.cuda.status().available
        False
    """
    found = _core.cuda_status()
    devices = tuple(CudaDevice(name, capability, memory) for name, capability, memory in found["devices"])
    return CudaStatus(
        built=found["built"],
        available=bool(devices),
        reason=found["reason"],
        devices=devices,
        driver=found["driver"],
        runtime=found["runtime"],
    )
