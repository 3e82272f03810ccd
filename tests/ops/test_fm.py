from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recfast import reference
from recfast.schema import Schema
from recfast_training.inputs import fields_of
from recfast_training.layers import EmbeddingBag, emit_fm, fm

from ..parity.cases import Probe, assert_agree, categorical, encoded_rows


@settings(deadline=None, max_examples=20)
@given(
    request=st.integers(0, 3),
    item=st.integers(0, 3),
    pair=st.integers(0, 2),
    dim=st.integers(1, 33),
    rows=st.integers(1, 20),
)
def test_torch_and_backend_agree(backend: str, request: int, item: int, pair: int, dim: int, rows: int) -> None:
    schema = Schema(
        request=[categorical(f"r{i}", 3) for i in range(request)],
        item=[categorical(f"i{i}", 4) for i in range(max(item, 2 - request - pair))],
        pair=[categorical(f"p{i}", 5) for i in range(pair)],
        key="sku",
    )
    layer = EmbeddingBag(fields_of(schema), schema.tables, dim, deviation=1.0)
    probe = Probe(schema, 1, lambda e: fm(layer(e)), lambda b: emit_fm(b, layer.emit(b)), [layer])
    assert_agree(backend, probe, encoded_rows(schema, rows, 0), tolerance=2e-5)


def test_the_reference_is_the_sum_over_pairs() -> None:
    v = np.random.default_rng(0).normal(size=(4, 6, 3))
    expected = sum((a * b).sum(axis=1) for a, b in itertools.combinations(v, 2))
    np.testing.assert_allclose(reference.fm(list(v))[:, 0], expected, rtol=1e-12)
