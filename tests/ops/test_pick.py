from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recfast as rf
from recfast import reference
from recfast.schema import Schema
from recfast_training.inputs import fields_of
from recfast_training.layers import EmbeddingBag, emit_pick, pick

from ..parity.cases import Probe, assert_agree, categorical, encoded_rows
from ..program.random_programs import Case, inputs_of

SIDES = st.sampled_from(["request", "item", "pair"])


@settings(deadline=None, max_examples=30)
@given(x=SIDES, ids=SIDES, values=st.one_of(st.integers(1, 40), st.just(163)), rows=st.integers(1, 20))
def test_torch_and_backend_agree(backend: str, x: str, ids: str, values: int, rows: int) -> None:
    fields = {side: [] for side in ("request", "item", "pair")}
    fields[x].append(categorical("x", 3))
    fields[ids].append(categorical("id", values))
    schema = Schema(**fields, key="sku")
    layer = EmbeddingBag([i for i in fields_of(schema) if i.name == "x"], schema.tables, values + 2, deviation=1.0)
    probe = Probe(
        schema,
        1,
        lambda e: pick(layer(e)[:, 0], e["id"]),
        lambda builder: emit_pick(builder, layer.emit(builder)[0], "id"),
        [layer],
    )
    assert_agree(backend, probe, encoded_rows(schema, rows, 0))


def test_the_reference_takes_one_number_per_row() -> None:
    x = np.arange(12.0).reshape(4, 3)
    assert reference.pick(x, np.array([2, 0, 1, 1])).tolist() == [[2], [3], [7], [10]]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (["image"], "expected 2 inputs"),
        (["brand", "brand"], "the input 'brand' is not dense"),
        (["image", "tags"], "the input 'tags' is no feature with one id per row"),
        (["image", "image"], "the input 'image' is no feature with one id per row"),
        (["image", "brand"], r"'image' is 5 wide, the ids of 'brand' are in \[0, 4\); they must be equal"),
    ],
)
def test_mistakes_are_refused(inputs: list[str], message: str) -> None:
    item = [rf.Vector("image", dim=5), rf.Categorical("brand", buckets=3), rf.Bag("tags", buckets=4)]
    schema = rf.Schema(item=item, key="sku")
    ops = [{"op": "pick", "inputs": inputs, "output": "y"}]
    with pytest.raises(ValueError, match=message):
        Case(schema, {"inputs": inputs_of(schema), "ops": ops, "output": "y"}).executor()
