"""Real shop rows: what recfast encodes while it ranks is what training encoded, bit for bit.

A ranker returns scores, not ids. So a model here has one input as its whole program: numbers are the score as they are,
and ids are looked up in a table that holds every row's own number, in a random order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
import torch
from torch import Tensor

import recfast as rf
from recfast_training.columns import first_rows
from recfast_training.encode import Arrays, encode
from recfast_training.export import export
from recfast_training.features.cj_schema import cj_schema
from recfast_training.inputs import Input, inputs_of
from recfast_training.layers import EmbeddingBag
from recfast_training.models import RankingModel
from recfast_training.program import ProgramBuilder

from .shop_day import WAYS, ShopDay

ROWS = (500, pytest.param(10_000, marks=pytest.mark.slow))
INPUTS = {item.name: item for item in inputs_of(cj_schema())}


class Shows(RankingModel):
    """The score is one encoded input; of a bag it is the sum."""

    def __init__(self, schema: rf.Schema, item: Input) -> None:
        super().__init__(schema)
        self.item = replace(item, pooling="sum")
        if item.kind != "dense":
            numbers = torch.from_numpy(numbers_of(schema, item))
            self.table = EmbeddingBag([self.item], schema.tables, 1)
            with torch.no_grad():
                self.table.rows(item.table).copy_(numbers[:, None])

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        return encoded[self.item.name] if self.item.kind == "dense" else self.table(encoded)[:, 0, 0]

    def append_to(self, builder: ProgramBuilder) -> str:
        return self.item.name if self.item.kind == "dense" else self.table.emit(builder)[0]

    def architecture(self) -> dict[str, Any]:
        return {"model": "Shows", "input": self.item.name}


def numbers_of(schema: rf.Schema, item: Input) -> npt.NDArray[np.float32]:
    """A number for each row of the input's table: 0 to R - 1 in a random order, so that sums of 20 are exact."""
    return np.random.default_rng(3).permutation(schema.tables[item.table]).astype(np.float32)


def shown(schema: rf.Schema, item: Input, encoded: Arrays) -> npt.NDArray[np.float32]:
    """The scores that encoded rows give."""
    if item.kind == "dense":
        return encoded[item.name]
    numbers = numbers_of(schema, item)[encoded[item.name]]
    return numbers if item.kind == "ids" else (numbers * encoded[f"{item.name}_mask"]).sum(axis=1, dtype=np.float32)


def assert_same_bits(actual: Arrays, expected: Arrays) -> None:
    assert set(actual) == set(expected)
    for name, array in expected.items():
        assert actual[name].dtype == array.dtype
        assert actual[name].shape == array.shape
        assert actual[name].tobytes() == array.tobytes(), name


@pytest.fixture(scope="module")
def encoded(day: ShopDay) -> Arrays:
    """What training encodes: all rows of the day at once, request columns dictionary-encoded."""
    return encode(day.schema, day.rows)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("name", INPUTS)
def test_ranking_encodes_as_training_does(day: ShopDay, encoded: Arrays, name: str, rows: int, tmp_path: Path) -> None:
    item = INPUTS[name]
    expected = shown(day.schema, item, encoded)[:rows]
    export(Shows(day.schema, item), tmp_path / "shows.recfast", examples=day.rows.slice(0, 1))
    model = rf.load(tmp_path / "shows.recfast")
    for way, scores_of in WAYS.items():
        actual = scores_of(model, day.head(rows))
        assert actual.tobytes() == expected.tobytes(), way


def test_real_rows_reach_every_part_of_the_tables(day: ShopDay, encoded: Arrays) -> None:
    """The ids of the day are in the vocabulary, hashed because unseen, and missing."""
    (known,) = (f.vocabulary for f in day.schema if f.name == "product_id" and isinstance(f, rf.Categorical))
    assert isinstance(known, tuple)
    products, ages = encoded["product_id"], encoded["age"]
    assert (products < len(known)).any()
    assert (products >= len(known)).any()
    assert (ages == day.schema.tables["age"] - 1).any()
    assert encoded["recent_mask"].any(axis=0).all()
    assert {0.0, 1.0} == set(encoded["product_since_missing"].tolist())


def test_rows_encode_alike_in_every_memory_layout(day: ShopDay) -> None:
    some = day.head(100)
    names = [*some.schema.request_columns, *some.schema.item_columns]
    rows = some.rows.select(list(dict.fromkeys(names))).combine_chunks()
    expected = encode(some.schema, rows)
    plain = pa.table({name: decoded(rows[name]) for name in rows.column_names})
    chunked = pa.concat_tables([plain.slice(0, 7), plain.slice(7, 50), plain.slice(57)])
    for layout in (plain, chunked, first_rows(rows, rows.column_names, rows.num_rows)):
        assert_same_bits(encode(some.schema, layout), expected)


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without a dictionary."""
    kind = column.type
    if not pa.types.is_dictionary(kind):
        return column
    chunks = [chunk.dictionary.take(chunk.indices) for chunk in column.chunks]
    return pa.chunked_array(chunks, kind.value_type)
