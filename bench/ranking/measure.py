"""Compares, then times: recfast on raw requests beside peers on encoded rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..answers import Ranked, best_of, compare_rankings
from ..interleave import OWN, Call, Pace, Times, interleave
from .setting import Setting
from .shop import Question
from .workshop import Scorer

Rank = Callable[[Question, int], Ranked]


def with_scorer(score: Scorer) -> Rank:
    """A peer that scores encoded rows, followed by the usual numpy top-k."""
    return lambda question, k: best_of(question.ids, score(question.merged), k)


def compare_all(
    mine: Rank, peers: Mapping[str, Rank], questions: Sequence[Question], setting: Setting, bound: float | None = None
) -> dict[str, float | None]:
    """By peer the largest difference of two scores over all questions, which may be `bound`, the setting's when None.

    Raises:
        AssertionError: a peer's answer is another one.
    """
    k, bound = setting.top_k, setting.tolerance if bound is None else bound
    return {
        name: max(
            compare_rankings(lambda n, q=q: mine(q, n), lambda n, q=q, rank=rank: rank(q, n), len(q.rows), k, bound)
            for q in questions
        )
        for name, rank in peers.items()
    }


def time_all(
    benchmark: Any,
    ranks: Mapping[str, Rank],
    questions: Sequence[Question],
    setting: Setting,
    pace: Pace,
    before: Callable[[], None] | None = None,
) -> Times:
    """Microseconds by competitor, one question per call."""
    calls = {name: _asking(rank, questions, setting.top_k) for name, rank in ranks.items()}
    return interleave(benchmark, calls, pace, before=before)


def measure(
    benchmark: Any,
    mine: Rank,
    scorers: Mapping[str, Scorer],
    questions: Sequence[Question],
    setting: Setting,
    pace: Pace,
    before: Callable[[], None] | None = None,
) -> tuple[Times, dict[str, float | None]]:
    """Both: times, and the largest error of each peer."""
    peers = {name: with_scorer(score) for name, score in scorers.items()}
    errors = compare_all(mine, peers, questions, setting)
    return time_all(benchmark, {OWN: mine, **peers}, questions, setting, pace, before), errors


def _asking(rank: Rank, questions: Sequence[Question], k: int) -> Call:
    return lambda number: rank(questions[number % len(questions)], k)
