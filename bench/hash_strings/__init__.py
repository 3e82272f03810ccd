"""Strings to 64-bit hashes: from a list of str, and from an Arrow column."""
