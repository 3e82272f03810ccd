"""The point at which a scenario that ranks is measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SEED = 20170101


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network with random weights.

    Attributes:
        name: one of `networks.MAKERS`.
        tables: row format in the file; peers hold what the rows mean, as float32.
        table_rows: of each of the 26 tables, the last row for missing.
        hidden: widths of the MLP.
        kept: share of the multiply-adds that pruning leaves, 1 without pruning.
    """

    name: str = "deepfm"
    tables: Literal["f32", "i8"] = "f32"
    table_rows: int = 100_000
    hidden: tuple[int, ...] = (256, 128, 64)
    kept: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The reference point, unless it says otherwise.

    Attributes:
        network: what ranks.
        items: of the catalogue.
        candidates: per request.
        top_k: how many are wanted.
        ids: how values of features and candidates are drawn: "zipf" (the n-th most frequent has weight 1/n) or
            "uniform".
        keys: whether items are named by integers or by strings.
        catalogue: how recfast stores the item side.
        requests: taken in turns.
        injective: whether no two values of a feature share a row of its table, neither by recfast's hash nor by mmh3.
    """

    network: Network = field(default_factory=Network)
    items: int = 100_000
    candidates: int = 1_000
    top_k: int = 50
    ids: Literal["zipf", "uniform"] = "zipf"
    keys: Literal["int", "str"] = "int"
    catalogue: Literal["f32", "f16", "i8"] = "f32"
    requests: int = 32
    injective: bool = False

    @property
    def tolerance(self) -> float:
        """What two scores may differ by, relative to 1 + |score|."""
        return {"f32": 1e-4, "f16": 5e-3, "i8": 4e-2}[self.catalogue]

    @property
    def bound(self) -> str:
        """The same in words."""
        stored = "" if self.catalogue == "f32" else f" from a catalogue in {self.catalogue}"
        return f"|Δ| ≤ {self.tolerance:.0e} · (1 + |score|){stored}, the same best k up to such ties"


REFERENCE = Setting()
QUICK = Setting(network=Network(table_rows=500, hidden=(48, 32)), items=2_000, candidates=100, top_k=10, requests=3)
