"""`python -m bench.gpu`: what a person with a GPU runs. Kernels alone and whole Rankers, compared first, then timed.

Prints Markdown, and writes it with the JSON values into a folder. `--paper` needs no GPU, but nvcc: registers from
ptxas, bytes and floors, as docs/gpu.md has them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import recfast as rf

from .device import kernels
from .device.cards import card_of
from .interleave import Pace
from .machine import describe
from .ranking.setting import QUICK, REFERENCE, Network, Setting
from .report import Report
from .result import RESULTS, Ledger, Result


def cases(reference: Setting) -> dict[str, Setting]:
    """The points at which Rankers are measured, by name."""
    return {
        "": reference,
        "few candidates": replace(reference, candidates=max(1, reference.candidates // 10)),
        "many candidates": replace(reference, candidates=min(reference.items, 10 * reference.candidates)),
        "f16 catalogue": replace(reference, catalogue="f16"),
        "i8 catalogue": replace(reference, catalogue="i8"),
        "DCN-V2": replace(reference, network=Network(**{**vars(reference.network), "name": "dcnv2"})),
        "DLRM": replace(reference, network=Network(**{**vars(reference.network), "name": "dlrm"})),
    }


def on_paper() -> str:
    """Registers, spills, bytes and floors."""
    with TemporaryDirectory() as folder:
        listed = kernels.run(kernels.build(Path(folder), "sm_80"), "list")
        found = kernels.resources(Path(folder))
    return f"{kernels.resources_table(found)}\n\n{kernels.floors_table(listed)}\n"


def measure(folder: Path, reference: Setting, pace: Pace) -> str:
    """Kernels, then Rankers; writes JSON into the folder and returns the page."""
    from .device.rankers import compare_and_time

    (device, *_) = rf.cuda.status().devices
    with TemporaryDirectory() as built:
        measured = kernels.run(kernels.build(Path(built)))
    folder.mkdir(parents=True, exist_ok=True)
    about = {"machine": describe(), "device": device.name, "capability": device.capability}
    (folder / "kernels.json").write_text(json.dumps({**about, "cases": measured}, indent=1) + "\n", encoding="utf-8")
    ledger = Ledger(folder / "rankers")
    for case, setting in cases(reference).items():
        with TemporaryDirectory() as files:
            result: Any = compare_and_time(setting, Path(files), pace, case)
        assert isinstance(result, Result)
        ledger.add(result)
    about_text = f"{device.name}, {rf.build_info().cuda}, {rf.build_info().cuda_archs}"
    parts = ["# On a GPU", about_text, kernels.times_table(measured, card_of(device.name))]
    return "\n\n".join([*parts, Report(folder / "rankers").page("gpu")])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 with the reason where no device can be used."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS / "gpu", help="folder for gpu.md and JSON")
    parser.add_argument("--seconds", type=float, default=Pace.seconds, help="roughly, of measuring each case")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and a few calls: does it work at all?")
    parser.add_argument("--paper", action="store_true", help="what can be said without a GPU")
    options = parser.parse_args(arguments)
    if options.paper:
        print(on_paper())
        return 0
    if not (status := rf.cuda.status()).available:
        print(f"bench.gpu needs a CUDA device: {status.reason}", file=sys.stderr)
        return 2
    pace = Pace(turns=2, burst=1) if options.quick else Pace(seconds=options.seconds)
    page = measure(options.results, QUICK if options.quick else REFERENCE, pace)
    (options.results / "gpu.md").write_text(page, encoding="utf-8")
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
