from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ..caches import emptied
from ..interleave import Pace
from ..machine import describe
from ..ranking.measure import measure
from ..ranking.setting import Setting
from ..ranking.workshop import Workshop
from ..result import MICROSECONDS, MILLISECONDS, Result
from .scenario import AXES, CASES, COLD, goals, title


@pytest.mark.parametrize("case", CASES)
def test_rank_resident(
    benchmark: Any, case: str, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    setting = CASES[case](reference)
    recfast, peers = workshop.recfast(setting), workshop.scorers(setting)
    questions = workshop.shop(setting).questions(workshop.layout(setting), setting.candidates)
    if setting.candidates <= 100:
        pace = replace(pace, burst=4 * pace.burst)  # short calls
    before = emptied() if case == COLD else None
    times, errors = measure(benchmark, recfast.rank, peers.present, questions, setting, pace, before)
    publish(
        Result(
            scenario="rank_resident",
            case=case,
            title=title(setting, case),
            times=times,
            errors=errors,
            bound=setting.bound,
            goals=goals(case, times),
            absent=peers.absent,
            unit=MILLISECONDS if setting.candidates >= 1_000 else MICROSECONDS,
            values={"axis": AXES.get(case, "other"), "candidates": setting.candidates, "items": setting.items},
            machine=describe(),
        )
    )
