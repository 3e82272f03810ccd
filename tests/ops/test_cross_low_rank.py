from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recfast import reference
from recfast_training.layers import CrossLowRank, concat, emit_concat

from ..parity.cases import Probe, assert_agree, encoded_rows, vectors


@settings(deadline=None, max_examples=20)
@given(
    request=st.integers(1, 40),
    item=st.integers(1, 40),
    rank=st.integers(1, 20),
    layers=st.integers(1, 3),
    rows=st.integers(1, 20),
)
def test_torch_and_backend_agree(backend: str, request: int, item: int, rank: int, layers: int, rows: int) -> None:
    schema = vectors(user=request, product=item)
    crosses = [CrossLowRank(request + item, rank) for _ in range(layers)]

    def forward(encoded):  # type: ignore[no-untyped-def]
        x0 = x = concat([encoded["user"], encoded["product"]])
        for layer in crosses:
            x = layer(x0, x)
        return x

    def emit(builder):  # type: ignore[no-untyped-def]
        x0 = x = emit_concat(builder, ["user", "product"], "x")
        for i, layer in enumerate(crosses):
            x = layer.emit(builder, x0, x, f"cross.{i}")
        return x

    assert_agree(backend, Probe(schema, request + item, forward, emit, crosses), encoded_rows(schema, rows, 0))


def test_the_reference_is_a_cross_layer_with_the_product_of_both_matrices() -> None:
    rng = np.random.default_rng(0)
    x0, x, projection = rng.normal(size=(4, 6)), rng.normal(size=(4, 6)), rng.normal(size=(2, 6))
    weight, bias = rng.normal(size=(6, 2)), rng.normal(size=6)
    expected = reference.cross(x0, x, weight @ projection, bias)
    np.testing.assert_allclose(reference.cross_low_rank(x0, x, projection, weight, bias), expected, rtol=1e-12)
