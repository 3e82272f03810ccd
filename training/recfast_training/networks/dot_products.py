"""The dot products of vectors of several sides: those of one side are known before, the others are matrix products."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .precision import PreciseWriter
from .values import Part, Source, Value, side_of, width_of

Within = Callable[[str, int], Source]


class DotProducts:
    """Writes one dot_interaction.

    Args:
        writer: of the graph.
        whole: makes one ONNX value of parts.
        within: declares the products of a number of vectors of one side, which are known before.
        slot: the op's output, for names.
    """

    def __init__(self, writer: PreciseWriter, whole: Callable[[Value], str], within: Within, slot: str) -> None:
        """Note the graph."""
        self._writer, self._whole, self._within, self._slot = writer, whole, within, slot

    def lower(self, vectors: Sequence[Value]) -> Value:
        """The op's output, column by column in its order: the strictly lower triangle, row by row."""
        by_side: dict[str, list[Value]] = {"request": [], "item": [], "pair": []}
        places = []
        for vector in vectors:
            side = side_of(vector)
            places.append((side, len(by_side[side])))
            by_side[side].append(vector)
        self._dim = width_of(vectors[0])
        stacks = {side: self._stack(values) for side, values in by_side.items() if values}
        blocks: dict[tuple[str, str], Source] = {}
        for side in ("request", "item"):
            if len(by_side[side]) > 1:
                blocks[side, side] = self._within(side, len(by_side[side]))
        for left, right in (("item", "request"), ("pair", "request"), ("pair", "item"), ("pair", "pair")):
            if left in stacks and right in stacks and (left != right or len(by_side[left]) > 1):
                width = len(by_side[left]) * len(by_side[right])
                blocks[left, right] = self._block(stacks[left], stacks[right], width, f"{left}.{right}")
        order = ("request", "item", "pair")
        columns: list[Part] = []
        for j in range(len(places)):
            for i in range(j):
                low, high = sorted((places[i], places[j]), key=lambda place: (order.index(place[0]), place[1]))
                block = blocks[high[0], low[0]]
                if high[0] == low[0] != "pair":
                    column = high[1] * (high[1] - 1) // 2 + low[1]
                else:
                    column = high[1] * len(by_side[low[0]]) + low[1]
                columns.append(Part(block, column, 1))
        return tuple(columns)

    def _stack(self, values: Sequence[Value]) -> str:
        """[rows, F, D]."""
        w = self._writer
        flat = w.to_body(self._whole(tuple(part for value in values for part in value)))
        stack = w.op("Reshape", flat, w.ints([0, len(values), self._dim]))
        return w.keeps_dtype(flat, stack)

    def _block(self, left: str, right: str, width: int, name: str) -> Source:
        """All products of two stacks, [rows, left * right]."""
        w = self._writer
        turned = w.keeps_dtype(right, w.op("Transpose", right, perm=[0, 2, 1]))
        products = w.matmul(left, turned, f"{self._slot}/{name}")
        flat = w.op("Reshape", products, w.ints([0, width]))
        return Source("pair", width, value=w.keeps_dtype(products, flat))
