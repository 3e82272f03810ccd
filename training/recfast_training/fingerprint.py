"""A fingerprint of the rows that a model was trained on."""

from __future__ import annotations

import numpy as np

import recfast

from .encode import Encoded


def fingerprint(encoded: Encoded) -> str:
    """XXH64 over the names, dtypes, shapes and bytes of the encoded arrays and the labels, as 16 hex digits.

    Args:
        encoded: rows, in the order that counts.

    Returns:
        Equal for equal rows, on every machine.

    Example:
        >>> fingerprint(Encoded({"price": np.zeros(3, np.float32)}))
        'c783290170e22e36'
    """
    arrays = dict(encoded.arrays)
    if encoded.labels is not None:
        arrays[""] = np.asarray(encoded.labels)
    parts = []
    for name, array in sorted(arrays.items()):
        digest = recfast.hash64(np.ascontiguousarray(array).tobytes())
        parts.append(f"{name}|{array.dtype.str}|{array.shape}|{digest}")
    return f"{recfast.hash64(chr(10).join(parts)):016x}"
