"""Load and rank in the parent, then rank in its children."""

from __future__ import annotations

import multiprocessing

import pytest

from .conftest import RunScript

METHODS = [method for method in ("fork", "forkserver", "spawn") if method in multiprocessing.get_all_start_methods()]


@pytest.mark.parametrize("method", METHODS)
def test_children_rank_as_their_parent_does(run_script: RunScript, method: str) -> None:
    run_script("start_children.py", method)


@pytest.mark.skipif("fork" not in METHODS, reason="needs fork")
def test_children_find_nothing_locked_whatever_other_threads_were_at(run_script: RunScript) -> None:
    run_script("fork_while_threads_run.py")
