"""What the model is shown beside: simple systems, computed in the same run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..baselines.decayed_frequency import decayed_frequency
from ..baselines.hashed_crosses import HASH_SPACE, fit_buckets, hashed_crosses
from ..baselines.logistic_regression import LogisticConfig, fit_logistic, predict_logistic
from ..baselines.personal_frequency import frequency_before, personal_frequency
from ..baselines.popularity import break_ties, recent_popularity
from ..data.cj_recommendation import RecommendationTask, Variant, recommendation_task
from ..data.cj_samples import purchase_samples
from ..features.purchase_history import PurchaseHistory
from ..metrics import TopKReport, auc, gauc
from ..models.ease import ease_scores

EASE_REGULARISATION: dict[Variant, float] = {"all": 100.0, "new": 300.0}


def recommenders(history: PurchaseHistory) -> dict[str, dict[Variant, TopKReport]]:
    """Judge the task A baselines on the test part.

    Args:
        history: the indexed purchases; what came before the test part is learned from.

    Returns:
        By name: reports of the variants that the system can serve (what repeats purchases finds nothing new).
    """
    split = history.split
    task = recommendation_task(split, "test")
    log, shape = split.before("test"), (task.n_households, task.n_items)
    popular = recent_popularity(log, task.n_items)
    counts = personal_frequency(log, *shape)
    everyone = np.broadcast_to(popular, shape)
    return {
        "recent popularity (28 days)": {v: _judge(task, everyone, v) for v in ("all", "new")},
        "personal frequency": {"all": _judge(task, break_ties(counts.copy(), popular), "all")},
        "personal frequency, decayed": {
            "all": _judge(task, break_ties(decayed_frequency(log, *shape), popular), "all")
        },
        "EASE": {
            v: _judge(task, ease_scores(np.log1p(counts), regularisation=r), v) for v, r in EASE_REGULARISATION.items()
        },
    }


def _judge(task: RecommendationTask, scores: npt.NDArray[np.float32], variant: Variant) -> TopKReport:
    return task.evaluate(task.top_k(scores, variant), variant)


def predictors(history: PurchaseHistory, weeks: tuple[int, int] | None = None) -> dict[str, tuple[float, float]]:
    """Judge the task B baselines on the test part.

    Args:
        history: the indexed purchases.
        weeks: of the training samples; default all of them.

    Returns:
        By name: AUC and GAUC.
    """
    split = history.split
    train, test = purchase_samples(split, "train", weeks), purchase_samples(split, "test")
    buckets = fit_buckets(history, train)
    crosses = hashed_crosses(history, train, buckets)
    weights = fit_logistic(crosses, train["label"].to_numpy(), HASH_SPACE, LogisticConfig())
    scores: dict[str, npt.NDArray[np.floating]] = {
        "personal frequency": frequency_before(history, test),
        "LR on hashed crosses": predict_logistic(weights, hashed_crosses(history, test, buckets)),
    }
    labels, households = test["label"].to_numpy(), test["household"].to_numpy()
    return {name: (auc(labels, s), gauc(labels, s, households)) for name, s in scores.items()}
