"""What the bytes of an artifact look like: constants, dtypes, names, and where each tensor stands."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FORMAT_VERSION = 1
"""The format version that this recfast writes, and the newest that it reads."""

ALIGNMENT = 64
LENGTH_BYTES = 8
MAX_HEADER_BYTES = 64 * 2**20
MAX_HEADER_DEPTH = 8
MAX_MANIFEST_DEPTH = 64
MAX_NAME_CHARACTERS = 512
MAX_RANK = 8
MAX_INT64 = 2**63 - 1

METADATA_KEY = "__metadata__"
MANIFEST_KEY = "recfast"
CHECKSUMS_NAME = "__checksums"
PAD_PREFIX = "__pad."
RESERVED_PREFIX = "__"

DTYPES: dict[str, np.dtype[np.generic]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
DTYPE_NAMES: dict[np.dtype[np.generic], str] = {dtype: name for name, dtype in DTYPES.items()}


@dataclass(frozen=True)
class Entry:
    """One tensor's line in the header: `begin` and `end` are bytes counted from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def reserved(self) -> bool:
        """True for the tensors that belong to the layout: pads and checksums."""
        return self.name.startswith(RESERVED_PREFIX)

    def view(self, buffer: npt.NDArray[np.uint8]) -> npt.NDArray[np.generic]:
        """A view of this tensor's elements in `buffer`, the bytes that follow the header (never a copy)."""
        view: npt.NDArray[np.generic] = np.ndarray(self.shape, DTYPES[self.dtype], buffer=buffer, offset=self.begin)
        return view


def size_in_bytes(dtype: str, shape: tuple[int, ...]) -> int:
    """The bytes of a tensor; `OverflowError` where an array of that shape cannot exist on a 64-bit machine."""
    size = product = DTYPES[dtype].itemsize
    for extent in shape:
        size *= extent
        product *= max(extent, 1)
        if product > MAX_INT64:
            raise OverflowError(f"shape {list(shape)} of {dtype} is larger than 2^63 - 1 bytes")
    return size


def name_problem(name: str) -> str | None:
    """Why `name` cannot be a tensor's name, or None when it can."""
    if not name:
        return "the name is empty"
    if len(name) > MAX_NAME_CHARACTERS:
        return f"the name has {len(name)} characters, at most {MAX_NAME_CHARACTERS} are allowed"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        return f"the name {name!r} holds a control character or an unpaired surrogate"
    return None
