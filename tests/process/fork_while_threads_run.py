"""Forks again and again while other threads rank, write the catalogue and load models; every child does all of it.

A child that finds a lock taken by a thread that it does not have would wait for ever: its alarm ends it, and the parent
fails.
"""

from __future__ import annotations

import os
import signal
import threading

import shop_service

import recfast as rf

FORKS, CHILD_TIMEOUT_S = 15, 30


def rank() -> None:
    assert len(shop_service.answer(shop_service.RANKER, "de")) == 20


def write() -> None:
    """A catalogue of the same model that others write all the time."""
    CHANGING.upsert(BRAND_NEW)
    CHANGING.remove(["0", "1", "no such item"])


def load() -> None:
    model = rf.load(shop_service.PATH)
    assert len(rf.Catalog(model, shop_service.ITEMS)) == 500


def child() -> None:
    signal.alarm(CHILD_TIMEOUT_S)
    for work in (rank, write, load, write):
        work()
    assert len(CHANGING) == len(BRAND_NEW["sku"]) - 2
    shop_service.check()
    thread = threading.Thread(target=write)  # threads of its own, too
    thread.start()
    thread.join()


SIZE = 10_000  # so that a writer is nearly always at work when a child is forked
BRAND_NEW = {"sku": [str(i) for i in range(SIZE)], "brand": ["acme"] * SIZE, "price": [1.0] * SIZE}
CHANGING = rf.Catalog(shop_service.MODEL, BRAND_NEW)


def main() -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def repeat(work: object) -> None:
        try:
            while not stop.is_set():
                work()  # type: ignore[operator]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=repeat, args=(work,)) for work in (rank, rank, write, write, load)]
    for thread in threads:
        thread.start()
    statuses = []
    try:
        for _ in range(FORKS):
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    child()
                    status = 0
                finally:
                    os._exit(status)
            statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert statuses == [0] * FORKS, statuses
    assert not failures, failures
    shop_service.check()


if __name__ == "__main__":
    main()
