"""Two Python threads that rank, beside one that does the same work."""
