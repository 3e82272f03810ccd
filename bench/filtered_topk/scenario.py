"""The items, the filters, and what has to come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

import recfast as rf

DIM, BRANDS, TOP_K, SEED = 64, 1_000, 100, 20170105

# By share of the items that pass: the highest price, and how many brands. Prices are uniform in [0, 1), brands too.
FILTERS = {
    "0.01 %": (0.1, 1),
    "0.1 %": (0.5, 2),
    "1 %": (0.5, 20),
    "10 %": (0.5, 200),
    "50 %": (0.5, BRANDS),
    "100 %": (1.0, BRANDS),
}


@dataclass(frozen=True)
class Items:
    """A catalogue.

    Attributes:
        vectors: float32 [N, D], normal.
        price: float64 [N].
        brand: object [N] of str.
        brand_code: int64 [N], the number of the brand.
        queries: float32 [Q, D], normal.
    """

    vectors: npt.NDArray[np.float32]
    price: npt.NDArray[np.float64]
    brand: npt.NDArray[np.object_]
    brand_code: npt.NDArray[np.int64]
    queries: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Filter:
    """One filter in the forms that competitors take.

    Attributes:
        price: the items cost less.
        brands: the names of the brands that pass.
        mask: bool [N], which items pass.
    """

    price: float
    brands: list[str]
    mask: npt.NDArray[np.bool_]

    def expression(self, more: float = 0.0) -> Any:
        """As recfast takes it; `more` on the price makes another text of it."""
        return (rf.col("price") < self.price + more) & rf.col("brand").is_in(self.brands)


@runtime_checkable
class Tuned(Protocol):
    """A competitor with a setting that trades recall for time: `choose` sets the cheapest that will do."""

    breadth: int

    def choose(self, recall: Callable[[], float]) -> None: ...


def make_items(count: int, queries: int = 32) -> Items:
    """Random items; prices and brands are independent of the vectors."""
    rng = np.random.default_rng(SEED)
    codes = rng.integers(0, BRANDS, count)
    names = np.array([f"brand_{b:04d}" for b in range(BRANDS)], dtype=object)
    return Items(
        vectors=rng.standard_normal((count, DIM), dtype=np.float32),
        price=rng.random(count),
        brand=names[codes],
        brand_code=codes,
        queries=rng.standard_normal((queries, DIM), dtype=np.float32),
    )


def make_filter(items: Items, price: float, brands: int) -> Filter:
    """The first `brands` brands, below `price`."""
    names = [f"brand_{b:04d}" for b in range(brands)]
    return Filter(price, names, (items.price < price) & (items.brand_code < brands))


def expected(items: Items, mask: npt.NDArray[np.bool_], query: npt.NDArray[np.float32], k: int) -> Any:
    """The best rows by float64 sums rounded to float32, ties to the lower row: int64 [min(k, eligible)]."""
    rows = np.flatnonzero(mask)
    scores = (items.vectors[rows].astype(np.float64) @ query.astype(np.float64)).astype(np.float32)
    return rows[np.argsort(-scores, kind="stable")[:k]]


def compare(found: npt.NDArray[Any], items: Items, mask: npt.NDArray[np.bool_], query: Any, k: int) -> float:
    """The share of the exact answer that is there.

    Args:
        found: int [K'], the ids that came back, the best first.
        items: the catalogue.
        mask: which items pass.
        query: float32 [D].
        k: how many were asked for.

    Raises:
        AssertionError: something came back that does not pass, or twice.
    """
    found = np.asarray(found)
    found = found[found >= 0]
    assert mask[found].all(), "an item came back that the filter excludes"
    assert len(np.unique(found)) == len(found), "an item came back twice"
    right = expected(items, mask, query, k)
    return float(np.isin(right, found).mean()) if len(right) else 1.0
