from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recfast import reference
from recfast_training.layers import Linear

from ..parity.cases import Probe, assert_agree, encoded_rows, vectors


@settings(deadline=None, max_examples=20)
@given(
    inputs=st.integers(1, 70),
    outputs=st.sampled_from([1, 2, 7, 15, 16, 17, 33, 85, 163]),
    rows=st.integers(2, 20),
    relu=st.booleans(),
    batch_norm=st.booleans(),
)
def test_torch_and_backend_agree(
    backend: str, inputs: int, outputs: int, rows: int, relu: bool, batch_norm: bool
) -> None:
    schema = vectors(x=inputs)
    layer = Linear(inputs, outputs, relu=relu, batch_norm=batch_norm, dropout=0.5)
    encoded = encoded_rows(schema, rows, 0)
    if layer.norm is not None:
        torch.nn.init.normal_(layer.norm.weight)
        torch.nn.init.normal_(layer.norm.bias)
        layer.train()(torch.from_numpy(encoded["x"]))
    probe = Probe(schema, outputs, lambda e: layer(e["x"]), lambda b: layer.emit(b, "x", "h"), [layer])
    assert_agree(backend, probe, encoded)


@settings(deadline=None)
@given(inputs=st.integers(1, 20), outputs=st.integers(1, 20))
def test_batch_norm_is_folded_exactly(inputs: int, outputs: int) -> None:
    layer = Linear(inputs, outputs, batch_norm=True).double()
    assert layer.norm is not None
    torch.nn.init.normal_(layer.norm.weight)
    torch.nn.init.normal_(layer.norm.bias)
    x = torch.randn(9, inputs, dtype=torch.float64)
    layer.train()(x)
    layer.eval()
    weight, bias = layer.folded()
    torch.testing.assert_close(layer(x), x @ weight.T + bias, rtol=0, atol=1e-12)


def test_dropout_is_gone_in_evaluation() -> None:
    layer = Linear(4, 64, dropout=0.5)
    x = torch.randn(3, 4)
    assert (layer.train()(x) == 0).any()
    assert torch.equal(layer.eval()(x), layer.dense(x))


def test_the_reference_refuses_an_unknown_activation() -> None:
    with pytest.raises(ValueError, match="activation is 'none' or 'relu', got 'gelu'"):
        reference.linear(np.ones((1, 1)), np.ones((1, 1)), activation="gelu")
