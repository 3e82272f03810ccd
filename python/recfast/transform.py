"""Steps that a number takes before a model sees it, in float64; some learn their parameters from data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

NEEDS_FIT: dict[str, bool] = {"log1p": False, "standardise": True, "clip": True}


@dataclass(frozen=True)
class Transform:
    """One fitted step of a numeric transform.

    Args:
        name: "log1p" (sign(x) * log(1 + |x|)), "standardise" ((x - mean) * scale), "clip" (to [low, high]).
        parameters: () for log1p, (mean, scale) for standardise, (low, high) for clip; float64.

    Example:
        >>> Transform("clip", (0.0, 9.5))
        Transform(name='clip', parameters=(0.0, 9.5))
    """

    name: str
    parameters: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the name and the number of parameters."""
        if self.name not in NEEDS_FIT:
            raise ValueError(f"unknown transform {self.name!r}; the transforms are {sorted(NEEDS_FIT)}")
        expected = 2 if NEEDS_FIT[self.name] else 0
        object.__setattr__(self, "parameters", tuple(float(p) for p in self.parameters))
        if len(self.parameters) != expected:
            raise ValueError(f"transform {self.name!r} has {expected} parameters, got {len(self.parameters)}")
        if not all(isfinite(p) for p in self.parameters):
            raise ValueError(f"transform {self.name!r}: the parameters are finite numbers, got {self.parameters}")


Transforms: TypeAlias = str | Transform | Sequence[str | Transform] | None


def normal_transforms(feature: str, transform: Transforms) -> tuple[str | Transform, ...]:
    """Normalise a transform argument to a tuple of names (still to be fitted) and fitted steps."""
    if transform is None:
        return ()
    steps = [transform] if isinstance(transform, (str, Transform)) else list(transform)
    out: list[str | Transform] = []
    for step in steps:
        if isinstance(step, str):
            if step not in NEEDS_FIT:
                raise ValueError(
                    f"feature {feature!r}: unknown transform {step!r}; the transforms are {sorted(NEEDS_FIT)}"
                )
            out.append(step if NEEDS_FIT[step] else Transform(step))
        elif isinstance(step, Transform):
            out.append(step)
        else:
            raise TypeError(f"feature {feature!r}: a transform is a name or a Transform, got {type(step).__name__}")
    return tuple(out)
