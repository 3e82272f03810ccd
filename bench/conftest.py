from __future__ import annotations

from collections.abc import Callable

import pytest

from .result import Result

RESULTS = pytest.StashKey[list[Result]]()


@pytest.fixture
def publish(request: pytest.FixtureRequest) -> Callable[[Result], None]:
    """Keep a result: in a file, and in the tables at the end of the run."""

    def keep(result: Result) -> None:
        result.write()
        request.config.stash.setdefault(RESULTS, []).append(result)

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for result in config.stash.get(RESULTS, []):
        terminalreporter.write_line(f"\n{result.markdown()}\n")
