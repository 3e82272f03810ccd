"""The best 100 by two-tower vectors that were trained: exact, and from indexes that find at least 99 % of them."""
