"""A progress bar on standard error, only where somebody watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import rich.progress as bars
from rich.console import Console


class Progress:
    """Steps done, and the last epoch's figures; without a bar it does nothing."""

    def __init__(self, bar: bars.Progress | None, steps: int) -> None:
        """Start at zero of `steps`."""
        self._bar = bar
        self._task = bars.TaskID(0) if bar is None else bar.add_task("training", total=steps)

    def advance(self) -> None:
        """One step is done."""
        if self._bar is not None:
            self._bar.advance(self._task)

    def describe(self, epoch: int, loss: float, measure: str, valid: Mapping[str, float]) -> None:
        """Show an epoch's figures."""
        if self._bar is not None:
            judged = f", validation {measure} {valid[measure]:.4f}" if valid else ""
            self._bar.update(self._task, description=f"epoch {epoch + 1}: loss {loss:.4f}{judged}")


@contextmanager
def progress_bar(wanted: bool, steps: int) -> Iterator[Progress]:
    """Show a bar of `steps` steps when it is wanted and standard error is a terminal."""
    console = Console(stderr=True)
    if not (wanted and console.is_terminal):
        yield Progress(None, steps)
        return
    columns = (bars.TextColumn("{task.description}"), bars.BarColumn(), bars.TaskProgressColumn())
    with bars.Progress(*columns, bars.TimeRemainingColumn(), console=console, transient=True) as bar:
        yield Progress(bar, steps)
