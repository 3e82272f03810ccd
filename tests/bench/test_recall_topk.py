"""What counts as found, which setting is timed, and what README says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.recall_topk.scenario import TOP_K, Trained, find_best, one_dimension_more
from bench.recall_topk.sweep import Setting, choose
from bench.report import Report, readme_block
from bench.result import Ledger

from .test_tables_and_lines import result

RNG = np.random.default_rng(20170105)
VECTORS = RNG.standard_normal((2_000, 64), dtype=np.float32)
VECTORS[1_000:1_200] = VECTORS[:200]
QUERIES = RNG.standard_normal((120, 64), dtype=np.float32)
TRAINED = Trained(VECTORS, QUERIES[:40], QUERIES[40:], {})


class Partial:
    """Finds all but a few, the fewer the more thorough; slower where it is told to be."""

    made_with = "nothing"

    def __init__(self, *ladders: list[Setting]) -> None:
        self.ladders = ladders

    def build(self) -> None: ...

    def size_bytes(self) -> int:
        return 0

    def form(self, queries: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return queries

    def use(self, setting: Setting) -> None:
        self._setting = setting

    def search(self, query: npt.NDArray[np.float32]) -> Any:
        for _ in range(self._setting["cost"]):
            scores = VECTORS.astype(np.float64) @ query
        return np.argsort(-scores.astype(np.float32), kind="stable")[self._setting["missing"] :][:TOP_K]

    def ids(self, found: Any) -> Any:
        return found


def test_the_best_are_those_of_float64_sums_in_order() -> None:
    for query, best in zip(QUERIES, find_best(VECTORS, QUERIES), strict=True):
        sums = np.zeros(len(VECTORS))
        for d in range(64):
            sums += VECTORS[:, d].astype(np.float64) * float(query[d])
        np.testing.assert_array_equal(best.ids, np.argsort(-sums.astype(np.float32), kind="stable")[:TOP_K])


def test_an_equal_score_is_as_good() -> None:
    best = next(best for best in TRAINED.best_judging if len(best.ties))
    assert best.recall(np.append(best.ids[:-1], best.ties[0])) == 1
    assert best.recall(np.append(best.ids[:-1], -1)) == pytest.approx(0.99)


def test_one_that_comes_twice_fails() -> None:
    best = TRAINED.best_judging[0]
    with pytest.raises(AssertionError, match="twice"):
        best.recall(best.ids[[0, 0]])


def test_the_nearest_are_the_best_when_all_are_equally_long() -> None:
    long, queries = TRAINED.equally_long.astype(np.float64), one_dimension_more(TRAINED.tuning)
    np.testing.assert_allclose(np.linalg.norm(long, axis=1), np.linalg.norm(long[0]), rtol=1e-6)
    distances = np.square(long - queries[0]).sum(axis=1)
    assert TRAINED.best_tuning[0].recall(np.argsort(distances, kind="stable")[:TOP_K]) == 1


def test_the_first_that_finds_enough_is_chosen() -> None:
    ladder: list[Setting] = [{"missing": n, "cost": 1} for n in (30, 2, 1, 0)]
    chosen = choose(Partial(ladder), TRAINED)
    assert chosen.setting["missing"] == 1
    assert chosen.recall >= 0.99


def test_the_fastest_of_several_is_chosen() -> None:
    slow: list[Setting] = [{"missing": 0, "cost": 20}]
    fast: list[Setting] = [{"missing": 0, "cost": 1}]
    assert choose(Partial(slow, fast), TRAINED).setting == fast[0]


def test_where_none_finds_enough_the_most_is_told() -> None:
    chosen = choose(Partial([{"missing": 50, "cost": 1}], [{"missing": 30, "cost": 1}]), TRAINED)
    assert chosen.setting["missing"] == 30
    assert chosen.recall == pytest.approx(0.7, abs=0.01)


def test_readme_shows_recall_beside_latency_the_fastest_first(tmp_path: Path) -> None:
    values: dict[str, float | str] = {}
    for who, recall in (("recfast", 1.0), ("onnxruntime", 0.9912), ("torch", 0.8)):
        made = {"setting": f"{who} 4", "recall": recall, "seconds to build": 1.5, "MB": 62}
        values |= {f"{what} {'' if what.endswith('build') else 'of '}{who}": value for what, value in made.items()}
    Ledger(tmp_path).add(replace(result("recall_topk"), values=values))
    text = readme_block(Report(tmp_path), [])
    rows = [
        "| recfast | recfast 4 | 1.0000 | 10.0 / 19.8 µs |  | 1.5 | 62 |",
        "| torch | torch 4 | **0.8000, no setting reaches 0.99** | 30.0 / 30.0 µs | 3.00 | 1.5 | 62 |",
        "| onnxruntime | onnxruntime 4 | 0.9912 | 60.0 / 60.0 µs | 6.00 | 1.5 | 62 |",
        "| openvino | absent: openvino is not installed | | | | | |",
    ]
    assert "\n".join(rows) in text
