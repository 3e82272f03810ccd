"""A thread that changes one item after the other, so many per second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter, perf_counter_ns, sleep
from typing import Any, NamedTuple

import recfast as rf

LATE = 0.05  # seconds: after a longer halt the rhythm begins anew


class Change(NamedTuple):
    """The item at `row` gets the features of the donor `donor`; `items` is the table that says so."""

    row: int
    donor: int
    items: dict[str, list[Any]]


class Writer:
    """Upserts one item after the other, while it is asked to.

    Args:
        catalog: is changed.
        changes: taken in turns.
        rate: upserts per second.

    Attributes:
        versions: the change that made each version; version 2 is the first.
        microseconds: that each upsert took.
        seconds: that it was asked to write.
        most_alive: the largest number of versions that were alive at once, of those that were looked at.
    """

    def __init__(self, catalog: rf.Catalog, changes: Sequence[Change], rate: float) -> None:
        self.versions: list[Change] = []
        self.microseconds: list[float] = []
        self.seconds = 0.0
        self.most_alive = 1
        self.failure: BaseException | None = None
        self._catalog, self._changes, self._period = catalog, changes, 1 / rate
        self._asked, self._idle, self._ended, self._since = Event(), Event(), False, 0.0
        self._idle.set()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Write from now on."""
        if not self._asked.is_set():
            self._since = perf_counter()
            self._idle.clear()
            self._asked.set()

    def pause(self) -> None:
        """Return when the last upsert has ended."""
        if self._asked.is_set():
            self._asked.clear()
            self._idle.wait()
            self.seconds += perf_counter() - self._since

    def end(self) -> None:
        """Let the thread end.

        Raises:
            BaseException: what an upsert raised.
        """
        self.pause()
        self._ended = True
        self._asked.set()
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            while True:
                if not self._asked.is_set():
                    self._idle.set()
                    self._asked.wait()
                    due = perf_counter()
                if self._ended:
                    return
                self._write()
                now = perf_counter()
                due = max(due + self._period, now - LATE)
                sleep(max(due - now, 0))
        except BaseException as error:
            self.failure = error
        finally:
            self._idle.set()

    def _write(self) -> None:
        count = len(self.versions)
        change = self._changes[count % len(self._changes)]
        start = perf_counter_ns()
        version = self._catalog.upsert(change.items)
        self.microseconds.append((perf_counter_ns() - start) / 1e3)
        assert version == count + 2, f"upsert {count} made version {version}"
        self.versions.append(change)
        if count % 16 == 0:
            self.most_alive = max(self.most_alive, self._catalog.memory().versions)


@contextmanager
def writing(catalog: rf.Catalog, changes: Sequence[Change], rate: float) -> Iterator[Writer]:
    """A writer that ends with the block."""
    writer = Writer(catalog, changes, rate)
    try:
        yield writer
    finally:
        writer.end()
