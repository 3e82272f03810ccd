"""Values of a network under construction: parts, each a range of columns of an input or of a computed tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Source:
    """A tensor of the graph.

    Attributes:
        side: "request" (one row), "item" or "pair".
        width: its columns.
        bundle: the network's input that holds it; empty for a computed tensor.
        offset: its first column in the bundle.
        value: the ONNX value of a computed tensor.
    """

    side: str
    width: int
    bundle: str = ""
    offset: int = 0
    value: str = ""

    def all(self) -> Part:
        """All columns."""
        return Part(self, 0, self.width)


class Part(NamedTuple):
    """Columns [start, start + width) of a source."""

    source: Source
    start: int
    width: int

    @property
    def side(self) -> str:
        """Of the source."""
        return self.source.side


Value = tuple[Part, ...]


def side_of(value: Sequence[Part]) -> str:
    """The join of the sides of all parts."""
    sides = {part.side for part in value}
    return sides.pop() if len(sides) == 1 else "pair"


def width_of(value: Sequence[Part]) -> int:
    """Numbers per row."""
    return sum(part.width for part in value)


def merged(value: Sequence[Part], *, across: bool = False) -> Value:
    """The same columns in as few parts as possible: neighbours in one tensor become one part.

    Args:
        value: the parts.
        across: neighbours in one input become one part too.
    """
    out: list[Part] = []
    for part in value:
        if out and (joined := _join(out[-1], part, across)) is not None:
            out[-1] = joined
        else:
            out.append(part)
    return tuple(out)


def _join(a: Part, b: Part, across: bool) -> Part | None:
    if a.source == b.source and a.start + a.width == b.start:
        return Part(a.source, a.start, a.width + b.width)
    if across and a.source.bundle and a.source.bundle == b.source.bundle:
        begin, end = a.source.offset + a.start, b.source.offset + b.start + b.width
        if begin + a.width == b.source.offset + b.start:
            source = Source(a.side, end - begin, a.source.bundle, begin)
            return source.all()
    return None
