from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, ndcg_score, roc_auc_score

from recfast_training import metrics
from recfast_training.data.cj_rank import CjRank
from recfast_training.data.cj_recommendation import recommendation_task


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=60))
def test_auc_equals_sklearn_with_ties(rows: list[tuple[bool, int]]) -> None:
    labels, scores = np.array([r[0] for r in rows]), np.array([float(r[1]) for r in rows])
    if labels.all() or not labels.any():
        with pytest.raises(ValueError, match="expected positives and negatives"):
            metrics.auc(labels, scores)
        return
    assert metrics.auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


def test_logloss_equals_sklearn() -> None:
    rng = np.random.default_rng(3)
    labels, probabilities = rng.random(500) < 0.3, rng.random(500)
    assert metrics.logloss(labels, probabilities) == pytest.approx(log_loss(labels, probabilities), rel=1e-12)


def test_gauc_weighs_by_rows_and_leaves_out_groups_with_one_label() -> None:
    labels = [1, 0, 1, 0, 0, 1, 1]
    scores = [0.9, 0.1, 0.2, 0.4, 0.3, 0.5, 0.6]
    groups = ["a", "a", "b", "b", "b", "c", "c"]
    assert metrics.gauc(labels, scores, groups) == pytest.approx((2 * 1.0 + 3 * 0.0) / 5)


def test_gauc_needs_a_group_with_both_labels() -> None:
    with pytest.raises(ValueError, match="expected a group with positives and negatives"):
        metrics.gauc([1, 0], [0.1, 0.2], [1, 2])


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match=r"expected labels \[N\] and scores \[N\]"):
        metrics.auc([1, 0], [0.1])
    with pytest.raises(ValueError, match=r"expected groups \[2\]"):
        metrics.gauc([1, 0], [0.1, 0.2], [1])


def test_top_k_against_hand_computed_lists() -> None:
    recommended = np.array([[3, 1, 2], [0, 4, 5]])
    truth_row, truth_item = np.array([0, 0, 1, 1, 1, 1]), np.array([3, 2, 7, 8, 9, 4])
    ideal_2 = 1 + 1 / np.log2(3)
    ideal_3 = ideal_2 + 1 / 2
    expected_ndcg = [(1 + 1 / 2) / ideal_2, (1 / np.log2(3)) / ideal_3]
    assert metrics.recall_at_k(recommended, truth_row, truth_item, k=3) == pytest.approx([1.0, 0.25])
    assert metrics.ndcg_at_k(recommended, truth_row, truth_item, k=3) == pytest.approx(expected_ndcg)
    assert metrics.hit_rate_at_k(recommended, truth_row, truth_item, k=1) == pytest.approx([1.0, 0.0])
    report = metrics.evaluate_top_k(recommended, truth_row, truth_item, k=3)
    assert (report.recall, report.ndcg) == pytest.approx((0.625, np.mean(expected_ndcg)))
    assert (report.hit_rate, report.lists) == (1.0, 2)


def test_ndcg_equals_sklearn() -> None:
    rng = np.random.default_rng(5)
    scores = rng.permuted(np.arange(30.0)[None].repeat(8, axis=0), axis=1)
    relevance = rng.random((8, 30)) < 0.3
    relevance[:, 0] = True
    truth_row, truth_item = np.nonzero(relevance)
    ours = metrics.ndcg_at_k(np.argsort(-scores, axis=1), truth_row, truth_item, k=10).mean()
    assert ours == pytest.approx(ndcg_score(relevance, scores, k=10))


@pytest.mark.parametrize(
    ("recommended", "message"),
    [
        (np.array([[1, 1]]), "distinct items in every list"),
        (np.array([[1]]), r"expected recommended \[B, >= 2\]"),
        (np.array([[1, 2], [3, 4]]), "expected relevant items for each of the 2 lists"),
    ],
)
def test_bad_lists_are_refused(recommended: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metrics.evaluate_top_k(recommended, np.array([0]), np.array([1]), k=2)


def test_binary_metrics_equal_the_protocol(protocol: ModuleType) -> None:
    rng = np.random.default_rng(7)
    labels, households = (rng.random(4000) < 0.2).astype(int), rng.integers(0, 300, 4000)
    probabilities = np.round(rng.random(4000), 2)
    expected = protocol.eval_b(labels, probabilities, households)
    assert metrics.auc(labels, probabilities) == pytest.approx(expected["auc"], abs=1e-12)
    assert metrics.gauc(labels, probabilities, households) == pytest.approx(expected["gauc"], abs=1e-12)
    assert metrics.logloss(labels, probabilities) == pytest.approx(expected["logloss"], abs=1e-12)


@pytest.mark.parametrize("variant", ["all", "new"])
def test_recommendation_metrics_equal_the_protocol(
    cj_split: CjRank, protocol: ModuleType, protocol_tables: Path, variant: str
) -> None:
    judge = protocol.TaskA("test", str(protocol_tables))
    task = recommendation_task(cj_split, "test")
    popular = cj_split.items["train_count"].to_numpy().astype(np.float32)
    scores = popular[None] * np.random.default_rng(11).random((task.n_households, task.n_items), np.float32)
    lists = task.top_k(scores, variant)
    assert np.array_equal(lists, judge.topk(scores, variant))
    expected, report = judge.eval(lists, variant), task.evaluate(lists, variant)
    assert (report.recall, report.ndcg, report.hit_rate) == pytest.approx(
        (expected["recall"], expected["ndcg"], expected["hitrate"])
    )
    assert report.lists == expected["n"]


def test_new_lists_may_not_hold_bought_items(cj_split: CjRank) -> None:
    task = recommendation_task(cj_split, "test")
    popular = np.argsort(-cj_split.items["train_count"].to_numpy())[:20]
    with pytest.raises(ValueError, match="expected only items that the household never bought"):
        task.evaluate(np.tile(popular, (task.n_households, 1)), "new")
