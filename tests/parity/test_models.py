"""torch against every backend, per model, on random schemas and widths."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recfast.features import Bag, Numeric, WeightedBag
from recfast.schema import Schema
from recfast_training.batches import tensors
from recfast_training.encode import Arrays
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, ItemBias, NetworkConfig, RankingModel, TwoTower

from .cases import BACKENDS, assert_agree, encoded_rows, schemas

HIDDEN = st.lists(st.integers(1, 40), max_size=3)


def trained(model: RankingModel, encoded: Arrays) -> RankingModel:
    """The model with weights that matter everywhere, and BatchNorm statistics of the rows."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
        model.train()(tensors(encoded))
    return model


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", [DeepFM, DCNv2, MLP])
@settings(deadline=None, max_examples=20)
@given(data=st.data(), schema=schemas(), dim=st.integers(1, 20), hidden=HIDDEN, norm=st.booleans())
def test_a_model_scores_as_torch_does(
    backend: str, kind: Any, data: st.DataObject, schema: Schema, dim: int, hidden: list[int], norm: bool
) -> None:
    config = NetworkConfig(batch_norm=norm, dropout=0.2, embedding_dropout=0.2, deviation=0.3)
    encoded = encoded_rows(schema, data.draw(st.integers(2, 20)), data.draw(st.integers(0, 2**16)))
    model = trained(kind(schema, dim, hidden=hidden, config=config), encoded)
    assert_agree(backend, model, encoded, tolerance=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(deadline=None, max_examples=20)
@given(data=st.data(), schema=schemas(vectors=2), dim=st.integers(1, 20), bottom=HIDDEN, top=HIDDEN, norm=st.booleans())
def test_dlrm_scores_as_torch_does(
    backend: str, data: st.DataObject, schema: Schema, dim: int, bottom: list[int], top: list[int], norm: bool
) -> None:
    config = NetworkConfig(batch_norm=norm, dropout=0.2, embedding_dropout=0.2, deviation=0.3)
    encoded = encoded_rows(schema, data.draw(st.integers(2, 20)), data.draw(st.integers(0, 2**16)))
    model = trained(DLRM(schema, dim, bottom, top, config=config), encoded)
    assert_agree(backend, model, encoded, tolerance=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(deadline=None, max_examples=20)
@given(data=st.data(), schema=schemas(), dim=st.integers(1, 20), layers=st.integers(1, 3), hidden=HIDDEN)
def test_low_rank_dcnv2_scores_as_torch_does(
    backend: str, data: st.DataObject, schema: Schema, dim: int, layers: int, hidden: list[int]
) -> None:
    width = DCNv2(schema, dim).mlp.inputs
    rank = data.draw(st.integers(1, width))
    encoded = encoded_rows(schema, data.draw(st.integers(2, 20)), data.draw(st.integers(0, 2**16)))
    config = NetworkConfig(deviation=0.3)
    model = trained(DCNv2(schema, dim, layers, hidden, rank=rank, config=config), encoded)
    assert_agree(backend, model, encoded, tolerance=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_item_bias_scores_as_torch_does(backend: str) -> None:
    schema = Schema(request=[Numeric("hour")], item=[Numeric("count")], key="sku")
    encoded = encoded_rows(schema, 5, 0)
    assert_agree(backend, ItemBias(DeepFM(schema, hidden=(8,)), "count", 0.7), encoded)


@pytest.mark.parametrize("backend", BACKENDS)
@settings(deadline=None, max_examples=20)
@given(
    data=st.data(),
    schema=schemas(),
    dim=st.integers(1, 20),
    hidden=HIDDEN,
    temperature=st.sampled_from([None, 1.0, 0.1]),
    bias=st.booleans(),
)
def test_two_towers_score_as_torch_does(
    backend: str,
    data: st.DataObject,
    schema: Schema,
    dim: int,
    hidden: list[int],
    temperature: float | None,
    bias: bool,
) -> None:
    request = [f for f in schema if schema.side(f.name) == "request"] or [Numeric("one")]
    item = [f for f in schema if schema.side(f.name) == "item"] or [Numeric("other")]
    names = {f.name for f in [*request, *item]}
    assume(all(f.table in names for f in [*request, *item] if isinstance(f, (Bag, WeightedBag))))
    sides = Schema(request=request, item=item, key="sku")
    encoded = encoded_rows(sides, data.draw(st.integers(2, 9)), data.draw(st.integers(0, 2**16)))
    config = NetworkConfig(batch_norm=True, dropout=0.2, embedding_dropout=0.2, deviation=0.3)
    model = TwoTower(sides, dim, hidden, temperature=temperature, bias=bias, config=config)
    assert_agree(backend, trained(model, encoded), encoded, tolerance=1e-4)
