from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recfast import reference
from recfast.schema import Schema
from recfast_training.inputs import fields_of
from recfast_training.layers import EmbeddingBag, dot_interaction, emit_dot_interaction

from ..parity.cases import Probe, assert_agree, categorical, encoded_rows


@settings(deadline=None, max_examples=30)
@given(
    sides=st.lists(st.sampled_from(["request", "item", "pair"]), min_size=2, max_size=12),
    dim=st.integers(1, 33),
    rows=st.integers(1, 20),
    ordered=st.booleans(),
)
def test_torch_and_backend_agree(backend: str, sides: list[str], dim: int, rows: int, ordered: bool) -> None:
    fields = {side: [categorical(f"f{i}", 3) for i, at in enumerate(sides) if at == side] for side in set(sides)}
    schema = Schema(**fields, key="sku")  # type: ignore[arg-type]
    inputs = fields_of(schema) if ordered else sorted(fields_of(schema), key=lambda i: i.name)
    layer = EmbeddingBag(inputs, schema.tables, dim, deviation=1.0)
    probe = Probe(
        schema,
        len(sides) * (len(sides) - 1) // 2,
        lambda e: dot_interaction(layer(e)),
        lambda b: emit_dot_interaction(b, layer.emit(b)),
        [layer],
    )
    assert_agree(backend, probe, encoded_rows(schema, rows, 0), tolerance=2e-5)


def test_the_reference_is_the_lower_triangle_row_by_row() -> None:
    v = np.random.default_rng(0).normal(size=(5, 6, 3))
    pairs = sorted(itertools.combinations(range(5), 2), key=lambda pair: pair[::-1])
    expected = np.stack([(v[i] * v[j]).sum(axis=1) for i, j in pairs], axis=1)
    np.testing.assert_allclose(reference.dot_interaction(list(v)), expected, rtol=1e-12)
