"""What every version answers, from what its items scored before anything changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

import recfast as rf

from ..ranking.shop import Question
from .writer import Change


class Read(NamedTuple):
    """What a reader got for a question."""

    question: int
    top: rf.TopK


class Replay:
    """Knows the score of every candidate and of every donor, for every question.

    Args:
        ranker: over the catalogue as it is before the first change.
        questions: that will be asked.
        donors: int64 [D], the ids of the items whose features the changes give to others.
        items: of the catalogue.
    """

    def __init__(
        self, ranker: rf.Ranker, questions: Sequence[Question], donors: npt.NDArray[np.int64], items: int
    ) -> None:
        self._questions, self._items = questions, items
        self._own = [_scores(ranker, question, question.ids) for question in questions]
        self._donors = [_scores(ranker, question, donors) for question in questions]

    def check(self, reads: Iterable[Read], versions: Sequence[Change]) -> int:
        """Compare every result with that of the version that it names.

        Args:
            reads: in any order.
            versions: the change that made each version; version 2 is the first.

        Returns:
            How many results there were.

        Raises:
            AssertionError: a result is not that of its version.
        """
        donor_of = np.full(self._items, -1)
        version, count = 1, 0
        for question, top in sorted(reads, key=lambda read: read.top.version):
            for change in versions[version - 1 : top.version - 1]:
                donor_of[change.row] = change.donor
            version = top.version
            asked = self._questions[question]
            donors = donor_of[asked.rows]
            scores = np.where(donors < 0, self._own[question], self._donors[question][donors])
            best = np.lexsort((asked.rows, -scores))[: len(top.ids)]
            wrong = f"a result is not that of version {version}, which it names"
            np.testing.assert_array_equal(top.ids, asked.ids[best], err_msg=wrong)
            np.testing.assert_array_equal(top.scores, scores[best], err_msg=wrong)
            count += 1
        return count


def _scores(ranker: rf.Ranker, question: Question, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 [N], in the order of the ids."""
    top = ranker.rank(question.request, ids, k=len(ids))
    places = np.argsort(ids)
    scores = np.empty(len(ids), np.float32)
    scores[places[np.searchsorted(ids[places], top.ids)]] = top.scores
    return scores
