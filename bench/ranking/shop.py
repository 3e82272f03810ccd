"""Random items and requests, and what each competitor needs of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import recfast as rf

from .merged_inputs import Layout, Merged
from .setting import SEED, Setting

EXAMPLES = 4_096  # rows that pruning judges by


@dataclass(frozen=True)
class Question:
    """One request with its candidates.

    Attributes:
        request: raw features.
        rows: int64 [N], rows of the candidates in the shop's items.
        candidates: their ids: int64 [N], or a list of str.
        ids: the same as an array, int64 or object [N].
        merged: the same rows encoded, for peers.
    """

    request: dict[str, Any]
    rows: npt.NDArray[np.int64]
    candidates: Any
    ids: npt.NDArray[Any]
    merged: Merged


class Shop:
    """Items, and requests to take turns with; everything is drawn from one seed.

    Attributes:
        setting: as given.
        schema: of the features.
        items: the catalogue with its key, strings as dictionaries.
        requests: raw features.
        values: by feature the strings that occur, the most frequent first.
    """

    def __init__(self, setting: Setting, schema: rf.Schema) -> None:
        self.setting, self.schema = setting, schema
        rng = np.random.default_rng(SEED)
        rows = setting.network.table_rows
        draw: Callable[[str, int], list[str]] = injective_values if setting.injective else plain_values
        features = [*schema.request, *schema.item]
        self.values = {f.name: draw(f.name, rows) for f in features if isinstance(f, rf.Categorical)}
        keys = rng.permutation(10 * setting.items)[: setting.items]
        named = pa.array([f"item-{key:08d}" for key in keys]) if setting.keys == "str" else pa.array(keys)
        self.items = pa.table({"item_id": named, **self._columns(schema.item, setting.items, rng)})
        asked = self._columns(schema.request, setting.requests, rng)
        self.requests: list[dict[str, Any]] = pa.table(asked).to_pylist()
        self._popularity = np.log(self._weights(setting.items))[rng.permutation(setting.items)]

    def examples(self) -> pa.Table:
        """Raw rows of random requests and items."""
        count = min(EXAMPLES, self.setting.items)
        asked = self._columns(self.schema.request, count, np.random.default_rng(SEED))
        return pa.table({**asked, **self._take(np.arange(count))})

    def questions(self, layout: Layout, candidates: int) -> list[Question]:
        """One per request.

        Args:
            layout: of the peers' arrays.
            candidates: how many; all items in their order when it is their number.
        """
        rng = np.random.default_rng(SEED)
        questions = []
        for request in self.requests:
            rows = self._choose(candidates, rng)
            ids = self.items["item_id"].take(pa.array(rows)).to_numpy()
            named = ids.tolist() if self.setting.keys == "str" else ids
            questions.append(Question(request, rows, named, ids, layout.merge(self._encode(request, rows))))
        return questions

    def raw(self, rows: npt.NDArray[np.int64]) -> pa.Table:
        """Items as somebody passes them who has no catalogue: plain strings."""
        table = self.items.take(pa.array(rows)).combine_chunks()
        return table.cast(
            pa.schema([(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema])
        )

    def _encode(self, request: dict[str, Any], rows: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[Any]]:
        same = pa.array(np.zeros(len(rows), np.int64))
        repeated = {name: pa.array([value]).take(same) for name, value in request.items()}
        return self.schema.encode(pa.table({**repeated, **self._take(rows)}))

    def _take(self, rows: npt.NDArray[np.int64]) -> dict[str, pa.ChunkedArray]:
        table = self.items.take(pa.array(rows))
        return {name: table[name] for name in table.column_names}

    def _choose(self, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Items without repeats, each as likely as it is popular."""
        if count == self.setting.items:
            return np.arange(count)
        keys = self._popularity + rng.gumbel(size=self.setting.items)
        return rng.permutation(np.argpartition(-keys, count)[:count])

    def _columns(self, features: Any, count: int, rng: np.random.Generator) -> dict[str, Any]:
        """Raw values of features: strings as a dictionary column, numbers from a normal distribution."""
        columns = {}
        for feature in features:
            if isinstance(feature, rf.Categorical):
                values = self.values[feature.name]
                codes = rng.choice(len(values), size=count, p=self._weights(len(values)))
                columns[feature.name] = pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(values))
            else:
                columns[feature.name] = pa.array(rng.normal(size=count))
        return columns

    def _weights(self, count: int) -> npt.NDArray[np.float64]:
        """Probabilities, the largest first."""
        weights = np.ones(count) if self.setting.ids == "uniform" else 1 / np.arange(1, count + 1)
        return weights / weights.sum()


def plain_values(feature: str, count: int) -> list[str]:
    """Strings, as many as the table has rows."""
    return [f"{feature}-{i:06d}" for i in range(count)]


def injective_values(feature: str, table_rows: int) -> list[str]:
    """The strings among `plain_values` that share a row with no other, neither by recfast's hash nor by mmh3."""
    import mmh3

    values = plain_values(feature, table_rows)
    buckets = rf.bucket(values, table_rows - 1, seed=rf.hash64(feature))
    ours: set[int] = set()
    theirs: set[int] = set()
    kept = []
    for value, mine in zip(values, buckets.tolist(), strict=True):
        other = mmh3.hash(value, signed=False) % (table_rows - 1)
        if mine not in ours and other not in theirs:
            ours.add(mine)
            theirs.add(other)
            kept.append(value)
    return kept
