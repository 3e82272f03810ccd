"""How this copy of recfast was built."""

from __future__ import annotations

from dataclasses import dataclass

from recfast import _core

__all__ = ["BuildInfo", "build_info"]


@dataclass(frozen=True)
class BuildInfo:
    """How the compiled core was built.

    Attributes:
        version: recfast's version.
        compiler: Name and version of the C++ compiler.
        isas: Instruction sets that are built in; `recfast.cpu.available` says which of them run here.
        cuda: Version of the CUDA toolkit, None without CUDA; `recfast.cuda.status` says why there is none.
        cuda_archs: GPU architectures that are built in: "sm_80" is code for one, "compute_90" what a driver compiles
            for newer ones.
    """

    version: str
    compiler: str
    isas: tuple[str, ...]
    cuda: str | None
    cuda_archs: tuple[str, ...]


def build_info() -> BuildInfo:
    """How this copy of recfast was built: for bug reports and start-up logs.

    Returns:
        Version, compiler, instruction sets, CUDA.

    Example:
        >>> import recfast as rf
        >>> rf.build_info().isas[0]
        'baseline'
    """
    info = _core.build_info()
    cuda = _core.cuda_build()
    return BuildInfo(
        version=str(info["version"]),
        compiler=str(info["compiler"]),
        isas=tuple(info["isas"]),
        cuda=cuda["version"],
        cuda_archs=tuple(cuda["archs"].split()),
    )
