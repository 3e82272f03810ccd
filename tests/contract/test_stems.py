"""One op, one stem, in every room that knows ops; one step, one stem, in every backend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import recfast.reference

OPS = (
    "embedding_bag",
    "concat",
    "linear",
    "fm",
    "dot",
    "dot_interaction",
    "cross",
    "cross_low_rank",
    "normalise",
    "pick",
    "sparse_bag",
    "sum",
)


def test_ops_def_lists_every_op_once(root: Path) -> None:
    text = (root / "cpp/program/ops.def").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^RECFAST_OP\((\w+)", text, re.MULTILINE)) == sorted(OPS)


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(
    "room",
    ["cpp/program/ops/{}.h", "cpp/split/{}.cpp", "training/recfast_training/layers/{}.py", "tests/ops/test_{}.py"],
)
def test_the_op_has_its_file_in_the_room(root: Path, op: str, room: str) -> None:
    assert list(root.glob(room.format(op))), f"{room.format(op)} is missing"


def steps(root: Path) -> list[str]:
    text = (root / "cpp/split/steps.def").read_text(encoding="utf-8")
    return re.findall(r"^RECFAST_STEP\((\w+)", text, re.MULTILINE)


def test_the_cpu_runs_every_step(root: Path) -> None:
    stems = steps(root)
    assert len(stems) == len(set(stems)) > 0
    assert [stem for stem in stems if not (root / f"cpp/backends/cpu/{stem}.cpp").is_file()] == []


def test_the_cuda_backend_runs_steps_in_files_of_their_own(root: Path) -> None:
    declared = re.findall(r"bind\(const split::(\w+)& plan\);", (root / "cpp/backends/cuda/step.h").read_text("utf-8"))
    names = dict(
        re.findall(r"^RECFAST_STEP\((\w+), (\w+)", (root / "cpp/split/steps.def").read_text("utf-8"), re.MULTILINE)
    )
    stems = [stem for stem, name in names.items() if name in declared]
    assert len(stems) == len(declared) > 0
    assert [stem for stem in stems if not (root / f"cpp/backends/cuda/{stem}.cpp").is_file()] == []
    # Requests alone need the one, a bag per candidate the other.
    assert set(names) - set(stems) == {"transpose", "sparse_bag"}


@pytest.mark.parametrize("op", OPS)
def test_the_op_has_its_meaning_in_the_reference(op: str) -> None:
    function = getattr(recfast.reference, op)
    assert callable(function)
    assert function.__doc__


@pytest.mark.parametrize("room", ["cpp/program/ops", "training/recfast_training/layers", "tests/ops"])
def test_no_room_holds_an_op_that_the_others_lack(root: Path, room: str) -> None:
    stems = {path.stem.removeprefix("test_") for path in (root / room).glob("*.*")}
    assert {stem for stem in stems if not stem.startswith("__") and stem != "conftest"} - set(OPS) == set()
