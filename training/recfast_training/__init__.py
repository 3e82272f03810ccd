"""Trains, prunes and exports the models that recfast serves.

Encoded features come from recfast's own compiled code, so that training and serving cannot disagree. Needs torch:
`pip install "recfast[train]"`.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    raise ImportError('recfast_training needs torch: pip install "recfast[train]"') from error

from . import models
from .compress import PruneConfig, prune
from .encode import Encoded, encode
from .evaluate import evaluate, predict
from .evaluate_cascade import CascadeReport, evaluate_cascade
from .export import export
from .export_onnx import export_onnx
from .export_tensorrt import export_tensorrt
from .fit import FitReport, fit
from .fit_items import ItemsReport, fit_items
from .fit_retrieval import RetrievalReport, fit_retrieval
from .models import NetworkConfig
from .training_loop import FitConfig

__all__ = [
    "CascadeReport",
    "Encoded",
    "FitConfig",
    "FitReport",
    "ItemsReport",
    "NetworkConfig",
    "PruneConfig",
    "RetrievalReport",
    "encode",
    "evaluate",
    "evaluate_cascade",
    "export",
    "export_onnx",
    "export_tensorrt",
    "fit",
    "fit_items",
    "fit_retrieval",
    "models",
    "predict",
    "prune",
]
