"""Which instruction sets the kernels can use here, and which one runs."""

from __future__ import annotations

from recfast import _core

__all__ = ["available", "selected"]


def available() -> tuple[str, ...]:
    """The instruction sets that this build has and this CPU and operating system can run, in order of preference.

    ``"baseline"`` is always there; on x86-64 ``"avx2"`` and ``"avx512"`` (AVX-512 with VNNI), on aarch64 ``"neon"``.
    On CPUs that are not Intel's, ``"avx512"`` runs only in processes that name it.

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

    The best one is the last of `available`, except that ``"avx512"`` counts on Intel's CPUs alone: there it was
    measured, and is 1.1 to 1.3 times as fast as ``"avx2"`` at ranking.

    Returns:
        One of `available`.

    Raises:
        ValueError: ``RECFAST_ISA`` names one that is unknown or that this CPU lacks; the message lists
            the available ones.

    Example:
        >>> import recfast as rf
        >>> rf.cpu.selected() in rf.cpu.available()
        True
    """
    return _core.selected_isa()
