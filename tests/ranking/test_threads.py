"""Many threads at once, and the GIL free during the work. Life after fork: tests/process."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import recfast as rf

from .tiny_model import REQUEST, best, tiny_items, tiny_model, tiny_scores

MODEL = tiny_model()


def run_in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run work(0) ... work(count - 1) at the same time; the first exception is raised here."""
    failures: list[BaseException] = []
    start = threading.Barrier(count)

    def run(index: int) -> None:
        try:
            start.wait()
            work(index)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_threads_share_a_ranker() -> None:
    items = tiny_items(range(2000))
    ranker = rf.Ranker(MODEL, rf.Catalog(MODEL, items))

    def work(index: int) -> None:
        request = {"hour": index % 3, "counts": {"x": index, "y": 1}}
        scores = tiny_scores(request, items)
        rows = list(range(index, 2000, 3))
        for _ in range(20):
            assert ranker.rank(request, rows, k=50).ids.tolist() == best(scores, rows, 50)
            assert ranker.recommend(request, k=7, exclude=rows).ids.tolist() == best(
                scores, [r for r in range(2000) if r % 3 != index % 3 or r < index], 7
            )
            fresh = ranker.rank(request, items={n: c[:100] for n, c in items.items()}, k=100)
            assert fresh.ids.tolist() == best(scores, range(100), 100)

    run_in_threads(4, work)


def test_readers_finish_on_the_version_that_they_began_with() -> None:
    """In version v every price is v: a result that mixes versions would show two prices."""
    size = 500
    items = {"sku": list(range(size)), "price": [1.0] * size, "brand": [None] * size, "family": [None] * size}
    catalog = rf.Catalog(MODEL, items)
    ranker = rf.Ranker(MODEL, catalog)
    done = threading.Event()
    base = MODEL.score({"hour": [1.0], "counts": [None], "price": [0.0], "brand": [None], "family": [None]})[0]

    def work(index: int) -> None:
        if index == 0:
            for version in range(2, 60):
                if version % 5 == 0:
                    catalog.remove([version])  # gone in this version, back in the next
                assert catalog.upsert({**items, "price": [float(catalog.version + 1)] * size}) == catalog.version
            done.set()
            return
        seen = 0
        while not done.is_set():
            top = ranker.recommend({"hour": 1.0, "counts": None}, k=size)
            assert seen <= top.version <= catalog.version
            seen = top.version
            prices = set((top.scores - base).tolist())
            assert len(prices) == 1
            assert len(top.ids) in (size, size - 1)
            assert prices == {float(top.version)} or len(top.ids) == size - 1

    run_in_threads(3, work)


def test_what_a_call_reads_may_change_meanwhile() -> None:
    """One thread ranks a request that another one changes: it gets an answer or an error that names a feature."""
    ranker = rf.Ranker(MODEL, rf.Catalog(MODEL, tiny_items(range(300))))
    counts: dict[str, Any] = {"x": 1.0}
    request: dict[str, Any] = {"hour": 1.0, "counts": counts}
    candidates = list(range(300))
    done = threading.Event()

    def change() -> None:
        for i in range(3000):
            counts[f"key {i % 50}"] = float(i)
            counts.pop(f"key {(i + 25) % 50}", None)
            request["hour"] = i / 3000
            request["counts"] = counts if i % 3 else dict(counts)
            if i % 10 == 0:
                del request["hour"]
                candidates.clear()
            candidates.append(i % 300)
        done.set()

    def work(index: int) -> None:
        if index == 0:
            return change()
        while not done.is_set():
            try:
                top = ranker.rank(request, candidates, k=300, missing="skip")
            except ValueError as error:
                assert "hour" in str(error) or "counts" in str(error)  # noqa: PT017
            else:
                assert len(set(top.ids.tolist())) == len(top.ids)
                assert np.isfinite(top.scores).all()
        return None

    run_in_threads(3, work)


BIG = tiny_items(range(20_000))
BIG_ROWS = {**BIG, "hour": [1.0] * 20_000, "counts": [None] * 20_000}
ITEMS = rf._core.Columns(BIG)
ROWS = rf._core.Columns(BIG_ROWS)
CATALOG = rf.Catalog(MODEL, ITEMS)
RANKER = rf.Ranker(MODEL, CATALOG)
CALLS: dict[str, Callable[[], Any]] = {
    "encode": lambda: MODEL.schema.encode(ROWS),
    "score": lambda: MODEL.score(ROWS),
    "catalog": lambda: rf.Catalog(MODEL, ITEMS),
    "upsert": lambda: CATALOG.upsert(ITEMS),
    "remove": lambda: CATALOG.remove(np.arange(-20_000, 0)),
    "rank": lambda: RANKER.rank(REQUEST, np.arange(20_000), k=10),
    "rank items": lambda: RANKER.rank(REQUEST, items=ITEMS, k=10),
    "recommend": lambda: RANKER.recommend(REQUEST, k=10),
    "numbers": lambda: ROWS.numbers("price", "price"),
    "hash64": lambda: rf.hash64(np.arange(100_000)),
    "hash_buffer": lambda: rf._core.hash_buffer(bytes(1_000_000)),
}


HAS_GIL = getattr(sys, "_is_gil_enabled", lambda: True)()


@pytest.mark.skipif(not HAS_GIL, reason="there is no GIL to give up")
@pytest.mark.parametrize("name", CALLS)
def test_another_thread_runs_during_the_call(name: str) -> None:
    """Python never takes the GIL away in this test, so the other thread can only run where a call gives it up."""
    call, ran, go = CALLS[name], [], threading.Lock()
    go.acquire()

    def other() -> None:
        with go:
            ran.append(True)

    thread = threading.Thread(target=other)
    thread.start()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)
    try:
        go.release()
        assert not ran
        for _ in range(2000):
            call()
            if ran:
                break
        assert ran
    finally:
        sys.setswitchinterval(interval)
        thread.join()


def test_python_goes_on_in_the_middle_of_a_long_call() -> None:
    """The times at which a thread of pure Python ran: some of them lie well inside of one call of some 300 ms."""
    requests, candidates = [REQUEST] * 1000, [np.arange(20_000)] * 1000
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.0005)  # few, so that the list stays short

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        start = time.perf_counter()
        RANKER.rank_batch(requests, candidates, k=10)
        end = time.perf_counter()
    finally:
        done.set()
        thread.join()
    quarter = (end - start) / 4
    assert any(start + quarter < at < end - quarter for at in ticks)
