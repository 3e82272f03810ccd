"""recfast ranks: raw request features and candidate ids go in, the best k come out, in one native call.

>>> import recfast as rf
>>> rf.bucket("acme", 1000) == rf.bucket("acme", 1000)
True
"""

from __future__ import annotations

from . import cpu, cuda
from .build_info import build_info
from .catalog import Catalog, CatalogMemory
from .errors import DeviceError, FormatError
from .features import Bag, Bucketized, Categorical, Match, Numeric, Vector, WeightedBag
from .filters import col
from .hashing import bucket, hash64
from .model import Model, load
from .ranker import Ranker
from .retriever import Retriever
from .schema import Schema
from .table import Table
from .topk import TopK, topk
from .transform import Transform

__version__ = build_info().version

__all__ = [
    "Bag",
    "Bucketized",
    "Catalog",
    "CatalogMemory",
    "Categorical",
    "DeviceError",
    "FormatError",
    "Match",
    "Model",
    "Numeric",
    "Ranker",
    "Retriever",
    "Schema",
    "Table",
    "TopK",
    "Transform",
    "Vector",
    "WeightedBag",
    "__version__",
    "bucket",
    "build_info",
    "col",
    "cpu",
    "cuda",
    "hash64",
    "load",
    "topk",
]
