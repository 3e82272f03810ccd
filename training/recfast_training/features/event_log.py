"""A log of events per key, asked about the days strictly before a given day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

DAYS = 512  # more than the days of the log, so that (key, day) packs into one sortable integer
LAST_DAY = 365


@dataclass(frozen=True)
class Span:
    """The events of some keys before some days: for query q, the sorted events `first[q]` to `last[q] - 1`.

    Attributes:
        first: int64 [Q].
        last: int64 [Q]; equal to `first` where there was no event.
        day: int64 [Q], the day of the question; its own events are excluded.
    """

    first: Ints
    last: Ints
    day: Ints

    def __getitem__(self, rows: npt.NDArray[np.bool_]) -> Span:
        """The selected queries."""
        return Span(self.first[rows], self.last[rows], self.day[rows])


class EventLog:
    """Events sorted by (key, day), with running sums, so that every question costs one binary search.

    Args:
        key: int [E], at least 0.
        day: int [E], 0 to 511.
        values: named float [E] columns whose sums are asked for.
    """

    def __init__(
        self,
        key: npt.NDArray[np.integer],
        day: npt.NDArray[np.integer],
        values: Mapping[str, npt.NDArray[np.floating]] | None = None,
    ) -> None:
        """Sort the events."""
        code = key.astype(np.int64) * DAYS + day
        order = np.argsort(code, kind="stable")
        self._code: Ints = code[order]
        self._day: Ints = self._code % DAYS
        self._running = {name: _running_sum(value[order]) for name, value in (values or {}).items()}
        self._decaying: dict[int, npt.NDArray[np.float64]] = {}

    def distinct_keys(self) -> tuple[Ints, Ints]:
        """The keys that occur, ascending, int64 [U], and where the events of each start, int64 [U]."""
        return np.unique(self._code // DAYS, return_index=True)

    def before(self, key: npt.NDArray[np.integer], day: npt.NDArray[np.integer], *, window: int | None = None) -> Span:
        """The events of each key on days before each day.

        Args:
            key: int [Q].
            day: int [Q]; events on this day are excluded.
            window: only this many days back; default all.

        Returns:
            The span of each query.
        """
        start = key.astype(np.int64) * DAYS
        oldest = start if window is None else start + np.maximum(day - window, 0)
        first = np.searchsorted(self._code, oldest)
        return Span(first, np.searchsorted(self._code, start + day), day.astype(np.int64))

    def before_from(self, first: Ints, key: Ints, day: Ints) -> Span:
        """The same, where the start of each key's events is known already (from `distinct_keys`)."""
        return Span(first, np.searchsorted(self._code, key * DAYS + day), day)

    def count(self, span: Span) -> Floats:
        """The number of events."""
        return (span.last - span.first).astype(np.float32)

    def total(self, span: Span, name: str) -> Floats:
        """The sum of a value column."""
        running = self._running[name]
        return (running[span.last] - running[span.first]).astype(np.float32)

    def decayed(self, span: Span, days: int) -> Floats:
        """The sum of exp(-age / days) over the events."""
        if days not in self._decaying:
            self._decaying[days] = _running_sum(np.exp((self._day - LAST_DAY) / days))
        running = self._decaying[days]
        scale = np.exp((LAST_DAY - span.day) / days)
        return ((running[span.last] - running[span.first]) * scale).astype(np.float32)

    def last_day(self, span: Span) -> Ints:
        """The day of the last event; meaningless where there was none."""
        return self._day[span.last - 1]

    def days_since(self, span: Span) -> Floats:
        """Days since the last event, NaN where there was none."""
        since = (span.day - self._day[span.last - 1]).astype(np.float32)
        return np.where(span.last > span.first, since, np.float32(np.nan))

    def mean_gap(self, span: Span) -> Floats:
        """Mean days between consecutive events, NaN where there were fewer than two."""
        events = span.last - span.first
        length = self._day[span.last - 1] - self._day[np.minimum(span.first, self._day.size - 1)]
        return np.where(events > 1, length / np.maximum(events - 1, 1), np.nan).astype(np.float32)


def _running_sum(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
