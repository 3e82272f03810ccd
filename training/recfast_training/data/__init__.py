"""Data sets for training and evaluation: loading, cleaning with a report, fixed splits."""
