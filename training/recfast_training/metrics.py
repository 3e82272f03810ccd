"""Quality of rankings, in plain NumPy: AUC, GAUC, log loss, and recall, NDCG and hit rate of top-k lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


def auc(labels: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The probability that a random positive scores above a random negative; a tie counts one half.

    Args:
        labels: bool or {0, 1} [N].
        scores: float [N], higher means more likely positive.

    Returns:
        The area under the ROC curve.

    Raises:
        ValueError: the shapes differ, or there are no positives or no negatives.

    Source: Mann and Whitney (1947), through mid-ranks.

    Example:
        >>> auc([0, 1, 1], [0.1, 0.1, 0.7])
        0.75
    """
    label, score = _labels_and_scores(labels, scores)
    positives = int(label.sum())
    negatives = label.size - positives
    if positives == 0 or negatives == 0:
        raise ValueError(f"expected positives and negatives, got {positives} positives of {label.size} rows")
    order = np.argsort(score, kind="stable")
    ascending = score[order]
    starts = np.flatnonzero(np.r_[True, ascending[1:] != ascending[:-1]])
    ends = np.r_[starts[1:], score.size]
    mid_rank = np.repeat((starts + 1 + ends) / 2, ends - starts)
    above = mid_rank[label[order]].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def gauc(labels: npt.ArrayLike, scores: npt.ArrayLike, groups: npt.ArrayLike) -> float:
    """The mean of the AUCs within groups, weighted by the rows of each group.

    Groups whose labels are all equal have no AUC and are left out.

    Args:
        labels: bool or {0, 1} [N].
        scores: float [N].
        groups: int or str [N], for instance the household of each row.

    Returns:
        The weighted mean.

    Raises:
        ValueError: the shapes differ, or no group holds both labels.

    Source: Zhu et al., "Optimized Cost per Click in Taobao Display Advertising" (KDD 2017).

    Example:
        >>> gauc([0, 1, 0, 1], [0.1, 0.2, 0.9, 0.8], [7, 7, 8, 8])
        0.5
    """
    label, score = _labels_and_scores(labels, scores)
    group = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    if group.size != label.size:
        raise ValueError(f"expected groups [{label.size}] as labels, got [{group.size}]")
    total = weight = 0.0
    order = np.argsort(group, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if 0 < label[rows].sum() < rows.size:
            total += rows.size * auc(label[rows], score[rows])
            weight += rows.size
    if weight == 0:
        raise ValueError("expected a group with positives and negatives, got none")
    return total / weight


def logloss(labels: npt.ArrayLike, probabilities: npt.ArrayLike) -> float:
    """The mean negative log likelihood, with probabilities kept within [1e-7, 1 - 1e-7].

    Args:
        labels: bool or {0, 1} [N].
        probabilities: float [N], of a positive.

    Returns:
        The mean in nats.

    Raises:
        ValueError: the shapes differ.

    Example:
        >>> round(logloss([1, 0], [0.5, 0.5]), 4)
        0.6931
    """
    label, probability = _labels_and_scores(labels, probabilities)
    probability = np.clip(probability, 1e-7, 1 - 1e-7)
    return float(-np.log(np.where(label, probability, 1 - probability)).mean())


@dataclass(frozen=True)
class TopKReport:
    """Means over lists.

    Attributes:
        recall: hits divided by the number of relevant items.
        ndcg: discounted gain divided by that of an ideal list of min(k, relevant items) hits.
        hit_rate: share of lists with at least one hit.
        lists: how many lists were judged.
    """

    recall: float
    ndcg: float
    hit_rate: float
    lists: int


def evaluate_top_k(
    recommended: npt.NDArray[np.integer],
    truth_row: npt.NDArray[np.integer],
    truth_item: npt.NDArray[np.integer],
    *,
    k: int,
) -> TopKReport:
    """Judge recommended lists against the relevant items.

    Args:
        recommended: int [B, >= k], item indices, the best first, no item twice in the first k of a row.
        truth_row: int [T], the list that each relevant item belongs to.
        truth_item: int [T], the relevant items, distinct per list. Every list has at least one.
        k: length of the judged lists.

    Returns:
        Means over the B lists.

    Raises:
        ValueError: lists are too short, repeat an item, or have no relevant item.
    """
    hits, relevant = _hits(recommended, truth_row, truth_item, k)
    return TopKReport(
        recall=float((hits.sum(axis=1) / relevant).mean()),
        ndcg=float(_ndcg(hits, relevant).mean()),
        hit_rate=float(hits.any(axis=1).mean()),
        lists=int(relevant.size),
    )


def recall_at_k(
    recommended: npt.NDArray[np.integer],
    truth_row: npt.NDArray[np.integer],
    truth_item: npt.NDArray[np.integer],
    *,
    k: int,
) -> npt.NDArray[np.float64]:
    """The recall of each list, float64 [B]; arguments as in `evaluate_top_k`."""
    hits, relevant = _hits(recommended, truth_row, truth_item, k)
    return np.asarray(hits.sum(axis=1) / relevant, dtype=np.float64)


def ndcg_at_k(
    recommended: npt.NDArray[np.integer],
    truth_row: npt.NDArray[np.integer],
    truth_item: npt.NDArray[np.integer],
    *,
    k: int,
) -> npt.NDArray[np.float64]:
    """The NDCG of each list, float64 [B]; arguments as in `evaluate_top_k`.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (TOIS 2002), binary gains.
    """
    return _ndcg(*_hits(recommended, truth_row, truth_item, k))


def hit_rate_at_k(
    recommended: npt.NDArray[np.integer],
    truth_row: npt.NDArray[np.integer],
    truth_item: npt.NDArray[np.integer],
    *,
    k: int,
) -> npt.NDArray[np.float64]:
    """1 for each list with a hit, else 0, float64 [B]; arguments as in `evaluate_top_k`."""
    hits, _ = _hits(recommended, truth_row, truth_item, k)
    return np.asarray(hits.any(axis=1), dtype=np.float64)


def _ndcg(hits: npt.NDArray[np.bool_], relevant: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    k = hits.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)[np.minimum(relevant, k) - 1]
    return np.asarray((hits * discount).sum(axis=1) / ideal, dtype=np.float64)


def _hits(
    recommended: npt.NDArray[np.integer],
    truth_row: npt.NDArray[np.integer],
    truth_item: npt.NDArray[np.integer],
    k: int,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Whether each recommended item is relevant, bool [B, k], and the number of relevant items, int64 [B]."""
    if recommended.ndim != 2 or recommended.shape[1] < k:
        raise ValueError(f"expected recommended [B, >= {k}], got {recommended.shape}")
    lists = recommended[:, :k].astype(np.int64)
    ascending = np.sort(lists, axis=1)
    if (ascending[:, 1:] == ascending[:, :-1]).any():
        row = int(np.flatnonzero((ascending[:, 1:] == ascending[:, :-1]).any(axis=1))[0])
        raise ValueError(f"expected distinct items in every list, got a repeated one in list {row}")
    relevant = np.bincount(truth_row, minlength=lists.shape[0])
    if relevant.size > lists.shape[0] or (relevant == 0).any():
        raise ValueError(f"expected relevant items for each of the {lists.shape[0]} lists and no others")
    width = 1 + int(max(lists.max(initial=0), truth_item.max(initial=0)))
    keys = np.arange(lists.shape[0])[:, None] * width + lists
    return np.isin(keys, truth_row.astype(np.int64) * width + truth_item), relevant


def _labels_and_scores(
    labels: npt.ArrayLike, scores: npt.ArrayLike
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    label = np.asarray(labels).astype(bool)
    score = np.asarray(scores, dtype=np.float64)
    if label.shape != score.shape or label.ndim != 1:
        raise ValueError(f"expected labels [N] and scores [N], got {label.shape} and {score.shape}")
    return label, score
