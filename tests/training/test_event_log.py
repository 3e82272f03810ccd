from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recfast_training.features.event_log import EventLog
from recfast_training.features.keyed_maps import KeyedHistory

EVENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 40)), min_size=1, max_size=60)


@settings(deadline=None)
@given(EVENTS, st.integers(0, 4), st.integers(0, 45))
def test_questions_see_earlier_days_only(events: list[tuple[int, int, int]], key: int, day: int) -> None:
    keys, days = np.array([e[1] for e in events]), np.array([e[2] for e in events])
    values = np.arange(len(events)) * 0.5
    log = EventLog(keys, days, {"value": values})
    span = log.before(np.array([key]), np.array([day]))
    before = np.sort(days[(keys == key) & (days < day)])
    assert log.count(span)[0] == before.size
    assert log.total(span, "value")[0] == pytest.approx(values[(keys == key) & (days < day)].sum(), rel=1e-6)
    assert log.decayed(span, 30)[0] == pytest.approx(np.exp(-(day - before) / 30).sum(), rel=1e-5)
    week = log.before(np.array([key]), np.array([day]), window=7)
    assert log.count(week)[0] == (before >= day - 7).sum()
    np.testing.assert_equal(log.days_since(span)[0], np.float32(day - before[-1]) if before.size else np.float32("nan"))
    gap = np.float32((before[-1] - before[0]) / (before.size - 1)) if before.size > 1 else np.float32("nan")
    np.testing.assert_equal(log.mean_gap(span)[0], gap)


@settings(deadline=None)
@given(EVENTS, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 45)), min_size=1, max_size=8))
def test_maps_hold_what_the_owner_met_before(
    events: list[tuple[int, int, int]], snapshots: list[tuple[int, int]]
) -> None:
    owners, keys, days = (np.array(column) for column in zip(*events, strict=True))
    history = KeyedHistory(owners, keys, days, 5)
    entries = history.entries(np.array([s[0] for s in snapshots]), np.array([s[1] for s in snapshots]))
    maps = entries.to_arrow(entries.key, history.log.count(entries.span)).to_pylist()
    for (owner, day), found in zip(snapshots, maps, strict=True):
        met = keys[(owners == owner) & (days < day)]
        assert dict(found) == {int(key): float((met == key).sum()) for key in np.unique(met)}
