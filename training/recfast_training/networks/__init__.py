"""The dense networks of a program as ONNX, for TensorRT: all behind the embeddings, or what is left per candidate."""

from __future__ import annotations

from .calibrate import calibrate
from .network import Network, write_network

__all__ = ["Network", "calibrate", "write_network"]
