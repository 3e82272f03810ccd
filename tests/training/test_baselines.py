from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recfast_training import metrics
from recfast_training.baselines.decayed_frequency import decayed_frequency
from recfast_training.baselines.logistic_regression import LogisticConfig, fit_logistic, predict_logistic
from recfast_training.baselines.personal_frequency import frequency_before, personal_frequency
from recfast_training.baselines.popularity import break_ties, recent_popularity
from recfast_training.data.cj_rank import CjRank
from recfast_training.data.cj_recommendation import recommendation_task
from recfast_training.data.cj_samples import purchase_samples
from recfast_training.features.purchase_history import PurchaseHistory
from recfast_training.models.ease import ease_scores

LOG = pl.DataFrame({"household": [0, 0, 1, 1, 1], "item": [0, 1, 1, 1, 2], "day": [0, 30, 10, 40, 40]})


def test_popularity_counts_the_last_days() -> None:
    assert recent_popularity(LOG, 3, days=11).tolist() == [0, 2, 1]
    assert recent_popularity(LOG, 3, days=10).tolist() == [0, 1, 1]


def test_ties_are_broken_by_popularity_only() -> None:
    scores = break_ties(np.array([[1.0, 1.0, 2.0]], np.float32), np.array([5.0, 9.0, 0.0], np.float32))
    assert np.argsort(-scores[0]).tolist() == [2, 1, 0]


def test_frequency_counts() -> None:
    assert personal_frequency(LOG, 2, 3).tolist() == [[1, 1, 0], [0, 2, 1]]


def test_decay_fades_with_age() -> None:
    expected = [[np.exp(-41 / 20), np.exp(-11 / 20), 0], [0, np.exp(-31 / 20) + np.exp(-1 / 20), np.exp(-1 / 20)]]
    np.testing.assert_allclose(decayed_frequency(LOG, 2, 3, days=20), expected, rtol=1e-6)


def test_logistic_regression_finds_the_rates_of_groups() -> None:
    rng = np.random.default_rng(4)
    group = rng.integers(0, 3, 20_000)
    labels = (rng.random(20_000) < np.array([0.1, 0.5, 0.8])[group]).astype(int)
    features = np.stack([np.zeros_like(group), 1 + group], axis=1).astype(np.int32)
    weights = fit_logistic(features, labels, 4, LogisticConfig(epochs=5, learning_rate=0.3))
    rates = predict_logistic(weights, np.array([[0, 1], [0, 2], [0, 3]], np.int32))
    np.testing.assert_allclose(rates, [0.1, 0.5, 0.8], atol=0.03)


def test_frequency_on_task_b_lands_on_the_published_figures(cj_history: PurchaseHistory) -> None:
    samples = purchase_samples(cj_history.split, "test")
    counts = frequency_before(cj_history, samples)
    assert metrics.auc(samples["label"], counts) == pytest.approx(0.7459, abs=1e-4)
    assert metrics.gauc(samples["label"], counts, samples["household"]) == pytest.approx(0.7467, abs=1e-4)


def test_recommendations_land_on_the_published_figures(cj_split: CjRank) -> None:
    task = recommendation_task(cj_split, "test")
    log, shape = cj_split.before("test"), (task.n_households, task.n_items)
    popular = recent_popularity(log, task.n_items)
    lists = task.top_k(np.broadcast_to(popular, shape), "all")
    assert task.evaluate(lists, "all").ndcg == pytest.approx(0.1407, abs=5e-4)
    decayed = break_ties(decayed_frequency(log, *shape), popular)
    assert task.evaluate(task.top_k(decayed, "all"), "all").ndcg == pytest.approx(0.3348, abs=1e-4)


@pytest.mark.slow
def test_learned_baselines_land_on_the_published_figures(cj_split: CjRank, cj_history: PurchaseHistory) -> None:
    from recfast_training.baselines.hashed_crosses import HASH_SPACE, fit_buckets, hashed_crosses

    task = recommendation_task(cj_split, "test")
    counts = personal_frequency(cj_split.before("test"), task.n_households, task.n_items)
    for variant, regularisation, ndcg in (("all", 100, 0.3143), ("new", 300, 0.0434)):
        lists = task.top_k(ease_scores(np.log1p(counts), regularisation=regularisation), variant)
        assert task.evaluate(lists, variant).ndcg == pytest.approx(ndcg, abs=1e-4)
    train, test = purchase_samples(cj_split, "train"), purchase_samples(cj_split, "test")
    buckets = fit_buckets(cj_history, train)
    weights = fit_logistic(
        hashed_crosses(cj_history, train, buckets), train["label"].to_numpy(), HASH_SPACE, LogisticConfig()
    )
    probability = predict_logistic(weights, hashed_crosses(cj_history, test, buckets))
    assert metrics.auc(test["label"], probability) > 0.844
    assert metrics.gauc(test["label"], probability, test["household"]) > 0.838
