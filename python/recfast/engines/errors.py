"""What goes wrong between a network and a device, other than wrong arguments and damaged files."""

from __future__ import annotations


class EngineError(RuntimeError):
    """TensorRT refuses a network, an engine or a call; the message names the layer where TensorRT says which."""
