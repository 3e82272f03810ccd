"""What a report says of given results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.curves.straight_line import fit_line
from bench.report import BEGIN, END, Report, update_readme
from bench.result import (
    MICROSECONDS,
    Ledger,
    Result,
    nanoseconds_per,
    no_slower_than,
    times_as_fast,
    times_the_fastest,
)

MACHINE = {
    "cpu": "a CPU",
    "cpus": 2,
    "isa": "avx2",
    "compiler": "gcc",
    "date": "2026-11-24",
    "commit": "0123",
    "load_average": [0.5, 0.5, 0.5],
    "versions": {"recfast": "0.1.0", "onnxruntime": "1.32.0"},
}
TIMES = {
    "recfast": np.array([10.0, 20.0, 10.0]),
    "onnxruntime": np.array([60.0, 60.0, 60.0]),
    "torch": np.array([30.0, 30.0, 30.0]),
}


def result(scenario: str = "rank") -> Result:
    return Result(
        scenario=scenario,
        title="a title",
        times=TIMES,
        errors={"onnxruntime": 3e-7, "torch": None},
        bound="a bound",
        goals=[*times_as_fast(TIMES, "onnxruntime", 5), *times_the_fastest(TIMES, 4.5), *times_as_fast(TIMES, "x", 9)],
        absent={"openvino": "openvino is not installed"},
        unit=MICROSECONDS,
        machine=MACHINE,
    )


def test_ratios_are_medians_over_calls_side_by_side() -> None:
    to_onnxruntime, to_fastest = result().goals
    assert (to_onnxruntime.measured, to_onnxruntime.met) == (6, True)
    assert (to_fastest.measured, to_fastest.met, to_fastest.peer) == (3, False, "torch")


def test_a_goal_of_its_own_is_in_the_unit() -> None:
    goal = no_slower_than(TIMES, nanoseconds_per("string", 1_000), 5)
    assert (goal.measured, goal.met) == (10, False)


def test_the_report_shows_who_is_absent_what_is_missed_and_what_failed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.add(result("rank"))
    ledger.add(result("score"))
    ledger.fail("bench/rank::test", "AssertionError: other ids")
    report = Report(tmp_path)
    text = report.summary() + "".join(report.page(name) for name in report.scenarios)
    for part in (
        "| a title | onnxruntime 1.32.0 | 60.0 µs | 60.0 µs | 3 | 6.00 | 3e-07 |",
        "| a title | openvino | absent: openvino is not installed |",
        "| 10.0 / 19.8 µs | onnxruntime | 60.0 / 60.0 µs | 6.00 times as fast as onnxruntime | ≥ 5 | 3e-07 |",
        "| **3.00 times as fast as the fastest, torch** | ≥ 4.5, missed |",
        "- `bench/rank::test`: AssertionError: other ids",
        "a CPU, 2 CPUs, avx2",
    ):
        assert part in text


@pytest.mark.parametrize("load", [1.2, 3.5])
def test_a_busy_machine_is_told(tmp_path: Path, load: float) -> None:
    Ledger(tmp_path).add(replace(result(), machine={**MACHINE, "load_average": [load, 0.0, 0.0]}))
    assert ("The machine was busy" in Report(tmp_path).machine()) == (load > 2)


def test_results_of_several_machines_say_which_ran_what(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.add(result("rank"))
    ledger.add(replace(result("score"), machine={**MACHINE, "cpu": "another CPU"}))
    here, there = Report(tmp_path).machine().splitlines()
    assert here.startswith("- `rank`: a CPU, 2 CPUs, avx2")
    assert there.startswith("- `score`: another CPU, 2 CPUs, avx2")


def test_readme_keeps_what_stands_outside_of_the_markers(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    update_readme(f"{BEGIN}\nnew\n{END}", readme)
    assert readme.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the lines"):
        update_readme("new", readme)


def test_a_line_is_found_again() -> None:
    sizes = [1, 10, 100, 1_000, 10_000]
    line = fit_line(sizes, [12 + 0.9 * n for n in sizes])
    assert line.intercept == pytest.approx(12)
    assert line.slope == pytest.approx(0.9)
    assert line.off == pytest.approx(0, abs=1e-9)


def test_what_is_off_the_line_is_told() -> None:
    assert fit_line([1, 10, 100], [1, 100, 100]).off > 0.3
