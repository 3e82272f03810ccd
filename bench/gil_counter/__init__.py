"""A thread of pure Python beside a thread that ranks."""
