"""What a benchmark found: JSON to keep; `report` makes tables and charts of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .interleave import OWN, Times

RESULTS = Path(__file__).parent / "results"


class Unit(NamedTuple):
    """How times are shown: `name`, and microseconds of a call per unit."""

    name: str
    microseconds: float


MILLISECONDS, MICROSECONDS = Unit("ms", 1e3), Unit("µs", 1.0)


def nanoseconds_per(what: str, count: int) -> Unit:
    """Nanoseconds per thing, of which one call handles `count`."""
    return Unit(f"ns per {what}", count / 1e3)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What recfast wants to reach.

    Attributes:
        what: what was measured, with its unit.
        measured: the value.
        wanted: the bound.
        at_least: whether more is better; less otherwise.
        peer: the competitor that the ratio is to; "" for anything else.
    """

    what: str
    measured: float
    wanted: float
    at_least: bool = True
    peer: str = ""

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.measured >= self.wanted if self.at_least else self.measured <= self.wanted


@dataclass(frozen=True, kw_only=True)
class Result:
    """One case of one scenario on one machine.

    Attributes:
        scenario: name of its folder.
        case: what is varied from the reference point; "" at it.
        title: what was timed.
        times: microseconds by competitor, taken in turns; "recfast" among them.
        errors: by competitor its largest error, as `bound` says; None where nothing may differ.
        bound: what the errors are and may be, in words.
        goals: what recfast wants to reach.
        absent: competitors that did not take part, and why.
        yardsticks: which in `times` are no peers: limits, other sizes, recfast otherwise.
        unit: of the times in tables.
        threads: that each competitor had.
        values: further numbers, for charts.
        machine: what `machine.describe` returned.
    """

    scenario: str
    case: str = ""
    title: str
    times: Times
    errors: Mapping[str, float | None]
    bound: str
    goals: list[Goal] = field(default_factory=list)
    absent: Mapping[str, str] = field(default_factory=dict)
    yardsticks: Collection[str] = ()
    unit: Unit = MILLISECONDS
    threads: int = 1
    values: Mapping[str, float | str] = field(default_factory=dict)
    machine: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """JSON values: quantiles in the unit, not the single calls."""
        quantiles = {name: p50_p99(times / self.unit.microseconds) for name, times in self.times.items()}
        return {
            "case": self.case,
            "title": self.title,
            "threads": self.threads,
            "calls": len(self.times[OWN]),
            "unit": self.unit.name,
            "times": {name: dict(zip(("p50", "p99"), q, strict=True)) for name, q in quantiles.items()},
            "ratios": {name: _significant(ratio) for name, ratio in ratios(self.times).items()},
            "errors": dict(self.errors),
            "bound": self.bound,
            "goals": [{**asdict(g), "measured": _significant(g.measured), "met": g.met} for g in self.goals],
            "absent": dict(self.absent),
            "yardsticks": sorted(self.yardsticks),
            "values": dict(self.values),
        }


def ratios(times: Times) -> dict[str, float]:
    """By competitor the median over calls of its time over recfast's call beside it."""
    return {name: float(np.median(theirs / times[OWN])) for name, theirs in times.items() if name != OWN}


def times_as_fast(times: Times, peer: str, wanted: float) -> list[Goal]:
    """The goal to be so many times as fast as a competitor; none where it is absent."""
    if peer not in times:
        return []
    return [Goal(what=f"times as fast as {peer}", measured=ratios(times)[peer], wanted=wanted, peer=peer)]


def times_the_fastest(times: Times, wanted: float) -> list[Goal]:
    """The goal to be so many times as fast as whichever competitor is the fastest."""
    measured = ratios(times)
    if not measured:
        return []
    peer = min(measured, key=measured.__getitem__)
    return [Goal(what=f"times as fast as the fastest, {peer}", measured=measured[peer], wanted=wanted, peer=peer)]


def no_slower_than(times: Times, unit: Unit, wanted: float) -> Goal:
    """The goal for recfast's own median."""
    measured = float(np.median(times[OWN])) / unit.microseconds
    return Goal(what=f"p50, {unit.name}", measured=measured, wanted=wanted, at_least=False)


def p50_p99(times: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Median and 99th percentile, four digits."""
    return _significant(np.median(times)), _significant(np.quantile(times, 0.99))


def _significant(value: Any) -> float:
    return float(f"{value:.4g}")


class Ledger:
    """Writes results while they come in, one file per scenario, so that a later failure loses none.

    Args:
        folder: `<scenario>.json` and failures.json go there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cases: dict[str, list[dict[str, Any]]] = {}
        self._failures: list[dict[str, str]] = []

    def add(self, result: Result) -> None:
        """Keep a result."""
        cases = self._cases.setdefault(result.scenario, [])
        cases.append(result.to_json())
        self._write(result.scenario, {"scenario": result.scenario, "machine": dict(result.machine), "cases": cases})

    def fail(self, test: str, reason: str) -> None:
        """Keep that a test failed."""
        self._failures.append({"test": test, "reason": reason})
        self._write("failures", self._failures)

    def _write(self, name: str, value: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(value, indent=1, ensure_ascii=False)
        (self._folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
