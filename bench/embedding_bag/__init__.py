"""Sums of rows of large tables, in f32 and i8, with 1 and 20 random ids per bag."""
