"""The same Ranker, its candidates scored by a TensorRT engine in f16."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import recfast as rf
from recfast.engines import import_package
from recfast_training import export_tensorrt

from ..answers import Ranked
from ..competitors import Absent
from ..ranking.networks import NetworkFiles, make_model
from ..ranking.setting import Setting
from ..ranking.shop import Question, Shop


class WithEngine:
    """A Ranker on CUDA's first device with an engine of full TensorRT, built here."""

    def __init__(self, files: NetworkFiles, shop: Shop, setting: Setting, folder: Path) -> None:
        try:
            import_package("tensorrt")
        except ImportError as error:
            raise Absent("tensorrt is not installed") from error
        path = folder / "engine.recfast"
        copyfile(files.recfast, path)
        most = max(setting.candidates, 256)
        export_tensorrt(make_model(setting.network), path, engine="tensorrt", precision="f16", batch=(1, most, most))
        model = rf.load(path, device="cuda")
        (engine,) = (engine for engine in model.engines if engine.network == "pair")
        self.ranker = rf.Ranker(model, rf.Catalog(model, shop.items, setting.catalogue), engine=engine)

    def rank(self, question: Question, k: int) -> Ranked:
        """The raw request and the ids of resident candidates to the best k."""
        top = self.ranker.rank(question.request, question.candidates, k=k)
        return Ranked(top.ids, top.scores)
