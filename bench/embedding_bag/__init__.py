"""Sums of rows of large tables, in f32, i8 and i4, with 1 and 20 random ids per bag."""
