"""Models: compositions of `recfast_training.layers` that take encoded features and return logits."""

from __future__ import annotations

from .base import NetworkConfig, RankingModel
from .dcnv2 import DCNv2
from .deepfm import DeepFM
from .item_bias import ItemBias

__all__ = ["DCNv2", "DeepFM", "ItemBias", "NetworkConfig", "RankingModel"]
