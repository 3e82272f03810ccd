"""The ops as torch modules and functions, one file each; every one can append itself to a program."""

from __future__ import annotations

from .concat import concat, emit_concat
from .cross import Cross
from .cross_low_rank import CrossLowRank
from .dot import dot, emit_dot
from .dot_interaction import dot_interaction, emit_dot_interaction
from .embedding_bag import EmbeddingBag, pool
from .fm import emit_fm, fm
from .linear import Linear
from .normalise import emit_normalise, normalise
from .pick import emit_pick, pick
from .sparse_bag import SparseBag
from .sum import emit_sum, sum_parts

__all__ = [
    "Cross",
    "CrossLowRank",
    "EmbeddingBag",
    "Linear",
    "SparseBag",
    "concat",
    "dot",
    "dot_interaction",
    "emit_concat",
    "emit_dot",
    "emit_dot_interaction",
    "emit_fm",
    "emit_normalise",
    "emit_pick",
    "emit_sum",
    "fm",
    "normalise",
    "pick",
    "pool",
    "sum_parts",
]
