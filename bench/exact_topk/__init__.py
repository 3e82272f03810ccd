"""The exact best 100 of a million vectors, for one query and for 64 at once."""
