"""A thread of pure Python that counts, while another thread ranks, beside the same count alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from ..competitors import assemble
from ..interleave import OWN, Call, Pace, interleave
from ..limits import Spin
from ..machine import describe
from ..ranking.measure import compare_all, with_scorer
from ..ranking.setting import Setting
from ..ranking.workshop import Workshop
from ..result import Goal, Result, ratios
from .counter import STEPS, beside, count

ALONE, SPIN = "counter alone", "beside a spin loop in C"


def test_gil_counter(
    benchmark: Any, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    recfast, peers = workshop.recfast(reference), workshop.scorers(reference)
    questions = workshop.shop(reference).questions(workshop.layout(reference), reference.candidates)
    scorers = {name: with_scorer(score) for name, score in peers.present.items() if name == "onnxruntime"}
    errors = compare_all(recfast.rank, scorers, questions, reference)

    def rank(number: int) -> object:
        return recfast.rank(questions[number % len(questions)], reference.top_k)

    spins, absent = assemble({SPIN: lambda: Spin(1e-3)})
    with ExitStack() as threads:
        ranking = threads.enter_context(beside(rank))
        calls: dict[str, Call] = {OWN: ranking, ALONE: lambda _number: count()}
        for name, spin in spins.items():
            calls[name] = threads.enter_context(beside(lambda _number, spin=spin: spin()))
        times = interleave(benchmark, calls, replace(pace, seconds=2 * pace.seconds, burst=1))
    kept = ratios(times)[ALONE]
    publish(
        Result(
            scenario="gil_counter",
            title=f"a count to {STEPS:,} in Python while another thread ranks {reference.candidates:,} candidates",
            times=times,
            errors=errors,
            bound=reference.bound,
            goals=[Goal(what="of the rate alone", measured=kept, wanted=0.9)],
            absent=absent,
            yardsticks=[ALONE, SPIN],
            threads=2,
            values={"requests per second meanwhile": round(ranking.calls / ranking.seconds, 1)},
            machine=describe(),
        )
    )
