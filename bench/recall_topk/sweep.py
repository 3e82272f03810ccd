"""The cheapest setting of an index that finds enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple, Protocol

import numpy as np

from .scenario import Best, Floats, Ints, Trained

ENOUGH = 0.99
BREADTHS = (100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1500, 2000)  # of what graphs look at

Setting = Mapping[str, int]


class Index(Protocol):
    """A competitor.

    Attributes:
        made_with: what it is built with, in words.
        ladders: settings to try, in each ladder from cheap to thorough.
    """

    made_with: str
    ladders: Sequence[Sequence[Setting]]

    def build(self) -> None:
        """Make the index; this is what is timed as building."""

    def size_bytes(self) -> int:
        """Memory that a search needs, or what a file of it takes."""

    def form(self, queries: Floats) -> Floats:
        """Queries, float32 [Q, D], as `search` takes them one by one."""

    def use(self, setting: Setting) -> None:
        """Search in this way from now on."""

    def search(self, query: Floats) -> Any:
        """What is timed."""

    def ids(self, found: Any) -> Ints:
        """The ids of what `search` returned: int64 [K]."""


class Chosen(NamedTuple):
    """A setting, and its mean recall of the queries that judge."""

    setting: Setting
    recall: float


def choose(index: Index, trained: Trained) -> Chosen:
    """Find the fastest setting that finds enough; where none does, the one that finds the most.

    Each ladder is climbed until the tuning queries are answered well enough, then the fastest of these settings until
    the others are, too.
    """
    tuning, judging = index.form(trained.tuning), index.form(trained.judging)
    reached: list[tuple[float, Sequence[Setting]]] = []
    for ladder in index.ladders:
        for step, setting in enumerate(ladder):
            index.use(setting)
            if recall_of(index, tuning, trained.best_tuning) >= ENOUGH:
                reached.append((_seconds(index.search, tuning), ladder[step:]))
                break
    if not reached:
        return max(_judged(index, [ladder[-1] for ladder in index.ladders], judging, trained), key=lambda c: c.recall)
    _, left = min(reached, key=lambda found: found[0])
    for chosen in _judged(index, left, judging, trained):
        if chosen.recall >= ENOUGH:
            break
    return chosen


def recall_of(index: Index, queries: Floats, best: Sequence[Best]) -> float:
    """The mean over the queries."""
    return float(np.mean([right.recall(index.ids(index.search(q))) for q, right in zip(queries, best, strict=True)]))


def _judged(index: Index, settings: Sequence[Setting], queries: Floats, trained: Trained) -> Iterator[Chosen]:
    for setting in settings:
        index.use(setting)
        yield Chosen(setting, recall_of(index, queries, trained.best_judging))


def _seconds(search: Callable[[Floats], Any], queries: Floats) -> float:
    """The median."""
    spent = []
    for query in queries:
        start = perf_counter()
        search(query)
        spent.append(perf_counter() - start)
    return float(np.median(spent))
