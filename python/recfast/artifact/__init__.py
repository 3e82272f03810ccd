"""The artifact: one `.recfast` file, in the safetensors layout, mapped and not copied.

The file is an 8-byte little-endian header length, a JSON header, and the raw little-endian tensors without holes.
The manifest is one JSON string in the header's `__metadata__`. Every tensor starts at a multiple of 64 bytes, by
spaces at the header's end and by small explicit `__pad.N` tensors. The last tensor, `__checksums`, makes any flipped
bit anywhere a `FormatError`.
"""

from __future__ import annotations

from .layout import FORMAT_VERSION
from .reader import Artifact, read_artifact
from .writer import write_artifact

__all__ = ["FORMAT_VERSION", "Artifact", "read_artifact", "write_artifact"]
