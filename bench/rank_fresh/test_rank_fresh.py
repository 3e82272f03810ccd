from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ..answers import Ranked
from ..interleave import Pace
from ..machine import describe
from ..ranking.measure import measure
from ..ranking.networks import TITLES
from ..ranking.setting import Setting
from ..ranking.shop import Question
from ..ranking.workshop import Workshop
from ..result import Result, times_the_fastest

FORMS: dict[str, Callable[[Any], Any]] = {
    "Arrow": lambda table: table,
    "dict of lists": lambda table: table.to_pydict(),
}
CASES = {"": ("f32", "Arrow"), "i8 tables": ("i8", "Arrow"), "items as a dict of lists": ("f32", "dict of lists")}


@pytest.mark.parametrize("case", CASES)
def test_rank_fresh(
    benchmark: Any, case: str, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    tables, form = CASES[case]
    setting = replace(reference, network=replace(reference.network, tables=tables))
    shop, peers = workshop.shop(setting), workshop.scorers(setting)
    ranker = workshop.recfast(setting).ranker
    questions = shop.questions(workshop.layout(setting), setting.candidates)
    items = {id(question): FORMS[form](shop.raw(question.rows)) for question in questions}

    def rank(question: Question, k: int) -> Ranked:
        top = ranker.rank(question.request, items=items[id(question)], k=k)
        return Ranked(top.ids, top.scores)

    times, errors = measure(benchmark, rank, peers.present, questions, setting, pace)
    publish(
        Result(
            scenario="rank_fresh",
            case=case,
            title=f"{TITLES[setting.network.name]}, {setting.candidates:,} raw items in the request ({form}), "
            f"tables {tables}, {setting.ids} ids, warm",
            times=times,
            errors=errors,
            bound=setting.bound,
            goals=times_the_fastest(times, 2.2) if case == "" else [],
            absent=peers.absent,
            machine=describe(),
        )
    )
