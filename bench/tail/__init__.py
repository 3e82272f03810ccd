"""p99 / p50 of ranking beside that of work that never varies: what of the tail is recfast's."""
