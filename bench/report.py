"""`python -m bench.report [FOLDER]`: tables and charts of a folder of results.

Writes results.md, a page per scenario and the charts beside the JSON files. The results called "reference" are also
README's.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .machine import PEERS, ROOT
from .result import RESULTS

README = ROOT / "README.md"
BEGIN, END = "<!-- measured: written by bench/report.py -->", "<!-- /measured -->"

ENOUGH = 0.99  # recall
RECALLS = (
    "Exact search beside approximate indexes, each at the fastest setting that finds 99 % of the best; one query at a "
    "time. Where its time / recfast's is below 1, it is faster than recfast."
)
BUSY = 1.8  # load average: the benchmarks themselves are 1, two threads for a while

Case = Mapping[str, Any]


class Report:
    """The results in a folder.

    Attributes:
        scenarios: the JSON values of each file, by scenario.
        failures: tests that failed, and why.
    """

    def __init__(self, folder: Path) -> None:
        read = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
        self.failures: list[dict[str, str]] = read.pop("failures", [])
        self.scenarios: dict[str, Any] = read
        if not read:
            raise FileNotFoundError(f"{folder} holds no results; run `make bench`")

    def cases(self) -> Iterator[tuple[str, Case]]:
        """Every case with the name of its scenario."""
        for name, scenario in self.scenarios.items():
            yield from ((name, case) for case in scenario["cases"])

    def machine(self) -> str:
        """Where and with what: one sentence per machine, which names its scenarios where there are several."""
        ran: dict[str, list[str]] = {}
        for name, scenario in self.scenarios.items():
            ran.setdefault(_hardware(scenario["machine"]), []).append(name)
        sentences = [self._ran_on(names) for names in ran.values()]
        if len(sentences) == 1:
            return sentences[0]
        named = zip(ran.values(), sentences, strict=True)
        return "\n".join(f"- {', '.join(f'`{name}`' for name in names)}: {sentence}" for names, sentence in named)

    def _ran_on(self, names: Sequence[str]) -> str:
        machines = [self.scenarios[name]["machine"] for name in names]
        versions = machines[0]["versions"]
        commits = ", ".join(dict.fromkeys(machine["commit"] for machine in machines))
        dates = " to ".join(sorted({machine["date"] for machine in machines}))
        loads = [machine["load_average"][0] for machine in machines]
        busy = "" if max(loads) < BUSY else " **The machine was busy, which slows long calls more than short ones.**"
        with_versions = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "recfast")
        return (
            f"{_hardware(machines[0])}, {machines[0]['compiler']}, {dates}, "
            f"commit {commits}, load average {min(loads)} to {max(loads)}; {with_versions}.{busy}"
        )

    def goals(self) -> str:
        """One line per goal."""
        lines = [
            "| what is timed | recfast p50 / p99 | beside | its p50 / p99 | measured | goal | largest error |",
            "|---|---|---|---|---|---|---|",
        ]
        for name, case in self.cases():
            for goal in case["goals"]:
                peer = goal["peer"]
                bound = f"{'≥' if goal['at_least'] else '≤'} {goal['wanted']:.4g}"
                measured = f"{_number(goal['measured'])} {goal['what']}"
                beside = f"{peer} | {_p50_p99(case, peer)}" if peer else "|"
                lines.append(
                    f"| {_title(name, case)} | {_p50_p99(case, 'recfast')} | {beside} | "
                    f"{measured if goal['met'] else f'**{measured}**'} | {bound}{'' if goal['met'] else ', missed'} | "
                    f"{_largest_error(case)} |"
                )
        return "\n".join(lines)

    def recalls(self) -> str:
        """Exact and approximate searches by trained vectors, the fastest first; "" where they were not timed."""
        cases = [case for name, case in self.cases() if name == "recall_topk"]
        parts = [f"{_sentence(case['title'])}:\n\n{_recall_table(case)}" for case in cases]
        return "\n\n".join([RECALLS, *parts]) if parts else ""

    def summary(self) -> str:
        """Goals, and recall beside latency, as a page."""
        parts = ["# Measured", self.machine(), self._failed(), "## Goals", self.goals()]
        parts += ["## Recall and latency", self.recalls()] if self.recalls() else []
        return "\n\n".join(part for part in parts if part) + "\n"

    def _failed(self) -> str:
        lines = [f"- `{failure['test']}`: {failure['reason']}" for failure in self.failures]
        return "\n".join(["**These failed:**", "", *lines]) if lines else ""

    def page(self, name: str) -> str:
        """All cases and competitors of a scenario."""
        scenario = self.scenarios[name]
        versions = scenario["machine"]["versions"]
        lines = [
            "| case | who | p50 | p99 | calls | its time / recfast's | largest error |",
            "|---|---|---|---|---|---|---|",
        ]
        bounds = {}
        for case in scenario["cases"]:
            lines += _rows(case, versions)
            bounds[case["bound"]] = None
        notes = [f"Largest error: {bound}." for bound in bounds]
        threads = {case["threads"] for case in scenario["cases"]} - {1}
        notes += [f"Threads: {', '.join(map(str, sorted(threads)))}."] if threads else []
        return f"# {name}\n\n" + "\n".join(lines) + "\n\n" + " ".join(notes) + "\n"


def _hardware(machine: Mapping[str, Any]) -> str:
    return f"{machine['cpu']}, {machine['cpus']} CPUs, {machine['isa']}"


def _rows(case: Case, versions: Mapping[str, str]) -> list[str]:
    lines, unit = [], case["unit"]
    for who, times in case["times"].items():
        ratio = _number(case["ratios"][who]) if who in case["ratios"] else ""
        error = _error(case["errors"].get(who, "")) if who in case["errors"] else ""
        version = versions.get(PEERS.get(who, ""), "")
        label = " ".join(part for part in (who, version) if part)
        p50, p99 = _number(times["p50"]), _number(times["p99"])
        lines.append(
            f"| {case['title']} | {label} | {p50} {unit} | {p99} {unit} | {case['calls']} | {ratio} | {error} |"
        )
    lines += [f"| {case['title']} | {who} | absent: {reason} | | | | |" for who, reason in case["absent"].items()]
    return lines


def _recall_table(case: Case) -> str:
    lines = [
        "| who | made with, setting | recall@100 | p50 / p99 | its time / recfast's | seconds to build | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    values, times = case["values"], case["times"]
    for who in sorted(times, key=lambda name: float(times[name]["p50"])):
        recall = values[f"recall of {who}"]
        found = f"{recall:.4f}" if recall >= ENOUGH else f"**{recall:.4f}, no setting reaches {ENOUGH}**"
        ratio = _number(case["ratios"][who]) if who in case["ratios"] else ""
        lines.append(
            f"| {who} | {values[f'setting of {who}']} | {found} | {_p50_p99(case, who)} | {ratio} | "
            f"{values[f'seconds to build {who}']} | {values[f'MB of {who}']} |"
        )
    lines += [f"| {who} | absent: {reason} | | | | | |" for who, reason in case["absent"].items()]
    return "\n".join(lines)


def _sentence(title: str) -> str:
    return title[:1].upper() + title[1:]


def _title(scenario: str, case: Case) -> str:
    return f"`{scenario}`: {case['title']}"


def _p50_p99(case: Case, who: str) -> str:
    times = case["times"][who]
    return f"{_number(times['p50'])} / {_number(times['p99'])} {case['unit']}"


def _largest_error(case: Case) -> str:
    errors = [error for error in case["errors"].values() if error is not None]
    return f"{max(errors):.0e}" if errors else ("none" if case["errors"] else "")


def _error(value: float | None) -> str:
    return "none" if value is None else f"{value:.0e}"


def _number(value: float) -> str:
    """Three digits, thousands whole."""
    digits = next((digits for bound, digits in ((100, 0), (10, 1), (1, 2)) if value >= bound), 3)
    return f"{value:,.{digits}f}"


def readme_block(report: Report, charts: Sequence[Path]) -> str:
    """What stands between README's markers."""
    images = [f"![{path.stem.replace('_', ' ')}]({path.relative_to(ROOT).as_posix()})" for path in charts]
    parts = [BEGIN, report.machine(), report.goals(), report.recalls(), *images, END]
    return "\n\n".join(part for part in parts if part)


def update_readme(block: str, readme: Path) -> None:
    """Replace what stands between the markers.

    Raises:
        ValueError: the markers are missing.
    """
    text = readme.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{readme} lacks the lines {BEGIN!r} and {END!r}")
    readme.write_text(pattern.sub(lambda _: block, text), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report; 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=RESULTS / "last")
    folder: Path = parser.parse_args(arguments).folder.resolve()
    report = Report(folder)
    (folder / "results.md").write_text(report.summary(), encoding="utf-8")
    for name in report.scenarios:
        (folder / f"{name}.md").write_text(report.page(name), encoding="utf-8")
    charts: list[Path] = []
    try:
        from .charts import draw_all
    except ModuleNotFoundError as error:
        print(f"no charts: {error.name} is not installed")
    else:
        charts = draw_all(report, folder)
    if folder == RESULTS / "reference":
        update_readme(readme_block(report, charts), README)
    print(f"{report.goals()}\n\n{folder / 'results.md'}, {len(charts)} charts, {len(report.failures)} failures")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
