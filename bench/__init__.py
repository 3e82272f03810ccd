"""Timings beside the peers: one folder per scenario, one file per competitor; see README.md."""
