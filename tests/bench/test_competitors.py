from __future__ import annotations

from typing import Any

import pytest

from bench.competitors import Absent, assemble, made_by


def needs(module: str) -> Any:
    raise ModuleNotFoundError(f"No module named {module!r}", name=module)


def absent() -> Any:
    raise Absent("needs a compiler")


def test_who_is_not_there_is_told_by_name() -> None:
    makers = {"a": lambda: 1, "b": lambda: needs("nowhere.inside"), "c": absent, "d": lambda: 4}
    present, missing = assemble(makers, ["a", "b", "c"])
    assert present == {"a": 1}
    assert missing == {"b": "nowhere is not installed", "c": "needs a compiler", "d": "left out by --peers"}


def test_an_import_that_is_broken_here_is_no_absence() -> None:
    with pytest.raises(ModuleNotFoundError):
        assemble({"a": lambda: needs("bench.nowhere")})


def test_a_competitor_is_made_out_of_its_own_file() -> None:
    assert made_by("bench", "competitors.Absent", "why")().args == ("why",)
