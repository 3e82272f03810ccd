"""What a cascade loses: the best of few retrieved items beside the best of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from recfast.topk import TopK


class Recommender(Protocol):
    """What recommends from a whole catalogue: a `recfast.Ranker`."""

    def recommend(self, request: Any, *, k: int, exclude: Any = None, retrieve: int | None = None) -> TopK:
        """The best k of everything, or of the `retrieve` items that the first stage lets through."""


@dataclass(frozen=True)
class CascadeReport:
    """How much of the best of everything comes back when few items go on to the ranker.

    Attributes:
        retrieve: how many items went on.
        k: how many were asked for.
        recall: mean share of the best k of everything that is among the k of the cascade.
        worst: the lowest share of a request.
        complete: share of requests that got all of them.
        requests: how many were judged: those that anything is eligible for.
    """

    retrieve: int
    k: int
    recall: float
    worst: float
    complete: float
    requests: int


def evaluate_cascade(
    ranker: Recommender, requests: Any, *, retrieve: Sequence[int], k: int = 20, exclude: Sequence[Any] | None = None
) -> tuple[CascadeReport, ...]:
    """Measure a cascade against ranking everything: every request is recommended for with and without the first stage.

    Args:
        ranker: a `recfast.Ranker`.
        requests: a sequence of requests, as `Ranker.recommend` takes them, or an Arrow table with one per row.
        retrieve: how many items go on to the ranker, at least k each.
        k: length of the lists, at least 1.
        exclude: ids that may not come back, a sequence per request; None for none.

    Returns:
        One report per entry of `retrieve`, in its order.

    Raises:
        ValueError: a size below k, no sizes, no requests that anything is eligible for, or `exclude` of another length.

    Example:
        >>> class Shop:  # stands for a Ranker whose first stage knows half of the truth
        ...     def recommend(self, request, *, k, exclude=None, retrieve=None):
        ...         ids = np.arange(10) if retrieve is None else np.arange(0, 20, 2)[:retrieve]
        ...         return TopK(ids[:k], np.zeros(k, np.float32), np.array([k]))
        >>> [report.recall for report in evaluate_cascade(Shop(), [{}, {}], retrieve=[4, 8], k=4)]
        [0.5, 0.5]
    """
    sizes = list(retrieve)
    if not sizes or k < 1 or min(sizes) < k:
        raise ValueError(f"retrieve= holds sizes of k or more and k is at least 1, got {sizes} and k={k}")
    listed = list(_each(requests))
    excluded = [None] * len(listed) if exclude is None else list(exclude)
    if len(excluded) != len(listed):
        raise ValueError(f"exclude= is given per request: {len(excluded)} for {len(listed)} requests")
    shares = []
    for request, without in zip(listed, excluded, strict=True):
        best = ranker.recommend(request, k=k, exclude=without).ids
        if len(best):
            found = [ranker.recommend(request, k=k, exclude=without, retrieve=size).ids for size in sizes]
            shares.append([float(np.isin(best, ids).mean()) for ids in found])
    if not shares:
        raise ValueError(f"nothing to judge: none of the {len(listed)} requests has an eligible item")
    return tuple(
        CascadeReport(size, k, float(share.mean()), float(share.min()), float((share == 1).mean()), len(shares))
        for size, share in zip(sizes, np.array(shares).T, strict=True)
    )


def _each(requests: Any) -> Iterator[Any]:
    """Requests one by one; a row of a table stays a table."""
    if hasattr(requests, "num_rows"):
        return (requests.slice(i, 1) for i in range(requests.num_rows))
    return iter(requests)
