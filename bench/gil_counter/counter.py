"""A loop of pure Python, and a thread that works beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter

STEPS = 1_000_000  # some 30 ms


def count(steps: int = STEPS) -> int:
    """Count to `steps`, holding the GIL as much as Python lets it."""
    counted = 0
    while counted < steps:
        counted += 1
    return counted


class Beside:
    """Calls `work` again and again in a thread of its own, while it is asked to.

    Args:
        work: gets the number of the call.

    Attributes:
        calls: that have ended.
        seconds: that it was asked to work.
    """

    def __init__(self, work: Callable[[int], object]) -> None:
        self.calls = 0
        self.seconds = 0.0
        self._work = work
        self._asked, self._ended = Event(), False
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def __call__(self, _number: int) -> int:
        """Count while the thread works; the last call of the thread may end later."""
        start = perf_counter()
        self._asked.set()
        counted = count()
        self._asked.clear()
        self.seconds += perf_counter() - start
        return counted

    def end(self) -> None:
        """Let the thread end."""
        self._ended = True
        self._asked.set()
        self._thread.join()

    def _run(self) -> None:
        while self._asked.wait() and not self._ended:
            self._work(self.calls)
            self.calls += 1


@contextmanager
def beside(work: Callable[[int], object]) -> Iterator[Beside]:
    """A thread that ends with the block."""
    thread = Beside(work)
    try:
        yield thread
    finally:
        thread.end()
