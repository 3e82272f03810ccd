"""Loads and ranks, then starts children by `multiprocessing`; each ranks. Fails unless all of them did.

usage: start_children.py METHOD      fork, forkserver (the server loads the model) or spawn
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from typing import Any

import shop_service

TIMEOUT_S = 60


def child(loaded_in: int | None, answers: Any) -> None:
    """Runs in the child. loaded_in: the process that must have loaded the model; None: this one."""
    owner = os.getpid() if loaded_in is None else loaded_in
    assert owner == shop_service.LOADED_IN
    shop_service.check()
    answers.put(shop_service.EXPECTED)


def main(method: str) -> None:
    context = multiprocessing.get_context(method)
    loaded_in = os.getpid() if method == "fork" else None
    if method == "forkserver":
        context.set_forkserver_preload(["shop_service"])
        multiprocessing.forkserver.ensure_running()
        loaded_in = multiprocessing.forkserver._forkserver._forkserver_pid
    answers = context.Queue()
    children = [context.Process(target=child, args=(loaded_in, answers), daemon=True) for _ in range(3)]
    for process in children:
        process.start()
    for _ in children:
        assert answers.get(timeout=TIMEOUT_S) == shop_service.EXPECTED
    for process in children:
        process.join(TIMEOUT_S)
        assert process.exitcode == 0, process.exitcode
    shop_service.check()


if __name__ == "__main__":
    main(sys.argv[1])
