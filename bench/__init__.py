"""Timings beside the peers: one folder per scenario, one file per competitor; see README.md."""

from __future__ import annotations

import os

# One thread each; the libraries read it when they are imported, which is later than this.
for _variable in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"
