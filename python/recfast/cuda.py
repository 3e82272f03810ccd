"""Whether recfast can use a GPU, and why not."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CudaStatus", "status"]


@dataclass(frozen=True)
class CudaStatus:
    """What `status` found.

    Attributes:
        built: recfast was compiled with CUDA.
        available: A device can be used.
        reason: Why none can, for a person to read; empty when one can.
    """

    built: bool
    available: bool
    reason: str


def status() -> CudaStatus:
    """Whether a GPU can be used.

    Returns:
        The status; it never raises and never starts a device.

    Example:
        >>> import recfast as rf
        >>> rf.cuda.status().available
        False
    """
    return CudaStatus(built=False, available=False, reason="this build of recfast has no CUDA backend")
