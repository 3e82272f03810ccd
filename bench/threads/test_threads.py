from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any

import numpy as np

from ..interleave import OWN, Pace, interleave
from ..machine import describe
from ..ranking.measure import compare_all, with_scorer
from ..ranking.setting import Setting
from ..ranking.workshop import Workshop
from ..result import Result, times_as_fast

CALLS = 200
ONE, BATCH = "recfast, one thread", "recfast, rank_batch on two threads"


def test_threads(
    benchmark: Any, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    recfast, peers = workshop.recfast(reference), workshop.scorers(reference)
    questions = workshop.shop(reference).questions(workshop.layout(reference), reference.candidates)
    scorers = {name: with_scorer(score) for name, score in peers.present.items() if name == "onnxruntime"}
    errors = compare_all(recfast.rank, scorers, questions, reference)
    alone = [recfast.rank(question, reference.top_k).ids for question in questions]
    found: list[list[Any]] = [[], []]

    def rank_many(first: int, count: int, kept: list[Any]) -> None:
        kept[:] = [
            recfast.rank(questions[i % len(questions)], reference.top_k).ids for i in range(first, first + count)
        ]

    def two_threads(_number: int) -> None:
        threads = [Thread(target=rank_many, args=(i * CALLS // 2, CALLS // 2, found[i])) for i in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def one_thread(_number: int) -> None:
        rank_many(0, CALLS, found[0])

    asked = [questions[i % len(questions)] for i in range(CALLS)]
    requests, candidates = [q.request for q in asked], [q.candidates for q in asked]

    def batch(_number: int) -> Any:
        return recfast.ranker.rank_batch(requests, candidates, k=reference.top_k, threads=2)

    np.testing.assert_array_equal(batch(0).ids, [alone[i % len(alone)] for i in range(CALLS)])
    two_threads(0)
    for i, ids in enumerate([*found[0], *found[1]]):
        np.testing.assert_array_equal(ids, alone[i % len(alone)])
    calls = {OWN: two_threads, ONE: one_thread, BATCH: batch}
    times = interleave(benchmark, calls, replace(pace, seconds=2 * pace.seconds, burst=1))
    publish(
        Result(
            scenario="threads",
            title=f"{CALLS} requests of {reference.candidates:,} resident candidates in two Python threads",
            times=times,
            errors=errors,
            bound=f"{reference.bound}; the same ids from two threads as from one",
            goals=times_as_fast(times, ONE, 1.8),
            threads=2,
            yardsticks=[ONE, BATCH],
            machine=describe(),
        )
    )
