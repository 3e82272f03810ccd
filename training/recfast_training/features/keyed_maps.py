"""Key -> value maps of one owner on one day: what a household bought before, what a store sold before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .event_log import EventLog, Ints, Span


@dataclass(frozen=True)
class Entries:
    """The keys that each snapshot (an owner on a day) had met before that day.

    Attributes:
        offsets: int32 [S + 1], where the entries of each snapshot start.
        snapshot: int64 [E], the snapshot of each entry, ascending.
        key: int64 [E], ascending within a snapshot.
        span: [E], the events of owner and key before the snapshot's day; never empty.
    """

    offsets: npt.NDArray[np.int32]
    snapshot: Ints
    key: Ints
    span: Span

    def to_arrow(self, keys: Ints, values: npt.NDArray[np.floating]) -> pa.MapArray:
        """One map per snapshot.

        Args:
            keys: int64 [E], the keys as the item table names them; the maps of one history share this buffer.
            values: float32 [E].

        Returns:
            map<int64, float32> [S].
        """
        return pa.MapArray.from_arrays(
            pa.array(self.offsets), pa.array(keys), pa.array(values.astype(np.float32, copy=False))
        )


class KeyedHistory:
    """The events of owners (households, stores), each about a key (product, product type).

    Args:
        owner: int [E], at least 0.
        key: int [E], in [0, n_keys).
        day: int [E].
        n_keys: how many keys there are.
    """

    def __init__(
        self,
        owner: npt.NDArray[np.integer],
        key: npt.NDArray[np.integer],
        day: npt.NDArray[np.integer],
        n_keys: int,
    ) -> None:
        """Index the events."""
        self.log = EventLog(owner.astype(np.int64) * n_keys + key, day)
        self._pair, self._pair_start = self.log.distinct_keys()
        self._n_keys = n_keys

    def before(self, owner: Ints, key: Ints, day: Ints, *, window: int | None = None) -> Span:
        """The events of given owners about given keys, int64 [Q] each; otherwise as `EventLog.before`."""
        return self.log.before(owner * self._n_keys + key, day, window=window)

    def entries(self, owner: Ints, day: Ints) -> Entries:
        """What each owner had met before each day.

        Args:
            owner: int64 [S].
            day: int64 [S].

        Returns:
            The entries of the S snapshots.
        """
        begin = np.searchsorted(self._pair, owner * self._n_keys)
        size = np.searchsorted(self._pair, (owner + 1) * self._n_keys) - begin
        snapshot = np.repeat(np.arange(owner.size), size)
        pair = np.arange(snapshot.size) + np.repeat(begin - (np.cumsum(size) - size), size)
        span = self.log.before_from(self._pair_start[pair], self._pair[pair], day[snapshot])
        met = span.last > span.first
        snapshot = snapshot[met]
        offsets = np.searchsorted(snapshot, np.arange(owner.size + 1)).astype(np.int32)
        return Entries(offsets, snapshot, self._pair[pair[met]] % self._n_keys, span[met])
