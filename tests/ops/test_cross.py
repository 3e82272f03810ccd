from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from recfast_training.layers import Cross, concat, emit_concat

from ..parity.cases import Probe, assert_agree, encoded_rows, vectors


@settings(deadline=None, max_examples=20)
@given(request=st.integers(1, 40), item=st.integers(1, 40), layers=st.integers(1, 3), rows=st.integers(1, 20))
def test_torch_and_backend_agree(backend: str, request: int, item: int, layers: int, rows: int) -> None:
    schema = vectors(user=request, product=item)
    crosses = [Cross(request + item) for _ in range(layers)]

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
