"""What a card could do at best, from its datasheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Card(NamedTuple):
    """A card's datasheet.

    Attributes:
        name: as tables have it.
        gigabytes: of its memory's bandwidth, 1e9 bytes per second.
        teraflops: f32 outside of tensor cores, 1e12 per second.
    """

    name: str
    gigabytes: float
    teraflops: float

    def floor_us(self, case: Mapping[str, Any]) -> float:
        """The least microseconds of a kernel: its bytes once through memory, or its operations, whichever is more."""
        return max(case["bytes"] / self.gigabytes / 1e3, case["operations"] / self.teraflops / 1e6)


CARDS = (
    Card("A100 SXM 80 GB", 2_039, 19.5),
    Card("H100 SXM", 3_350, 67),
    Card("L4", 300, 30.3),
)


def card_of(device: str) -> Card | None:
    """The datasheet of a device by the name that the driver gives it; None where it is none of these."""
    names = {"A100-SXM4-80GB": CARDS[0], "H100 80GB HBM3": CARDS[1], "NVIDIA L4": CARDS[2]}
    return next((card for name, card in names.items() if device.endswith(name)), None)
