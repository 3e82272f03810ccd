"""JSON as an artifact may hold it: limited depth, no duplicate keys, no NaN, no numbers beyond 64 bits.

The standard library parses; what it would let through, or could be made to choke on, is refused here. The depth is
checked before the parser sees the text, so that 200,000 nested brackets cost one scan of the bytes.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

import numpy as np

_STRUCTURE = b"[]{}"
_NOT_STRUCTURE = bytes(set(range(256)) - set(_STRUCTURE))


class JsonError(ValueError):
    """The text is not JSON, or not the JSON that is allowed here; the message says what and where."""


def parse(text: bytes, *, max_depth: int) -> Any:
    """The value that `text`, UTF-8 bytes, stands for; `JsonError` where it is not allowed."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8: {error.reason} at byte {error.start}") from None
    depth = nesting_depth(text)
    if depth > max_depth:
        raise JsonError(f"brackets nested {depth} deep, at most {max_depth} are allowed")
    try:
        value = json.loads(
            decoded,
            object_pairs_hook=_unique_keys,
            parse_int=_bounded_int,
            parse_float=_finite_float,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise JsonError(f"not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise JsonError("brackets nested too deep for this interpreter") from None
    if "\\u" in decoded:
        _refuse_surrogates(value)
    return value


def dump(value: Any) -> bytes:
    """Compact, deterministic UTF-8 JSON of `value`; `ValueError` or `TypeError` where JSON cannot hold it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def nesting_depth(text: bytes) -> int:
    """The deepest nesting of brackets outside of strings, exact up to the first place where `text` is not JSON."""
    outside = b"".join(text.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    brackets = np.frombuffer(outside.translate(None, _NOT_STRUCTURE), dtype=np.uint8)
    if brackets.size == 0:
        return 0
    opens = (brackets == ord("[")) | (brackets == ord("{"))
    return max(0, int(np.cumsum(np.where(opens, 1, -1)).max()))


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise JsonError(f"the key {key[:80]!r} stands twice in one object")
            seen.add(key)
    return result


def _bounded_int(digits: str) -> int:
    if len(digits) <= 20 and -(2**63) <= (value := int(digits)) < 2**64:
        return value
    raise JsonError(f"the number {digits[:24]}{'...' * (len(digits) > 24)} does not fit in 64 bits")


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise JsonError(f"the number {digits[:24]} is too large for a float")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is not allowed")


def _refuse_surrogates(value: Any) -> None:
    try:
        dump(value)
    except UnicodeEncodeError:
        raise JsonError("a string holds an unpaired surrogate") from None
