"""Many threads at once, the GIL free during the work, and life after fork."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
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
    "remove": lambda: CATALOG.remove(np.array([-1])),
    "rank": lambda: RANKER.rank(REQUEST, np.arange(20_000), k=10),
    "rank items": lambda: RANKER.rank(REQUEST, items=ITEMS, k=10),
    "recommend": lambda: RANKER.recommend(REQUEST, k=10),
    "numbers": lambda: ROWS.numbers("price", "price"),
    "hash64": lambda: rf.hash64(np.arange(100_000)),
    "hash_buffer": lambda: rf._core.hash_buffer(bytes(1_000_000)),
}


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


FORK = """
import os, sys
import recfast as rf
path = sys.argv[1]
items = {"sku": [str(i) for i in range(500)], "brand": ["acme", None] * 250, "price": [float(i) for i in range(500)]}
model = rf.load(path)
catalog = rf.Catalog(model, items)
ranker = rf.Ranker(model, catalog)
rank = lambda ranker: ranker.recommend({"country": "de"}, k=20).ids.tolist()
before = rank(ranker)
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        own = rf.load(path)
        same = rank(ranker) == before == rank(rf.Ranker(own, rf.Catalog(own, items)))
        same = same and catalog.remove(["1"]) == 2 and "1" not in ranker.recommend({"country": "de"}, k=500).ids
        os._exit(0 if same else 3)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
assert codes == [0, 0], codes
assert rank(ranker) == before and len(catalog) == 500
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_models_live_on_after_fork(shop_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK, str(shop_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
