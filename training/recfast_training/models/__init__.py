"""Models: compositions of `recfast_training.layers` that take encoded features and return logits."""

from __future__ import annotations

from .base import NetworkConfig, RankingModel
from .dcnv2 import DCNv2
from .deepfm import DeepFM
from .dlrm import DLRM
from .item_bias import ItemBias
from .mlp import MLP
from .two_tower import TwoTower

__all__ = ["DLRM", "MLP", "DCNv2", "DeepFM", "ItemBias", "NetworkConfig", "RankingModel", "TwoTower"]
