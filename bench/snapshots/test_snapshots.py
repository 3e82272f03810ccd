"""Reads while items are upserted one by one: what they cost, and whether each is of the version that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from time import perf_counter
from typing import Any

import numpy as np

import recfast as rf

from ..interleave import OWN, Pace, interleave
from ..machine import describe
from ..ranking.recfast import Recfast
from ..ranking.setting import SEED, Setting
from ..ranking.shop import Shop
from ..ranking.workshop import Workshop
from ..result import Goal, Result
from .replay import Read, Replay
from .writer import Change, writing

WANTED = 1_000  # upserts per second
RATE = 1.02 * WANTED  # asked of the writer, which is interrupted
DONORS, CHANGES = 1_000, 4_000
READERS = 2
WINDOW = 100  # calls with and without writes in turn
ALONE = "recfast, nobody writes"


def test_snapshots(
    benchmark: Any, reference: Setting, workshop: Workshop, pace: Pace, publish: Callable[[Result], None]
) -> None:
    shop = workshop.shop(reference)
    ranker = Recfast(workshop.files(reference), shop, reference).ranker  # of its own: it will be changed
    catalog = ranker.catalog
    questions = shop.questions(workshop.layout(reference), reference.candidates)
    donors, changes = _changes(shop)
    replay = Replay(ranker, questions, donors, reference.items)
    before = catalog.memory()
    reads: list[Read] = []

    def read(number: int, kept: list[Read]) -> None:
        question = number % len(questions)
        top = ranker.rank(questions[question].request, questions[question].candidates, k=reference.top_k)
        kept.append(Read(question, top))

    with writing(catalog, changes, RATE) as writer:

        def beside_writes(number: int) -> None:
            writer.resume()
            read(number, reads)

        def alone(number: int) -> None:
            writer.pause()
            read(number, reads)

        paced = replace(pace, seconds=4 * pace.seconds, burst=pace.burst if pace.turns else WINDOW)
        times = interleave(benchmark, {OWN: beside_writes, ALONE: alone}, paced)
        seconds = 0.5 if pace.turns else 7.5 * pace.seconds
        writer.resume()
        for kept in _read_in_threads(read, seconds):
            reads += kept
    checked = replay.check(reads, writer.versions)
    after = catalog.memory()
    assert (after.versions, after.older_bytes) == (1, 0)
    tails = {name: float(np.quantile(spent, 0.99)) for name, spent in times.items()}
    rate = len(writer.versions) / writer.seconds
    publish(
        Result(
            scenario="snapshots",
            title=f"{reference.candidates:,} of {reference.items:,} resident items, {WANTED:,} upserts per second",
            times=times,
            errors={ALONE: None},
            bound=f"{checked:,} results of 1 and of {READERS} reading threads are those of the version that they name",
            goals=[
                Goal(what="p99 / p99 without writes", measured=tails[OWN] / tails[ALONE], wanted=1.3, at_least=False),
                Goal(what="upserts per second", measured=rate, wanted=WANTED),
                Goal(what="of the memory before", measured=_held(after) / _held(before), wanted=1.1, at_least=False),
            ],
            yardsticks=[ALONE],
            threads=2,
            values={
                "upserts": len(writer.versions),
                "upsert p50, µs": round(float(np.median(writer.microseconds)), 1),
                "upsert p99, µs": round(float(np.quantile(writer.microseconds, 0.99)), 1),
                "versions alive at most": writer.most_alive,
                "seconds of 2 readers": seconds,
                "memory before, MB": round(_held(before) / 1e6, 1),
                "memory after, MB": round(_held(after) / 1e6, 1),
            },
            machine=describe(),
        )
    )


def _changes(shop: Shop) -> tuple[Any, list[Change]]:
    """The ids of the donors, and random items that get the features of random donors."""
    rng = np.random.default_rng(SEED)
    items = shop.setting.items
    rows = rng.permutation(items)[:DONORS]
    features = shop.raw(rows).to_pydict()
    ids = shop.items["item_id"].to_numpy()
    changes = []
    for row, donor in zip(rng.integers(0, items, CHANGES), rng.integers(0, len(rows), CHANGES), strict=True):
        table = {name: [column[donor]] for name, column in features.items()}
        changes.append(Change(int(row), int(donor), table | {"item_id": [int(ids[row])]}))
    return ids[rows], changes


def _read_in_threads(read: Callable[[int, list[Read]], None], seconds: float) -> list[list[Read]]:
    """What each of the reading threads got in so many seconds."""
    kept: list[list[Read]] = [[] for _ in range(READERS)]
    end = perf_counter() + seconds

    def run(index: int) -> None:
        number = index
        while perf_counter() < end:
            read(number, kept[index])
            number += 1

    threads = [Thread(target=run, args=(index,)) for index in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(kept), "a reader has read nothing"
    return kept


def _held(memory: rf.CatalogMemory) -> int:
    return memory.current_bytes + memory.older_bytes + memory.spare_bytes
