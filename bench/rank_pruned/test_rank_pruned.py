from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..interleave import OWN, Pace
from ..machine import describe
from ..ranking.measure import compare_all, time_all, with_scorer
from ..ranking.setting import Setting
from ..ranking.workshop import Workshop
from ..result import Result, times_as_fast

KEPT = 0.29  # of the multiply-adds: what costs the demo's network no AUC beyond the noise of seeds
FULL = "recfast, full network"


def test_rank_pruned(
    benchmark: Any, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None], quick: bool
) -> None:
    setting = replace(reference, network=replace(reference.network, kept=0.6 if quick else KEPT))
    full, full_peers = workshop.recfast(reference), workshop.scorers(reference)
    questions = workshop.shop(reference).questions(workshop.layout(reference), reference.candidates)
    compare_all(full.rank, {n: with_scorer(s) for n, s in full_peers.present.items()}, questions, setting)
    pruned, peers = workshop.recfast(setting), workshop.scorers(setting)
    ranks = {name: with_scorer(score) for name, score in peers.present.items()}
    errors = compare_all(pruned.rank, ranks, questions, setting)
    times = time_all(benchmark, {OWN: pruned.rank, FULL: full.rank, **ranks}, questions, setting, pace)
    hidden = "-".join(map(str, pruned.ranker.model.provenance["architecture"]["hidden"]))
    publish(
        Result(
            scenario="rank_pruned",
            title=f"DeepFM pruned to MLP {hidden} ({setting.network.kept:.0%} of the multiply-adds), "
            f"{setting.candidates:,} of {setting.items:,} resident items; peers rank with the pruned network too",
            times=times,
            errors=errors,
            bound=f"{setting.bound}; pruned and full network each against its peers",
            goals=times_as_fast(times, FULL, 2),
            absent=peers.absent,
            yardsticks=[FULL],
            machine=describe(),
        )
    )
