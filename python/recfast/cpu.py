"""Which instruction sets the kernels can use here, and which one runs."""

from __future__ import annotations

from recfast import _core

__all__ = ["available", "selected"]


def available() -> tuple[str, ...]:
    """The instruction sets that this build has and this CPU can run, the best one last.

    Returns:
        Names for the environment variable ``RECFAST_ISA``.

    Example:
        >>> import recfast as rf
        >>> rf.cpu.available()[0]
        'baseline'
    """
    return tuple(_core.available_isas())


def selected() -> str:
    """The instruction set whose kernels run in this process: the best one, or the one that ``RECFAST_ISA`` names.

    Returns:
        One of `available`.

    Raises:
        ValueError: ``RECFAST_ISA`` names one that is unknown or that this CPU lacks.

    Example:
        >>> import recfast as rf
        >>> rf.cpu.selected() in rf.cpu.available()
        True
    """
    return _core.selected_isa()
