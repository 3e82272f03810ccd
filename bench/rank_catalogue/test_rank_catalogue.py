from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..answers import Ranked
from ..interleave import Pace
from ..machine import describe
from ..ranking.measure import measure
from ..ranking.merged_inputs import Merged
from ..ranking.networks import TITLES
from ..ranking.setting import Setting
from ..ranking.shop import Question
from ..ranking.workshop import Scorer, Workshop
from ..result import Result, times_as_fast

PORTION = 1_000  # rows per call of a peer: what lies between its layers then fits the caches
REQUESTS = 2  # an encoded catalogue each


def test_rank_catalogue(
    benchmark: Any, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    setting = replace(reference, requests=REQUESTS)
    ranker, peers = workshop.recfast(setting).ranker, workshop.scorers(setting)
    questions = workshop.shop(setting).questions(workshop.layout(setting), setting.items)

    def recommend(question: Question, k: int) -> Ranked:
        top = ranker.recommend(question.request, k=k)
        return Ranked(top.ids, top.scores)

    scorers = {name: _in_portions(score) for name, score in peers.present.items()}
    pace = replace(pace, seconds=3 * pace.seconds, burst=1)
    times, errors = measure(benchmark, recommend, scorers, questions, setting, pace)
    publish(
        Result(
            scenario="rank_catalogue",
            title=f"{TITLES[setting.network.name]}, all {setting.items:,} items of the catalogue",
            times=times,
            errors=errors,
            bound=setting.bound,
            goals=times_as_fast(times, "onnxruntime", 5),
            absent=peers.absent,
            machine=describe(),
        )
    )


def _in_portions(score: Scorer) -> Scorer:
    def scored(rows: Merged) -> npt.NDArray[np.float32]:
        scores = np.empty(len(rows.ids), np.float32)
        for start in range(0, len(scores), PORTION):
            part = slice(start, start + PORTION)
            scores[part] = score(Merged(rows.ids[part], rows.numbers[part]))
        return scores

    return scored
