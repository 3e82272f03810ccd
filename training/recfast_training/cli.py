"""The command `recfast-train`: the demo, and its figures over several seeds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; those of the process when None.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="recfast-train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="train on The Complete Journey, prune, quantise, export, rank")
    demo.add_argument("--out", type=Path, default=Path("demo"), help="folder for shop.recfast (default: demo)")
    demo.add_argument("--seed", type=int, default=0)
    figures = commands.add_parser("figures", help="quality of the full, pruned and quantised model over seeds")
    figures.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    figures.add_argument("--model", choices=["DeepFM", "DCNv2"], default="DeepFM")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "demo":
            from .demo.run import run_demo

            run_demo(chosen.out, seed=chosen.seed)
        else:
            from .demo.figures import run_figures

            run_figures(chosen.seeds, architecture=chosen.model)
    except ImportError as error:
        print(f"recfast-train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
