from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from recfast_training.layers import emit_sum, sum_parts

from ..parity.cases import Probe, assert_agree, encoded_rows, vectors


@settings(deadline=None, max_examples=20)
@given(parts=st.integers(1, 5), width=st.integers(1, 40), rows=st.integers(1, 20))
def test_torch_and_backend_agree(backend: str, parts: int, width: int, rows: int) -> None:
    names = [f"v{i}" for i in range(parts)]
    schema = vectors(**dict.fromkeys(names, width))
    probe = Probe(
        schema,
        width,
        lambda encoded: sum_parts([encoded[name] for name in names]),
        lambda builder: emit_sum(builder, names, "x"),
    )
    assert_agree(backend, probe, encoded_rows(schema, rows, 0))
