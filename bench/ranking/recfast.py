"""recfast: a catalogue of the shop's items; one call ranks."""

from __future__ import annotations

import recfast as rf

from ..answers import Ranked
from .networks import NetworkFiles
from .setting import Setting
from .shop import Question, Shop


class Recfast:
    """A ranker over the catalogue."""

    def __init__(self, files: NetworkFiles, shop: Shop, setting: Setting) -> None:
        model = rf.load(files.recfast)
        self.ranker = rf.Ranker(model, rf.Catalog(model, shop.items, setting.catalogue))

    def rank(self, question: Question, k: int) -> Ranked:
        """The raw request and the ids of resident candidates to the best k."""
        top = self.ranker.rank(question.request, question.candidates, k=k)
        return Ranked(top.ids, top.scores)
