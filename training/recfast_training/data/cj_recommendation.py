"""CJ-rank task A: recommend the products that a household buys in the coming weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from ..metrics import TopKReport, evaluate_top_k
from .cj_rank import CjRank

Variant = Literal["all", "new"]
TOP_K = 20


@dataclass(frozen=True)
class RecommendationTask:
    """The truth of task A for one part, and the judge.

    Attributes:
        truth: distinct (household, item) pairs that were bought in the part, sorted, with is_new: bool, whether
            the household had never bought the item before the part.
        seen: distinct (household, item) pairs from before the part, sorted.
        n_households: rows of a score matrix.
        n_items: columns of a score matrix.
    """

    truth: pl.DataFrame
    seen: pl.DataFrame
    n_households: int
    n_items: int

    def pairs(self, variant: Variant) -> pl.DataFrame:
        """The truth of a variant: "all", or "new" for products that the household had never bought."""
        return self.truth.filter("is_new") if variant == "new" else self.truth

    def evaluate(self, recommended: npt.NDArray[np.integer], variant: Variant) -> TopKReport:
        """Judge one list per household.

        Args:
            recommended: int [n_households, >= 20], item indices, the best first, no item twice in a row.
                Households without truth are ignored.
            variant: "all", or "new": then no list may hold an item that the household had bought before.

        Returns:
            Means over the households that have truth.

        Raises:
            ValueError: the shape is wrong, an item is repeated, or a "new" list holds a seen item.
        """
        lists = np.asarray(recommended)[:, :TOP_K].astype(np.int64)
        if lists.shape != (self.n_households, TOP_K):
            raise ValueError(f"expected recommended [{self.n_households}, >= {TOP_K}], got {np.shape(recommended)}")
        pairs = self.pairs(variant)
        household = pairs["household"].to_numpy().astype(np.int64)
        judged = np.unique(household)
        keys = judged[:, None] * self.n_items + lists[judged]
        if variant == "new":
            repeated = int(np.isin(keys, self._keys(self.seen)).sum())
            if repeated:
                raise ValueError(f"expected only items that the household never bought, got {repeated} bought ones")
        row_of = np.full(self.n_households, -1)
        row_of[judged] = np.arange(judged.size)
        return evaluate_top_k(lists[judged], row_of[household], pairs["item"].to_numpy(), k=TOP_K)

    def top_k(self, scores: npt.NDArray[np.floating], variant: Variant) -> npt.NDArray[np.int64]:
        """The best 20 items of every household.

        Args:
            scores: float [n_households, n_items]; not modified.
            variant: "new" leaves out what the household had bought before.

        Returns:
            int64 [n_households, 20], the best first, ties to the lower item index.
        """
        if variant == "new":
            scores = scores.copy()
            scores[self.seen["household"].to_numpy(), self.seen["item"].to_numpy()] = -np.inf
        # Selecting first and sorting the few afterwards keeps this at one pass over the matrix; the margin holds ties.
        some = np.sort(np.argpartition(-scores, 3 * TOP_K, axis=1)[:, : 3 * TOP_K], axis=1)
        order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1, kind="stable")
        best: npt.NDArray[np.int64] = np.take_along_axis(some, order[:, :TOP_K], axis=1)
        return best

    def _keys(self, pairs: pl.DataFrame) -> npt.NDArray[np.int64]:
        keys: npt.NDArray[np.int64] = (
            pairs["household"].to_numpy().astype(np.int64) * self.n_items + pairs["item"].to_numpy()
        )
        return keys


def recommendation_task(split: CjRank, part: Literal["valid", "test"]) -> RecommendationTask:
    """The truth of task A.

    Args:
        split: the benchmark's split.
        part: what is predicted; everything before it may be used.

    Returns:
        The truth with its judge.
    """
    key = ["household", "item"]
    seen = split.before(part).select(key).unique().sort(key)
    truth = (
        split.part(part)
        .select(key)
        .unique()
        .join(seen.with_columns(was_seen=pl.lit(True)), on=key, how="left")
        .select(*key, is_new=pl.col("was_seen").is_null())
        .sort(key)
    )
    return RecommendationTask(truth=truth, seen=seen, n_households=split.households.height, n_items=split.items.height)
