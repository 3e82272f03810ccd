"""The device that an engine is for."""

from __future__ import annotations

from dataclasses import dataclass

from recfast.errors import DeviceError

from .package import require_device


@dataclass(frozen=True)
class Device:
    """What decides whether an engine of full TensorRT fits.

    Attributes:
        name: of the GPU, as CUDA gives it, e.g. "NVIDIA H100 80GB HBM3".
        capability: compute capability, e.g. (9, 0).
        driver: version of the CUDA driver, e.g. "13.0".

    Example:
        >>> Device("NVIDIA L4", (8, 9), "13.0").architecture
        'SM89'
    """

    name: str
    capability: tuple[int, int]
    driver: str

    @property
    def architecture(self) -> str:
        """The compute capability as TensorRT-RTX names it."""
        return f"SM{self.capability[0]}{self.capability[1]}"


def current_device(ordinal: int = 0) -> Device:
    """What `recfast.cuda.status` says of a device.

    Args:
        ordinal: among the visible devices.

    Returns:
        The device.

    Raises:
        DeviceError: there is none, or none of that number.

    Example:
        >>> import recfast as rf
        >>> current_device().architecture if rf.cuda.status().available else "none"
        'none'
    """
    status = require_device("naming a device")
    if not 0 <= ordinal < len(status.devices):
        raise DeviceError(f"there is no CUDA device {ordinal}: there are {len(status.devices)}, counted from 0")
    found = status.devices[ordinal]
    return Device(found.name, found.capability, f"{status.driver // 1000}.{status.driver % 1000 // 10}")
