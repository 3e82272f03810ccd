"""What the arguments of features are checked for; every message names the feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unicodedata import category

MAX_ROWS = 2**40


def check_name(name: object, what: str = "a feature's name") -> None:
    """Raise unless `name` can name a column, a table and a tensor."""
    if not isinstance(name, str):
        raise TypeError(f"{what} is a str, got {type(name).__name__}")
    if not name:
        raise ValueError(f"{what} may not be empty")
    if any(category(character) in ("Cc", "Cs") for character in name):
        raise ValueError(f"{what} holds no control characters and no unpaired surrogates, got {name!r}")


def check_count(name: str, what: str, value: object, low: int, high: int = MAX_ROWS) -> None:
    """Raise unless `value` is an int in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"feature {name!r}: {what} is an int, got {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"feature {name!r}: {what} is in [{low}, 2**{high.bit_length() - 1}], got {value}")


def check_vocabulary(name: str, values: tuple[Any, ...], expected: type) -> None:
    """Raise unless the values are of the type, 64 bits wide, and each there once."""
    for value in values:
        if isinstance(value, bool) or not isinstance(value, expected):
            raise TypeError(f"feature {name!r}: the vocabulary holds {expected.__name__} values, got {value!r}")
        if isinstance(value, str) and any(category(character) == "Cs" for character in value):
            raise ValueError(f"feature {name!r}: the vocabulary value {value!r} holds an unpaired surrogate")
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise ValueError(f"feature {name!r}: the vocabulary value {value} is outside of [-2**63, 2**64)")
    if len({value % 2**64 if isinstance(value, int) else value for value in values}) != len(values):
        raise ValueError(f"feature {name!r}: the vocabulary holds a value twice")


def check_flag(name: str, what: str, value: object) -> None:
    """Raise unless `value` is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"feature {name!r}: {what} is True or False, got {value!r:.80}")


def check_choice(name: str, what: str, value: object, choices: Sequence[str]) -> None:
    """Raise unless `value` is one of the choices."""
    if value not in choices:
        raise ValueError(f"feature {name!r}: {what} is one of {list(choices)}, got {value!r}")
