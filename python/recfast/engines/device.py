"""The device that an engine is for."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from recfast.errors import DeviceError

from .package import require_device

_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
_NAME_BYTES = 256


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
    """Ask the driver what a device is.

    Args:
        ordinal: among the visible devices.

    Returns:
        The device.

    Raises:
        DeviceError: there is none, or the driver does not answer.

    Example:
        >>> import recfast as rf
        >>> current_device().architecture if rf.cuda.status().available else "none"
        'none'
    """
    require_device("naming a device")
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        raise DeviceError(f"the driver's library cannot be opened: {error}") from error

    def call(function: str, *arguments: object) -> None:
        if code := getattr(driver, function)(*arguments):
            raise DeviceError(f"{function} failed with CUDA error {code}")

    device, name = ctypes.c_int(), ctypes.create_string_buffer(_NAME_BYTES)
    major, minor, version = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    call("cuInit", 0)
    call("cuDeviceGet", ctypes.byref(device), ordinal)
    call("cuDeviceGetName", name, _NAME_BYTES, device)
    call("cuDeviceGetAttribute", ctypes.byref(major), _MAJOR, device)
    call("cuDeviceGetAttribute", ctypes.byref(minor), _MINOR, device)
    call("cuDriverGetVersion", ctypes.byref(version))
    text = f"{version.value // 1000}.{version.value % 1000 // 10}"
    return Device(name.value.decode(), (major.value, minor.value), text)
