"""`python -m recfast_training.demo`: the same as `recfast-train demo`."""

from __future__ import annotations

import sys

from ..cli import main

sys.exit(main(["demo", *sys.argv[1:]]))
