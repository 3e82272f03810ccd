from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast import reference
from recfast.schema import Schema
from recfast_training.inputs import fields_of
from recfast_training.layers import EmbeddingBag, emit_normalise, normalise

from ..parity.cases import Probe, assert_agree, categorical, encoded_rows
from ..program.random_programs import Case, inputs_of


@settings(deadline=None, max_examples=30)
@given(
    side=st.sampled_from(["request", "item", "pair"]),
    dim=st.one_of(st.integers(1, 33), st.just(85)),
    rows=st.integers(1, 20),
    gain=st.sampled_from([1.0, 0.25, 20.0]),
)
def test_torch_and_backend_agree(backend: str, side: str, dim: int, rows: int, gain: float) -> None:
    schema = Schema(**{side: [categorical("f", 4)]}, key="sku")  # type: ignore[arg-type]
    layer = EmbeddingBag(fields_of(schema), schema.tables, dim, deviation=1.0)
    with torch.no_grad():
        layer.weight[0] = 0
    probe = Probe(
        schema,
        dim,
        lambda e: normalise(layer(e)[:, 0], gain),
        lambda builder: emit_normalise(builder, layer.emit(builder)[0], dim, "unit", gain),
        [layer],
    )
    assert_agree(backend, probe, encoded_rows(schema, rows, 0), tolerance=2e-5)


def test_the_reference_gives_vectors_of_length_one() -> None:
    x = np.random.default_rng(0).normal(size=(5, 7))
    unit = reference.normalise(x)
    np.testing.assert_allclose((unit**2).sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(unit * np.linalg.norm(x, axis=1, keepdims=True), x, rtol=1e-12)
    np.testing.assert_allclose(reference.normalise(x, np.arange(7)), unit * np.arange(7), rtol=1e-12)


@pytest.mark.parametrize("vector", [[0.0, 0.0, 0.0], [1e-20, 0.0, 0.0], [3e18, -4e18, 0.0], [2e-12, 0.0, 0.0]])
def test_short_and_long_vectors(vector: list[float]) -> None:
    schema = Schema(item=[rf.Vector("image", dim=3)], key="sku")
    ops = [
        {"op": "normalise", "inputs": ["image"], "output": "unit"},
        {"op": "linear", "inputs": ["unit"], "output": "y", "weight": "w"},
    ]
    case = Case(schema, {"inputs": inputs_of(schema), "ops": ops, "output": "y"})
    case.weights["w"] = np.array([[1.0, 2.0, 4.0]], np.float32)
    rows = {"image": [vector], "sku": [0]}
    expected = case.reference(schema.encode(rows))
    np.testing.assert_allclose(case.executor().score(rows), expected, rtol=1e-6, atol=1e-30)


def test_a_gain_of_another_width_is_refused() -> None:
    schema = Schema(item=[rf.Vector("image", dim=3)], key="sku")
    ops = [{"op": "normalise", "inputs": ["image"], "output": "y", "weight": "g"}]
    case = Case(schema, {"inputs": inputs_of(schema), "ops": ops, "output": "y"}, weights={"g": np.ones(2, np.float32)})
    with pytest.raises(ValueError, match="the gain 'g' has 2 entries, expected 3"):
        case.executor()
