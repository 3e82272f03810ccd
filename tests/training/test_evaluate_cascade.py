from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from recfast.topk import TopK
from recfast_training import CascadeReport, evaluate_cascade


class Cascade:
    """Ranks 100 items by `quality`; its first stage goes by `guess`."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.quality = rng.random(100).astype(np.float32)
        self.guess = self.quality + 0.3 * rng.random(100)
        self.requests: list[Any] = []

    def recommend(self, request: Any, *, k: int, exclude: Any = None, retrieve: int | None = None) -> TopK:
        self.requests.append(request)
        eligible = np.setdiff1d(np.arange(100), [] if exclude is None else exclude)
        if retrieve is not None:
            eligible = eligible[np.argsort(-self.guess[eligible], kind="stable")[:retrieve]]
        best = eligible[np.argsort(-self.quality[eligible], kind="stable")[:k]]
        return TopK(best, self.quality[best], np.array([len(best)]))


def test_the_recall_is_the_share_of_the_best_of_everything() -> None:
    shop = Cascade()
    few, more, everything = evaluate_cascade(shop, [{"user": "a"}, {"user": "b"}], retrieve=[10, 40, 100], k=10)
    best, guessed = np.argsort(-shop.quality)[:10], np.argsort(-shop.guess)[:10]
    share = len(set(best) & set(guessed)) / 10
    assert few == CascadeReport(10, 10, share, share, 0.0, 2)
    assert 0 < few.recall < 1
    assert few.recall <= more.recall <= everything.recall
    assert everything == CascadeReport(100, 10, 1.0, 1.0, 1.0, 2)
    assert shop.requests == [{"user": "a"}] * 4 + [{"user": "b"}] * 4


def test_exclusions_are_per_request_and_empty_answers_are_left_out() -> None:
    shop = Cascade()
    best = np.argsort(-shop.quality)
    (report,) = evaluate_cascade(shop, [{}, {}, {}], retrieve=[6], k=5, exclude=[best[:50], np.arange(100), best[50:]])
    assert report.requests == 2
    few = [evaluate_cascade(shop, [{}], retrieve=[6], k=5, exclude=[gone])[0].recall for gone in (best[:50], best[50:])]
    assert report.recall == pytest.approx(np.mean(few))
    assert report.worst == min(few) < 1


def test_rows_of_a_table_are_requests() -> None:
    shop = Cascade()
    table = pa.table({"user": ["a", "b"]})
    evaluate_cascade(shop, table, retrieve=[5], k=5)
    assert [row.to_pylist() for row in shop.requests] == [[{"user": "a"}]] * 2 + [[{"user": "b"}]] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"retrieve": []}, "sizes of k or more"),
        ({"retrieve": [19]}, r"got \[19\] and k=20"),
        ({"retrieve": [5], "k": 0}, "k is at least 1"),
        ({"retrieve": [20], "exclude": [[1], [2]]}, "exclude= is given per request: 2 for 1 requests"),
        ({"retrieve": [20], "exclude": [range(100)]}, "none of the 1 requests has an eligible item"),
    ],
)
def test_what_cannot_be_judged_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate_cascade(Cascade(), [{}], **arguments)
