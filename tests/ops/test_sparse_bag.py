from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast import reference
from recfast.schema import Schema
from recfast_training.inputs import fields_of
from recfast_training.layers import SparseBag

from ..parity.cases import Probe, assert_agree, categorical, encoded_rows
from ..program.random_programs import Case, inputs_of


@settings(deadline=None, max_examples=30)
@given(
    side=st.sampled_from(["request", "item", "pair"]),
    weighted=st.booleans(),
    values=st.integers(1, 40),
    neighbours=st.integers(1, 9),
    rows=st.integers(1, 20),
    seed=st.integers(0, 2**16),
)
def test_torch_and_backend_agree(
    backend: str, side: str, weighted: bool, values: int, neighbours: int, rows: int, seed: int
) -> None:
    kind: Any = rf.WeightedBag if weighted else rf.Bag
    sides: dict[str, Any] = {"request": [], "item": [categorical("ids", values)], "pair": [categorical("other", 2)]}
    sides[side] = [*sides[side], kind("bag", table="ids", type="int", pooling="sum")]
    schema = Schema(**sides, key="sku")
    (field,) = (i for i in fields_of(schema) if i.name == "bag")
    generator = torch.Generator().manual_seed(seed)
    entries = torch.randn(values + 2, neighbours, generator=generator)
    layer = SparseBag(field, entries, torch.randint(values + 2, entries.shape, generator=generator))
    probe = Probe(schema, values + 2, layer, lambda builder: layer.emit(builder, "scores"), [layer])
    assert_agree(backend, probe, encoded_rows(schema, rows, seed), tolerance=2e-5)


def test_the_reference_is_the_sum_of_dense_rows() -> None:
    rng = np.random.default_rng(0)
    entries, columns = rng.normal(size=(7, 3)), rng.integers(0, 7, (7, 3)).astype(np.int32)
    dense = np.zeros((7, 7))
    for row in range(7):
        np.add.at(dense[row], columns[row], entries[row])
    ids, mask, weights = rng.integers(0, 7, (5, 4)), rng.random((5, 4)) < 0.6, rng.normal(size=(5, 4))
    for factors in (None, weights):
        expected = reference.embedding_bag(dense, ids, mask, weights=factors)
        np.testing.assert_allclose(reference.sparse_bag(entries, columns, ids, mask, factors), expected, atol=1e-12)


ENTRIES, COLUMNS = np.ones((5, 2), np.float32), np.zeros((5, 2), np.int32)


@pytest.mark.parametrize(
    ("input", "weights", "message"),
    [
        ("brand", {}, "the input 'brand' is no bag"),
        ("tags", {"w": np.ones((4, 2), np.float32)}, "'w' has 4 rows, the feature 'tags' needs 5"),
        ("tags", {"w": np.ones(5, np.float32)}, "'w' has 1 rows, the feature 'tags' needs 5"),
        ("tags", {"w": np.ones((5, 3), np.float32)}, r"'c' are \[5, 2\], the weight \[5, 3\]; they must be equal"),
        ("tags", {"c": np.full((5, 2), 5, np.int32)}, r"'c' hold 5, expected numbers in \[0, 5\)"),
        ("tags", {"c": np.full((5, 2), -1, np.int32)}, r"'c' hold -1, expected numbers in \[0, 5\)"),
        ("tags", {"c": ENTRIES}, "the columns 'c' are missing"),
        ("tags", {"w": COLUMNS}, "the weight 'w' is missing"),
        ("tags", {"c": np.zeros((5, 2), np.int64)}, "the weight 'c' is no contiguous float32 vector or matrix"),
    ],
)
def test_mistakes_are_refused(input: str, weights: dict[str, Any], message: str) -> None:
    schema = rf.Schema(item=[rf.Categorical("brand", buckets=4), rf.Bag("tags", buckets=4)], key="sku")
    ops = [{"op": "sparse_bag", "inputs": [input], "output": "y", "weight": "w", "columns": "c"}]
    case = Case(schema, {"inputs": inputs_of(schema), "ops": ops, "output": "y"})
    case.weights = {"w": ENTRIES, "c": COLUMNS} | weights
    with pytest.raises(ValueError, match=message):
        case.executor()
