from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast_training import Encoded, FitConfig, NetworkConfig, PruneConfig, encode, evaluate, fit, predict, prune
from recfast_training.layers import Linear
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, ItemBias

from .toy import fitted, shop

TRAIN = shop(1500)
SCHEMA = fitted(TRAIN)
ROWS = Encoded(encode(SCHEMA, TRAIN), np.asarray(TRAIN["label"]))


def kill(linear: Linear, units: slice) -> None:
    """Make hidden units that are never active."""
    with torch.no_grad():
        if linear.norm is None:
            linear.dense.weight[units] = 0
            linear.dense.bias[units] = -1
        else:
            linear.norm.weight[units] = 0
            linear.norm.bias[units] = -1


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("kind", [DeepFM, DCNv2, partial(DCNv2, rank=3), MLP])
def test_removing_dead_units_changes_nothing(kind: Any, norm: bool) -> None:
    model = kind(SCHEMA, dim=4, hidden=(64, 48), config=NetworkConfig(batch_norm=norm, deviation=0.3)).eval()
    kill(model.mlp.linears()[0], slice(3, 35))
    kill(model.mlp.linears()[1], slice(0, 16))
    alive = kind(SCHEMA, dim=4, hidden=(32, 32)).flops() / model.flops()
    smaller = prune(model, ROWS, flops=alive)
    assert smaller.hidden == (32, 32)
    np.testing.assert_allclose(predict(smaller, ROWS), predict(model, ROWS), rtol=0, atol=1e-6)
    kept = smaller.provenance["prune"][0]["kept"]
    assert kept[0] == (*range(3), *range(35, 64))
    assert kept[1] == tuple(range(16, 48))


def test_removing_dead_units_of_a_dlrm_changes_nothing() -> None:
    bottom = {"item": (40, 24), "pair": (32,)}
    model = DLRM(SCHEMA, dim=4, bottom=bottom, top=(64,), config=NetworkConfig(batch_norm=True, deviation=0.3)).eval()
    request, pair, top = model.chains()
    kill(request.layers[0], slice(8, 40))
    kill(pair.layers[0], slice(0, 16))
    kill(top.layers[0], slice(48, 64))
    alive = DLRM(SCHEMA, dim=4, bottom={"item": (16, 24), "pair": (16,)}, top=(48,))
    smaller = prune(model, ROWS, flops=alive.flops() / model.flops())
    assert (smaller.bottom, smaller.top) == (alive.bottom, alive.top)
    np.testing.assert_allclose(predict(smaller, ROWS), predict(model, ROWS), rtol=0, atol=1e-6)
    report = smaller.provenance["prune"][0]
    assert report["hidden_before"] == (40, 24, 32, 64)
    assert report["hidden_after"] == (16, 24, 16, 48)
    assert report["flops_after"] == smaller.flops() == alive.flops()
    assert smaller.emit().program["ops"]


@settings(deadline=None, max_examples=20)
@given(
    hidden=st.lists(st.integers(1, 100), min_size=1, max_size=3),
    share=st.floats(0.3, 1.0),
    kind=st.sampled_from([DeepFM, DCNv2, MLP]),
)
def test_widths_are_multiples_of_16_and_the_target_is_met(hidden: list[int], share: float, kind: Any) -> None:
    model = kind(SCHEMA, dim=4, hidden=hidden)
    few = Encoded({name: array[:50] for name, array in ROWS.arrays.items()})
    narrowest = kind(SCHEMA, dim=4, hidden=[min(16, width) for width in hidden]).flops()
    if narrowest > share * model.flops():
        with pytest.raises(ValueError, match="cannot be reached by removing hidden units"):
            prune(model, few, flops=share)
        return
    smaller = prune(model, few, flops=share)
    report = smaller.provenance["prune"][0]
    assert smaller.flops() <= share * model.flops()
    assert report["flops_after"] == smaller.flops() == type(model)(SCHEMA, dim=4, hidden=smaller.hidden).flops()
    assert report["flops_before"] == model.flops()
    for before, after, kept in zip(hidden, smaller.hidden, report["kept"], strict=True):
        assert after == before or (after % 16 == 0 and 16 <= after < before)
        assert len(set(kept)) == after
    assert predict(smaller, few).shape == (50,)
    assert smaller.emit().program["ops"]


def test_the_original_stays_and_the_smaller_model_can_be_tuned() -> None:
    model = DeepFM(SCHEMA, dim=4, hidden=(64, 32))
    config = FitConfig(epochs=3, batch_size=128, learning_rate=1e-2, progress=False)
    fit(model, ROWS, config=config)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    smaller = prune(model, ROWS, flops=0.5)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    full = evaluate(model, ROWS)["auc"]
    assert evaluate(smaller, ROWS)["auc"] > full - 0.05
    fit(smaller, ROWS, config=config)
    assert evaluate(smaller, ROWS)["auc"] > full - 0.01
    assert [len(m.provenance["fit"]) for m in (model, smaller)] == [1, 2]


def test_units_that_matter_stay() -> None:
    model = DeepFM(SCHEMA, dim=4, hidden=(32,)).eval()
    with torch.no_grad():
        model.mlp.linears()[0].dense.weight.mul_(0.01)
        model.mlp.linears()[0].dense.bias[:] = 0.01
        model.mlp.linears()[0].dense.bias[5:21] = 3.0
        model.head.dense.weight[:] = 1.0
    assert prune(model, ROWS, flops=0.6).provenance["prune"][0]["kept"] == (tuple(range(5, 21)),)


def test_pruning_is_repeatable() -> None:
    model = DeepFM(SCHEMA, dim=4, hidden=(64, 32))
    config = PruneConfig(sample=300, batch_size=70)
    a, b = (prune(model, ROWS, flops=0.5, config=config).provenance for _ in range(2))
    assert a == b


def test_bad_arguments_are_refused() -> None:
    model = DeepFM(SCHEMA, dim=4, hidden=(32,))
    with pytest.raises(ValueError, match=r"share in \(0, 1\]"):
        prune(model, ROWS, flops=0.0)
    with pytest.raises(ValueError, match="cannot be reached"):
        prune(model, ROWS, flops=0.01)
    with pytest.raises(ValueError, match="got none"):
        prune(model, Encoded({name: array[:0] for name, array in ROWS.arrays.items()}))
    schema = rf.Schema(item=[rf.Numeric("x")], key="k")
    with pytest.raises(TypeError, match="hidden layers of its own, got ItemBias"):
        prune(ItemBias(DeepFM(schema), "x", 1.0), ROWS)
