"""Trained vectors, queries to tune with and others to judge by, and what has to come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

DIM, TOP_K, SEED = 64, 100, 20170105
TUNING = 500  # queries that settings are chosen by
TOWER = DIM - 1  # width of the towers: the item's bias is the last dimension
ROUNDING = 1e-6  # of a score: no float64 product is that wrong


@dataclass(frozen=True)
class Trained:
    """What a trained two-tower model is served from.

    Attributes:
        vectors: float32 [N, D]: item vectors, and the item's bias as the last dimension.
        tuning: float32 [., D]: request vectors, and 1 for the bias; settings are chosen by these.
        judging: float32 [Q, D]: others; recall and time are of these.
        facts: what training reached, and how long it took.
    """

    vectors: Floats
    tuning: Floats
    judging: Floats
    facts: Mapping[str, float]

    @cached_property
    def best_tuning(self) -> list[Best]:
        """The exact answers to the queries that settings are chosen by."""
        return list(find_best(self.vectors, self.tuning))

    @cached_property
    def best_judging(self) -> list[Best]:
        """The exact answers to the others."""
        return list(find_best(self.vectors, self.judging))

    @cached_property
    def equally_long(self) -> Floats:
        """float32 [N, D + 1]: with one dimension more all have one length, so that the nearest are the best.

        Over inner products as they are, graphs find a third of what is asked for (measured on the real vectors).
        Source: Bachrach et al., "Speeding Up the Xbox Recommender System Using a Euclidean Transformation for
            Inner-Product Spaces" (RecSys 2014).
        """
        squares = np.square(self.vectors, dtype=np.float64).sum(axis=1, keepdims=True)
        return np.concatenate([self.vectors, np.sqrt(squares.max() - squares).astype(np.float32)], axis=1)


@dataclass(frozen=True)
class Best:
    """The exact answer to a query: float64 sums, one product after the other, rounded to float32.

    Attributes:
        ids: int64 [K], the best first, ties to the lower row.
        ties: int64 [.], other rows with the score of the last: no worse answers.
    """

    ids: Ints
    ties: Ints

    def recall(self, found: npt.NDArray[Any]) -> float:
        """The share of the best that was found.

        Args:
            found: int [.], ids that came back; below 0: none.

        Raises:
            AssertionError: an id came back twice.
        """
        found = found[found >= 0]
        assert len(np.unique(found)) == len(found), "an id came back twice"
        right = np.isin(found, self.ids).sum() + np.isin(found, self.ties).sum()
        return float(min(right, len(self.ids)) / len(self.ids))


def find_best(vectors: Floats, queries: Floats) -> Iterator[Best]:
    """The exact answers, query by query: a float64 product says who has to be looked at."""
    wide = vectors.astype(np.float64).T
    for start in range(0, len(queries), 64):
        some = queries[start : start + 64].astype(np.float64)
        for query, scores in zip(some, some @ wide, strict=True):
            last = np.partition(scores, -TOP_K)[-TOP_K]
            rows = np.flatnonzero(scores >= last - ROUNDING * (1 + abs(last)))
            exact = np.cumsum(vectors[rows] * query, axis=1)[:, -1].astype(np.float32)
            order = np.argsort(-exact, kind="stable")
            rows, exact = rows[order], exact[order]
            yield Best(rows[:TOP_K], rows[TOP_K:][exact[TOP_K:] == exact[TOP_K - 1]])


def one_dimension_more(queries: Floats) -> Floats:
    """The queries for `equally_long`: float32 [Q, D + 1]."""
    return np.pad(queries, ((0, 0), (0, 1)))
