"""Models: compositions of `recfast_training.layers` that take encoded features and return logits."""

from __future__ import annotations

from .base import NetworkConfig, RankingModel
from .dcnv2 import DCNv2
from .deepfm import DeepFM
from .dlrm import DLRM
from .ease import EASE
from .item_bias import ItemBias
from .item_knn import ItemKNN
from .linear_items import LinearItemModel
from .mlp import MLP
from .two_tower import TwoTower

__all__ = [
    "DLRM",
    "EASE",
    "MLP",
    "DCNv2",
    "DeepFM",
    "ItemBias",
    "ItemKNN",
    "LinearItemModel",
    "NetworkConfig",
    "RankingModel",
    "TwoTower",
]
