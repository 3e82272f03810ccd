from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast import reference
from recfast.schema import Schema
from recfast_training.inputs import fields_of
from recfast_training.layers import EmbeddingBag, dot, emit_dot

from ..parity.cases import Probe, assert_agree, categorical, encoded_rows
from ..program.random_programs import Case, inputs_of

SIDES = st.sampled_from(["request", "item", "pair"])


@settings(deadline=None, max_examples=30)
@given(
    sides=st.tuples(SIDES, SIDES),
    dim=st.one_of(st.integers(1, 33), st.just(85)),
    rows=st.integers(1, 20),
    same=st.booleans(),
)
def test_torch_and_backend_agree(backend: str, sides: tuple[str, str], dim: int, rows: int, same: bool) -> None:
    fields = {side: [categorical(f"f{i}", 3) for i, at in enumerate(sides) if at == side] for side in set(sides)}
    schema = Schema(**fields, key="sku")  # type: ignore[arg-type]
    layer = EmbeddingBag(fields_of(schema), schema.tables, dim, deviation=1.0)
    b = 0 if same else 1
    probe = Probe(
        schema,
        1,
        lambda e: dot(layer(e)[:, 0], layer(e)[:, b]),
        lambda builder: emit_dot(builder, (slots := layer.emit(builder))[0], slots[b]),
        [layer],
    )
    assert_agree(backend, probe, encoded_rows(schema, rows, 0), tolerance=2e-5)


def test_the_reference_is_the_inner_product() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 7))
    np.testing.assert_allclose(reference.dot(a, b)[:, 0], np.diag(a @ b.T), rtol=1e-12)


def test_widths_that_differ_are_refused() -> None:
    schema = rf.Schema(request=[rf.Vector("user", dim=4)], item=[rf.Vector("image", dim=5)], key="sku")
    ops = [{"op": "dot", "inputs": ["user", "image"], "output": "y"}]
    with pytest.raises(ValueError, match="'user' and 'image' are 4 and 5 wide; they must be equal"):
        Case(schema, {"inputs": inputs_of(schema), "ops": ops, "output": "y"}).executor()
