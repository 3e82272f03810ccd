"""What a benchmark found: a table to read, a file to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .interleave import Times

LAST = Path(__file__).parent / "results" / "last"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One scenario on one machine.

    Attributes:
        scenario: name of its folder.
        title: what was timed.
        threads: that each competitor had.
        times: microseconds by competitor, float64 [rounds], taken in turns; "recfast" among them.
        max_error: the largest difference of two scores, relative to 1 + |score|.
        goals: by peer, how many times as fast recfast wants to be.
        machine: what `machine.describe` returned.
    """

    scenario: str
    title: str
    threads: int
    times: Times
    max_error: float
    goals: Mapping[str, float]
    machine: Mapping[str, Any]

    def ratios(self) -> dict[str, float]:
        """By peer the median over rounds of its time over recfast's in the same round."""
        mine = self.times["recfast"]
        return {name: float(np.median(theirs / mine)) for name, theirs in self.times.items() if name != "recfast"}

    def to_json(self) -> dict[str, Any]:
        """JSON values: the quantiles, not the single rounds."""
        return {
            "scenario": self.scenario,
            "title": self.title,
            "threads": self.threads,
            "rounds": len(self.times["recfast"]),
            "times_us": {name: dict(zip(("p50", "p99"), p50_p99(t), strict=True)) for name, t in self.times.items()},
            "ratios": {name: round(ratio, 3) for name, ratio in self.ratios().items()},
            "goals": dict(self.goals),
            "max_error": self.max_error,
            "machine": dict(self.machine),
        }

    def write(self, folder: Path = LAST) -> Path:
        """Write `<scenario>.json` and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.scenario}.json"
        path.write_text(json.dumps(self.to_json(), indent=2) + "\n", encoding="utf-8")
        return path

    def markdown(self) -> str:
        """A heading, the machine, and a table with one line per competitor."""
        ratios, versions = self.ratios(), self.machine["versions"]
        lines = [
            f"### {self.scenario}: {self.title}",
            "",
            f"{self.machine['cpu']}, {self.machine['isa']}, threads: {self.threads}, load of the machine "
            f"{self.machine['load_average'][0]} on {self.machine['cpus']} CPUs, commit {self.machine['commit']}; "
            f"largest error {self.max_error:.1e}",
            "",
            "| who | p50, µs | p99, µs | its time / recfast's | goal |",
            "|---|---|---|---|---|",
        ]
        for name, times in self.times.items():
            p50, p99 = p50_p99(times)
            ratio = f"{ratios[name]:.2f}" if name in ratios else ""
            goal = f"{self.goals[name]:g}" if name in self.goals else ""
            lines.append(f"| {name} {versions.get(name, '')} | {p50:,.0f} | {p99:,.0f} | {ratio} | {goal} |")
        return "\n".join(lines)


def p50_p99(times: Any) -> tuple[float, float]:
    """Median and 99th percentile, rounded to 0.1."""
    return round(float(np.median(times)), 1), round(float(np.quantile(times, 0.99)), 1)
