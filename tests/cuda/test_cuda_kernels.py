"""The CUDA kernels on the emulator: the unmodified sources, compiled by g++, in several orders of threads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.device.kernels import floors_table

from .programs import ADDRESS, KERNELS, PLAIN, PLANTED, ROOT, THREAD, TIMES, Flavour, build_emulated, run

ORDERS = ("forward", "reverse", "7")
REPORTED = {
    "half_a_barrier": "a barrier that the others do not reach",
    "half_a_warp": "lanes of its mask that do not come",
    "lane_outside_of_its_mask": "a lane exchanges that is not in its own mask",
    "reads_a_lane_outside_of_the_mask": "a lane reads from one that is not in the mask",
    "misaligned_load": "a misaligned vector load",
    "shared_overrun": "index outside of shared memory",
}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cuda")


@pytest.fixture(scope="module")
def kernels(builds: Path) -> Path:
    return build_emulated(builds / "plain", PLAIN)


@pytest.fixture(scope="module")
def planted(builds: Path) -> Path:
    return build_emulated(builds / "plain", PLAIN, [PLANTED])


@pytest.mark.parametrize("order", ORDERS)
def test_kernels_equal_plain_loops_in_every_order_of_threads(kernels: Path, order: str) -> None:
    done = run([kernels], RECFAST_EMULATOR_ORDER=order)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("flavour", [ADDRESS, THREAD], ids=lambda flavour: flavour.name)
def test_a_sanitizer_sees_nothing(builds: Path, flavour: Flavour) -> None:
    program = build_emulated(builds / flavour.name, flavour)
    done = run([program], RECFAST_TEST_SMALL="1", RECFAST_EMULATOR_ORDER="7", TSAN_OPTIONS="halt_on_error=1")
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]


@pytest.mark.slow
@pytest.mark.parametrize("flavour", [ADDRESS, THREAD], ids=lambda flavour: flavour.name)
def test_a_sanitizer_sees_nothing_in_all_cases(builds: Path, flavour: Flavour) -> None:
    program = build_emulated(builds / flavour.name, flavour)
    done = run([program], TSAN_OPTIONS="halt_on_error=1")
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]


@pytest.mark.parametrize("bug", REPORTED)
def test_the_emulator_reports_a_planted_bug(planted: Path, bug: str) -> None:
    done = run([planted, bug])
    assert done.returncode < 0
    assert REPORTED[bug] in done.stderr


def test_a_missing_barrier_gives_a_wrong_answer(planted: Path) -> None:
    answers = {order: run([planted, "missing_barrier"], RECFAST_EMULATOR_ORDER=order).stdout for order in ORDERS}
    assert "a wrong answer\n" in answers.values()


def test_memory_that_is_read_too_early_is_poison(planted: Path) -> None:
    assert run([planted, "missing_synchronisation"]).stdout == "a wrong answer\n"


@pytest.mark.parametrize(
    ("flavour", "bug", "report"),
    [
        (ADDRESS, "shared_overrun_by_pointer", "heap-buffer-overflow"),
        (THREAD, "missing_barrier", "data race"),
        (THREAD, "blocks_write_the_same", "data race"),
    ],
    ids=lambda value: value.name if isinstance(value, Flavour) else None,
)
def test_a_sanitizer_reports_a_planted_bug(builds: Path, flavour: Flavour, bug: str, report: str) -> None:
    program = build_emulated(builds / flavour.name, flavour, [PLANTED])
    done = run([program, bug], TSAN_OPTIONS="halt_on_error=1")
    assert done.returncode != 0
    assert report in done.stderr


def test_what_is_timed_on_a_device_is_compared_before(builds: Path) -> None:
    program = build_emulated(builds / "plain", PLAIN, [TIMES])
    listed = [json.loads(line) for line in run([program, "list"]).stdout.splitlines()]
    assert {case["kernel"] for case in listed} >= {path.stem for path in KERNELS} - {"pick"}
    assert floors_table(listed) in (ROOT / "docs" / "gpu.md").read_text(encoding="utf-8")
    done = run([program, "compare"], RECFAST_EMULATOR_ORDER="7")
    assert done.returncode == 0, done.stdout + done.stderr
    compared = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(case["error"] <= case["bound"] for case in compared)
    assert run([program]).returncode == 2
