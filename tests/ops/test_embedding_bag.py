from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recfast import _core, reference
from recfast.features import Bag, WeightedBag
from recfast.schema import Schema
from recfast_training.inputs import fields_of
from recfast_training.layers import EmbeddingBag, pool

from ..parity.cases import Probe, assert_agree, categorical, encoded_rows
from ..program.random_programs import Case

POOLINGS = ("sum", "mean", "max")


@settings(deadline=None, max_examples=20)
@given(
    dim=st.integers(1, 20),
    pooling=st.sampled_from(POOLINGS),
    rows=st.integers(1, 20),
    shared=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_torch_and_backend_agree(backend: str, dim: int, pooling: str, rows: int, shared: bool, seed: int) -> None:
    bag = Bag("bag", buckets=0 if shared else 1, table="ids" if shared else "", pooling=pooling, type="int")
    schema = Schema(request=[bag], item=[categorical("ids", 5)], pair=[categorical("other", 2)], key="sku")
    layer = EmbeddingBag(fields_of(schema), schema.tables, dim, deviation=1.0)
    probe = Probe(
        schema,
        3 * dim,
        lambda encoded: layer(encoded).flatten(1),
        lambda builder: builder.op("concat", layer.emit(builder), "x"),
        [layer],
    )
    assert_agree(backend, probe, encoded_rows(schema, rows, seed))


@settings(deadline=None, max_examples=20)
@given(
    dim=st.integers(1, 90),
    pooling=st.sampled_from(["sum", "mean"]),
    side=st.sampled_from(["request", "item", "pair"]),
    rows=st.integers(1, 20),
    seed=st.integers(0, 2**16),
)
def test_weights_are_factors(backend: str, dim: int, pooling: Any, side: str, rows: int, seed: int) -> None:
    bag = WeightedBag("bag", table="ids", pooling=pooling, type="int")
    sides: dict[str, Any] = {"request": [], "item": [categorical("ids", 5)], "pair": [categorical("other", 2)]}
    sides[side] = [*sides[side], bag]
    schema = Schema(**sides, key="sku")
    layer = EmbeddingBag([i for i in fields_of(schema) if i.name == "bag"], schema.tables, dim, deviation=1.0)
    probe = Probe(schema, dim, lambda encoded: layer(encoded)[:, 0], lambda builder: layer.emit(builder)[0], [layer])
    assert_agree(backend, probe, encoded_rows(schema, rows, seed))


def test_fields_that_share_a_table_share_its_rows() -> None:
    schema = Schema(item=[categorical("ids", 5), Bag("bag", table="ids", type="int", pooling="sum")], key="sku")
    layer = EmbeddingBag(fields_of(schema), schema.tables, 3)
    assert layer.weight.shape == (7, 3)
    encoded = {"ids": torch.tensor([4]), "bag": torch.tensor([[4]]), "bag_mask": torch.tensor([[True]])}
    assert torch.equal(layer(encoded)[:, 0], layer(encoded)[:, 1])


@pytest.mark.parametrize("pooling", POOLINGS)
def test_an_empty_bag_is_zeros_and_gets_no_gradient(pooling: str) -> None:
    vectors = torch.randn(2, 3, 4, requires_grad=True)
    mask = torch.tensor([[False, False, False], [True, False, True]])
    pooled = pool(vectors, mask, pooling)
    pooled.sum().backward()
    assert vectors.grad is not None
    assert torch.equal(pooled[0], torch.zeros(4))
    assert torch.isfinite(vectors.grad).all()
    assert not vectors.grad[~mask].any()


@settings(deadline=None)
@given(rows=st.integers(0, 5), length=st.integers(1, 4), pooling=st.sampled_from(POOLINGS), seed=st.integers(0, 999))
def test_pooling_is_the_reference(rows: int, length: int, pooling: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(6, 3))
    ids, mask = rng.integers(0, 6, (rows, length)), rng.random((rows, length)) < 0.6
    weights = None if pooling == "max" else rng.normal(size=(rows, length))
    expected = reference.embedding_bag(table, ids, mask, pooling=pooling, weights=weights)
    factors = None if weights is None else torch.from_numpy(weights)
    actual = pool(torch.from_numpy(table[ids]), torch.from_numpy(mask), pooling, factors)
    np.testing.assert_allclose(actual.numpy(), expected, rtol=0, atol=1e-12)


def test_dropout_removes_whole_fields_in_training_only() -> None:
    schema = Schema(item=[categorical(f"c{i}", 5) for i in range(4)], key="sku")
    layer = EmbeddingBag(fields_of(schema), schema.tables, 3, deviation=1.0, dropout=0.4)
    encoded = {name: torch.from_numpy(array) for name, array in encoded_rows(schema, 500, 0).items()}
    full, dropped = layer.eval()(encoded), layer.train()(encoded)
    gone = (dropped == 0).all(dim=2)
    assert torch.equal(gone, (dropped == 0).any(dim=2))
    assert 0.3 < gone.float().mean() < 0.5
    torch.testing.assert_close(dropped[~gone], full[~gone] / 0.6)


def test_errors_name_what_was_expected() -> None:
    with pytest.raises(IndexError, match=r"\[0, 2\)"):
        reference.embedding_bag(np.ones((2, 1)), np.array([2]))
    with pytest.raises(ValueError, match="pooling is 'sum', 'mean' or 'max', got 'min'"):
        reference.embedding_bag(np.ones((2, 1)), np.array([1]), pooling="min")
    with pytest.raises(ValueError, match="got 'min'"):
        pool(torch.ones(1, 1, 1), torch.ones(1, 1, dtype=torch.bool), "min")


def test_weights_and_pooling_max_are_refused() -> None:
    schema = Schema(request=[WeightedBag("bag", buckets=3)], key="sku")
    ops = [{"op": "embedding_bag", "inputs": ["bag"], "output": "y", "table": "bag", "pooling": "max"}]
    inputs = [{"name": "bag", "side": "request", "kind": "weighted_bag"}]
    tables = {"bag": _core.Table(np.ones((4, 1), np.float32), "f32")}
    with pytest.raises(ValueError, match="the input 'bag' has weights, which pooling max cannot use"):
        Case(schema, {"inputs": inputs, "ops": ops, "output": "y"}, tables).executor()
