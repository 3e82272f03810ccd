from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from recfast_training.layers import concat, emit_concat

from ..parity.cases import Probe, assert_agree, encoded_rows, vectors


@settings(deadline=None, max_examples=20)
@given(widths=st.lists(st.integers(1, 40), min_size=1, max_size=5), rows=st.integers(1, 20))
def test_torch_and_backend_agree(backend: str, widths: list[int], rows: int) -> None:
    names = [f"v{i}" for i in range(len(widths))]
    schema = vectors(**dict(zip(names, widths, strict=True)))
    probe = Probe(
        schema,
        sum(widths),
        lambda encoded: concat([encoded[name] for name in names]),
        lambda builder: emit_concat(builder, names, "x"),
    )
    assert_agree(backend, probe, encoded_rows(schema, rows, 0))
