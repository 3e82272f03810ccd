from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ..answers import Ranked, relative_error
from ..interleave import OWN, Pace, Times, interleave
from ..machine import describe
from ..ranking.measure import compare_all, with_scorer
from ..ranking.recfast import Recfast
from ..ranking.setting import Setting
from ..ranking.shop import Question
from ..ranking.workshop import Workshop
from ..result import MICROSECONDS, Goal, Result
from .straight_line import fit_line

CANDIDATES = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
SHARE_OF_REFERENCE = 1_000  # candidates of the reference point, to scale the sizes by


def test_candidates(
    benchmark: Any, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    """Linear from one candidate on, with little besides."""
    recfast = workshop.recfast(reference)
    most = reference.candidates * CANDIDATES[-1] // SHARE_OF_REFERENCE
    questions = workshop.shop(reference).questions(workshop.layout(reference), most)
    errors = _errors(workshop, reference, recfast, questions)
    sizes = [n * most // CANDIDATES[-1] or n for n in CANDIDATES]
    calls = {_name(n, most): _ranking(recfast, [_first(q, n) for q in questions], reference.top_k) for n in sizes}
    times = interleave(benchmark, calls, replace(pace, seconds=2 * pace.seconds, burst=4 * pace.burst))
    medians = [float(np.median(times[_name(n, most)])) for n in sizes]
    line = fit_line(sizes, medians)
    publish(
        Result(
            scenario="curves",
            case="candidates",
            title=f"{most:,} candidates of {reference.items:,} resident items beside fewer",
            times=times,
            errors=errors,
            bound=f"of onnxruntime, {reference.bound}",
            goals=[
                Goal(
                    what=f"µs: intercept of the fitted line, {line.off:.0%} off at most",
                    measured=line.intercept,
                    wanted=15,
                    at_least=False,
                ),
            ],
            unit=MICROSECONDS,
            yardsticks=calls,
            values={
                "intercept": line.intercept,
                "slope": line.slope,
                "off": line.off,
                **{str(n): t for n, t in zip(sizes, medians, strict=True)},
            },
            machine=describe(),
        )
    )


@pytest.mark.parametrize("ids", ["zipf", "uniform"])
def test_catalogue(
    benchmark: Any, ids: str, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    """A hundred times the items cost little."""
    sizes = [reference.items // 10, reference.items, reference.items * 10]
    calls, errors = {}, {}
    for items in sizes:
        setting = replace(reference, items=items, ids=ids)
        shop = workshop.shop(setting)
        recfast = Recfast(workshop.files(setting), shop, setting)
        questions = shop.questions(workshop.layout(setting), setting.candidates)
        errors |= _errors(workshop, setting, recfast, questions)
        calls[_name(items, sizes[-1])] = _ranking(recfast, questions, setting.top_k)
    times = interleave(benchmark, calls, pace)
    growth = _growth(times, _name(sizes[0], sizes[-1]))
    publish(
        Result(
            scenario="curves",
            case=f"catalogue, {ids} ids",
            title=f"{reference.candidates:,} candidates of {sizes[-1]:,} resident items, {ids} ids, beside fewer items",
            times=times,
            errors=errors,
            bound=f"of onnxruntime, {reference.bound}",
            goals=[
                Goal(
                    what=f"times from {sizes[0]:,} to {sizes[-1]:,} items", measured=growth, wanted=1.6, at_least=False
                )
            ],
            unit=MICROSECONDS,
            yardsticks=calls,
            values={str(n): float(np.median(times[_name(n, sizes[-1])])) for n in sizes},
            machine=describe(),
        )
    )


def _name(size: int, most: int) -> str:
    """The largest size is the one that is called recfast."""
    return OWN if size == most else f"recfast, {size:,}"


def _first(question: Question, count: int) -> Question:
    return replace(question, rows=question.rows[:count], candidates=question.candidates[:count])


def _ranking(recfast: Recfast, questions: Sequence[Question], k: int) -> Callable[[int], Ranked]:
    return lambda number: recfast.rank(questions[number % len(questions)], k)


def _growth(times: Times, smallest: str) -> float:
    """Median over calls of the time in the largest catalogue over that in the smallest."""
    return float(np.median(times[OWN] / times[smallest]))


def _errors(
    workshop: Workshop, setting: Setting, recfast: Recfast, questions: Sequence[Question]
) -> dict[str, float | None]:
    """ONNX Runtime's where it takes part; and that the best of a part are the best of that part."""
    for question in questions:
        part = _first(question, max(1, len(question.rows) // 3))
        everything, best = recfast.rank(part, len(part.rows)), recfast.rank(part, setting.top_k)
        np.testing.assert_array_equal(everything.ids[: len(best.ids)], best.ids)
        assert relative_error(everything.scores[: len(best.ids)], best.scores) == 0
    scorers = workshop.scorers(setting).present
    ranks = {"onnxruntime": with_scorer(scorers["onnxruntime"])} if "onnxruntime" in scorers else {}
    return compare_all(recfast.rank, ranks, questions, setting)
