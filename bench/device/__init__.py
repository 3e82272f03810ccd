"""What bench/gpu.py times: kernels alone, and Rankers beside others on the same device."""
