"""What a household bought most recently, as a list."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .event_log import EventLog, Ints
from .keyed_maps import Entries

RECENT = 20


def recent_products(entries: Entries, log: EventLog, keys: Ints, *, most: int = RECENT) -> pa.ListArray:
    """The distinct products of each snapshot, the last bought first, ties to the lower key.

    Args:
        entries: what each household had bought before its day, E entries of S snapshots.
        log: the events that the entries' spans are of.
        keys: int64 [E], the products as the item table names them, ascending within a snapshot.
        most: at most this many per list.

    Returns:
        list<int64> [S]; empty where nothing was bought before.
    """
    age = entries.span.day - log.last_day(entries.span)
    # (snapshot, age) as one integer; the sort is stable, and keys ascend within a snapshot.
    order = np.argsort(entries.snapshot << 16 | age, kind="stable")
    place = np.arange(order.size) - entries.offsets[entries.snapshot]
    size = np.minimum(np.diff(entries.offsets), most)
    offsets = np.concatenate([[0], np.cumsum(size)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(keys[order[place < most]]))
