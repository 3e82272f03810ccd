"""The ops as torch modules and functions, one file each; every one can append itself to a program."""

from __future__ import annotations

from .concat import concat, emit_concat
from .cross import Cross
from .embedding_bag import EmbeddingBag, pool
from .fm import emit_fm, fm
from .linear import Linear
from .sum import emit_sum, sum_parts

__all__ = ["Cross", "EmbeddingBag", "Linear", "concat", "emit_concat", "emit_fm", "emit_sum", "fm", "pool", "sum_parts"]
