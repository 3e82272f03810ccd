"""Rank 1,000 items of the catalogue with the reference model."""
