"""The best k of a list of scores, and `TopK`, the result of everything that ranks."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recfast import _core

__all__ = ["TopK", "topk"]


@dataclass(frozen=True, eq=False, init=False)
class TopK:
    """The best items, best first: score descending, then lower row; NaN behind everything else.

    Attributes:
        ids: One query: int64 or object [K'], K' = min(k, eligible). A batch: [B, K'], padded with -1 or None.
        scores: float32, the same shape, padded with -inf.
        counts: int64 [B], how many results each query has; [1] for one query.
        certified: The result is proved to be the exact one.
        rescored: How many candidates were scored again in full precision to be sure, all queries together.
        version: Version of the catalogue that answered; 0 without a catalogue.
        skipped: Candidates that the catalogue does not have and that were left out.
        ignored: Excluded ids that the catalogue does not have.
    """

    ids: npt.NDArray[Any]
    scores: npt.NDArray[np.float32]
    counts: npt.NDArray[np.int64]
    certified: bool = True
    rescored: int = 0
    version: int = 0
    skipped: int = 0
    ignored: int = 0

    def __init__(
        self,
        ids: npt.NDArray[Any],
        scores: npt.NDArray[np.float32],
        counts: npt.NDArray[np.int64],
        certified: bool = True,
        rescored: int = 0,
        version: int = 0,
        skipped: int = 0,
        ignored: int = 0,
    ) -> None:
        """Keep the fields; in a third of the time of a frozen dataclass's own constructor, which every request pays."""
        fields = self.__dict__
        fields["ids"] = ids
        fields["scores"] = scores
        fields["counts"] = counts
        fields["certified"] = certified
        fields["rescored"] = rescored
        fields["version"] = version
        fields["skipped"] = skipped
        fields["ignored"] = ignored

    def __repr__(self) -> str:
        shape = "x".join(str(n) for n in self.ids.shape)
        best = ""
        if self.ids.ndim == 1 and self.ids.size:
            best = f", best {self.ids[0]!s} at {self.scores[0]:.6g}"
        certified = "" if self.certified else ", not certified"
        return f"TopK({shape} ids{best}{certified})"


def topk(scores: npt.ArrayLike, k: int) -> TopK:
    """Select the best k of each list of scores, exactly.

    Args:
        scores: float32 [N] or [B, N], N < 2**32. NaN ranks last; -0.0 and 0.0 are equal.
        k: How many, at least 1.

    Returns:
        Rows as ids, int64 [min(k, N)] or [B, min(k, N)]: score descending, then lower row.

    Raises:
        TypeError: `scores` is not float32.
        ValueError: `k` < 1, or `scores` has not one or two dimensions.

    Example:
        >>> import numpy as np
        >>> import recfast as rf
        >>> rf.topk(np.float32([0.5, 2.0, 0.5, -1.0]), k=3).ids
        array([1, 0, 2])
    """
    array = np.asarray(scores)
    if array.dtype != np.float32:
        raise TypeError(
            f"scores must be float32, got {array.dtype}: convert with numpy.asarray(scores, dtype=numpy.float32)"
        )
    if array.ndim not in (1, 2):
        raise ValueError(f"scores must be [N] or [B, N], got {array.ndim} dimensions")
    wanted = operator.index(k)
    if wanted < 1:
        raise ValueError(f"k must be at least 1, got {wanted}")
    batch = np.ascontiguousarray(np.atleast_2d(array))
    ids, best = _core.topk(batch, min(wanted, 2**32))
    counts = np.full(len(batch), ids.shape[1], dtype=np.int64)
    if array.ndim == 1:
        return TopK(ids=ids[0], scores=best[0], counts=counts)
    return TopK(ids=ids, scores=best, counts=counts)
