"""The whole catalogue through the full ranker."""
