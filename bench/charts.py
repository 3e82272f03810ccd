"""Charts as SVG, the same bytes for the same results, on no background so that light and dark pages suit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from .interleave import OWN
from .report import Case, Report

GREY = "#808890"
COLOURS = {
    OWN: "#e8590c",
    "onnxruntime": "#1c7ed6",
    "openvino": "#9c36b5",
    "torch": "#2f9e44",
    "torch.compile": "#94d82d",
}
STYLE = {
    "svg.hashsalt": "recfast",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), GREY),
}


def draw_all(report: Report, folder: Path) -> list[Path]:
    """Write every chart that the results suffice for and return the paths."""
    drawn = []
    for name, draw in CHARTS.items():
        with mpl.rc_context(STYLE):
            figure = draw(report)
            if figure is not None:
                path = folder / f"{name}.svg"
                figure.savefig(path, transparent=True, metadata={"Date": None, "Creator": None}, bbox_inches="tight")
                drawn.append(path)
    return drawn


def draw_ratios(report: Report) -> Figure | None:
    """How many times as fast as the fastest peer, case by case."""
    bars = []
    for scenario, case in report.cases():
        peers = {name: ratio for name, ratio in case["ratios"].items() if name not in case["yardsticks"]}
        if peers:
            fastest = min(peers, key=peers.__getitem__)
            label = f"{scenario}: {case['case']}" if case["case"] else scenario
            bars.append((label, fastest, peers[fastest]))
    if not bars:
        return None
    figure = Figure(figsize=(9, 0.7 + 0.27 * len(bars)))
    axes = figure.subplots()
    labels = [label for label, _, _ in bars]
    colours = [COLOURS[OWN] if ratio >= 1 else GREY for _, _, ratio in bars]
    axes.set_xscale("log")
    axes.barh(labels, [ratio - 1 for _, _, ratio in bars], left=1, color=colours)
    for i, (_, fastest, ratio) in enumerate(bars):
        axes.annotate(f" {ratio:.3g}x {fastest}", (max(ratio, 1), i), va="center", fontsize=8)
    axes.axvline(1, color=GREY, linewidth=1)
    axes.margins(x=0.2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("times as fast as the fastest peer (its time / recfast's, median over calls)")
    return figure


def draw_candidates(report: Report) -> Figure | None:
    """Latency against the number of candidates."""
    figure = _lines(report, "candidates", lambda case: case["values"]["candidates"], "candidates")
    fit = next((c["values"] for name, c in report.cases() if (name, c["case"]) == ("curves", "candidates")), None)
    if figure is not None and fit is not None:
        sizes = sorted(int(name) for name in fit if name.isdigit())
        (axes,) = figure.axes
        line = [fit["intercept"] + fit["slope"] * n for n in sizes]
        label = f"recfast, fitted: {fit['intercept']:.1f} µs + {fit['slope']:.2f} µs each"
        axes.plot(sizes, line, color=COLOURS[OWN], linestyle=":", label=label)
        axes.legend(frameon=False)
    return figure


def draw_catalogue(report: Report) -> Figure | None:
    """Latency of 1,000 candidates against the size of the catalogue."""
    figure = _lines(report, "items", lambda case: case["values"]["items"], "items of the catalogue")
    if figure is not None:
        (axes,) = figure.axes
        for name, case in report.cases():
            if name == "curves" and case["case"] == "catalogue, uniform ids":
                points = sorted((int(size), time) for size, time in case["values"].items())
                axes.plot(
                    *zip(*points, strict=True),
                    color=COLOURS[OWN],
                    linestyle=":",
                    marker="o",
                    label="recfast, uniform ids",
                )
        axes.legend(frameon=False)
    return figure


def _lines(report: Report, axis: str, size_of: Callable[[Case], float], label: str) -> Figure | None:
    """p50 in µs of everybody in `rank_resident` against one axis, both logarithmic."""
    lines: dict[str, dict[float, float]] = {}
    for name, case in report.cases():
        if name == "rank_resident" and case["values"]["axis"] in (axis, "reference"):
            for who, times in case["times"].items():
                lines.setdefault(who, {})[size_of(case)] = times["p50"] * _microseconds(case)
    if not lines or len(lines[OWN]) < 2:
        return None
    figure = Figure(figsize=(7, 4.2))
    axes = figure.subplots()
    for who, points in lines.items():
        axes.plot(*zip(*sorted(points.items()), strict=True), color=COLOURS.get(who, GREY), marker="o", label=who)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for numbers in (axes.xaxis, axes.yaxis):
        numbers.set_major_formatter("{x:,.0f}")
        numbers.set_minor_formatter("")
    axes.set_xlabel(label)
    axes.set_ylabel("p50, µs")
    axes.legend(frameon=False)
    return figure


def _microseconds(case: Case) -> float:
    units: Mapping[str, float] = {"ms": 1e3, "µs": 1.0}
    return units[case["unit"]]


CHARTS: Mapping[str, Callable[[Report], Any]] = {
    "ratio_per_scenario": draw_ratios,
    "latency_against_candidates": draw_candidates,
    "latency_against_catalogue_size": draw_catalogue,
}
