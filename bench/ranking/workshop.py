"""Networks, shops and peers, made once and used by many scenarios."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ..competitors import assemble, made_by
from .merged_inputs import Layout, Merged
from .networks import NetworkFiles, make_files, make_schema
from .recfast import Recfast
from .setting import Network, Setting
from .shop import Shop

Scorer: TypeAlias = Callable[[Merged], npt.NDArray[np.float32]]

KEPT = 2  # of each kind: a network has 177 MB of tables, and every peer its own copy


SCORERS = {
    "onnxruntime": "onnxruntime.OnnxRuntime",
    "openvino": "openvino.OpenVino",
    "torch": "torch_eager.TorchEager",
    "torch.compile": "torch_compile.TorchCompile",
}


class Scorers(NamedTuple):
    """Peers by name, and the reasons of those that are absent."""

    present: dict[str, Scorer]
    absent: dict[str, str]


class Workshop:
    """Keeps what was made last.

    Args:
        folder: for files, 360 MB per network.
        peers: names that take part if they can, all when None.
    """

    def __init__(self, folder: Path, peers: Collection[str] | None) -> None:
        self._folder, self.peers = folder, peers
        self._kept: dict[str, OrderedDict[Any, Any]] = {}
        self._folders = count()

    def shop(self, setting: Setting) -> Shop:
        """The shop of a setting, the same for all networks with the same tables."""
        schema = make_schema(setting.network)
        network = Network(table_rows=setting.network.table_rows)
        key = replace(setting, network=network, candidates=0, top_k=0, catalogue="f32")
        return self._keep("shops", key, lambda: Shop(setting, schema))

    def files(self, setting: Setting) -> NetworkFiles:
        """The files of a network."""
        return self._keep(
            "files", setting.network, lambda: self._make_files(setting), lambda files: rmtree(files.recfast.parent)
        )

    def scorers(self, setting: Setting) -> Scorers:
        """The peers that rank with a network."""
        files = self.files(setting)
        makers = {name: made_by(__package__, entry, files) for name, entry in SCORERS.items()}
        return self._keep("scorers", setting.network, lambda: Scorers(*assemble(makers, self.peers)))

    def recfast(self, setting: Setting) -> Recfast:
        """recfast with the network of a setting and its catalogue."""
        key = replace(setting, candidates=0, top_k=0)
        return self._keep("recfast", key, lambda: Recfast(self.files(setting), self.shop(setting), setting))

    def layout(self, setting: Setting) -> Layout:
        """How peers get the rows of a network."""
        return Layout(self.files(setting).emitted)

    def _make_files(self, setting: Setting) -> NetworkFiles:
        folder = self._folder / str(next(self._folders))
        folder.mkdir()
        return make_files(setting.network, self.shop(setting).examples(), folder)

    def _keep(self, kind: str, key: Any, make: Callable[[], Any], drop: Callable[[Any], None] | None = None) -> Any:
        kept = self._kept.setdefault(kind, OrderedDict())
        if key not in kept:
            if len(kept) == KEPT:  # before the next one is made
                _, dropped = kept.popitem(last=False)
                if drop is not None:
                    drop(dropped)
            kept[key] = make()
        kept.move_to_end(key)
        return kept[key]
