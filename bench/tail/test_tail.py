from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from ..competitors import assemble
from ..interleave import OWN, Call, Pace, interleave
from ..limits import Spin
from ..machine import describe
from ..ranking.measure import compare_all, with_scorer
from ..ranking.setting import Setting
from ..ranking.workshop import Workshop
from ..result import Goal, Result

SPIN = "spin loop"


def test_tail(
    benchmark: Any, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    recfast, peers = workshop.recfast(reference), workshop.scorers(reference)
    questions = workshop.shop(reference).questions(workshop.layout(reference), reference.candidates)
    scorers = {name: with_scorer(score) for name, score in peers.present.items() if name == "onnxruntime"}
    errors = compare_all(recfast.rank, scorers, questions, reference)

    def rank(number: int) -> Any:
        return recfast.rank(questions[number % len(questions)], reference.top_k)

    calls: dict[str, Call] = {OWN: rank}
    spins, absent = assemble({SPIN: lambda: Spin(_seconds(rank))})
    calls |= {name: lambda _number, spin=spin: spin() for name, spin in spins.items()}
    times = interleave(benchmark, calls, replace(pace, seconds=2 * pace.seconds, burst=10 * pace.burst))
    tails = {name: _tail(spent) for name, spent in times.items()}
    wanted = max(1.3, 1.1 * tails.get(SPIN, 0))
    publish(
        Result(
            scenario="tail",
            title=f"{reference.candidates:,} of {reference.items:,} resident items beside fixed work of that length",
            times=times,
            errors=errors,
            bound=reference.bound,
            goals=[
                Goal(
                    what="p99 / p50 (1.3, or 10 % above that of the spin loop)",
                    measured=tails[OWN],
                    wanted=wanted,
                    at_least=False,
                )
            ],
            absent=absent,
            yardsticks=[SPIN],
            values={f"p99 / p50, {name}": tail for name, tail in tails.items()},
            machine=describe(),
        )
    )


def _tail(times: npt.NDArray[np.float64]) -> float:
    return float(np.quantile(times, 0.99) / np.median(times))


def _seconds(call: Call) -> float:
    """The median of a few calls."""
    spent = []
    for i in range(20):
        start = perf_counter()
        call(i)
        spent.append(perf_counter() - start)
    return float(np.median(spent))
