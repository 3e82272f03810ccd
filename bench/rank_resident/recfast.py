"""recfast: the raw request and the ids of the candidates to the best 50; the items are resident."""

from __future__ import annotations

import recfast as rf

from .ranked import Ranked
from .scenario import TOP_K, Scenario


class Recfast:
    """A ranker over the catalogue."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        model = rf.load(scenario.recfast)
        self._ranker = rf.Ranker(model, rf.Catalog(model, scenario.items))

    def rank(self, number: int, k: int = TOP_K) -> Ranked:
        """What is timed."""
        i = number % len(self._scenario.requests)
        top = self._ranker.rank(self._scenario.requests[i], self._scenario.candidates[i], k=k)
        return Ranked(top.ids, top.scores)
