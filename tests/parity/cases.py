"""One case, many backends: a torch model and encoded rows, which every backend must score as torch does.

Schemas are drawn so that encoding can be undone: categoricals hold a vocabulary of all their values and one hashed row,
so the rows that a case wishes for can be given to recfast as raw rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor, nn

import recfast as rf
from recfast.features import Bag, Bucketized, Categorical, Feature, Match, Numeric, Vector, WeightedBag
from recfast.reference_program import run_program
from recfast.schema import Schema
from recfast_training import NetworkConfig
from recfast_training.batches import tensors
from recfast_training.encode import Arrays
from recfast_training.layers import Linear
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM, RankingModel
from recfast_training.program import ProgramBuilder

torch.set_num_threads(1)

UNSEEN = -7  # no vocabulary holds it
Backend = Callable[[RankingModel, Arrays], Any]

_CONFIG = NetworkConfig(deviation=0.3)
SMALL_MODELS: dict[str, Callable[..., RankingModel]] = {
    "DeepFM": partial(DeepFM, hidden=(24, 8), config=_CONFIG),
    "DCNv2": partial(DCNv2, hidden=(24, 8), config=_CONFIG),
    "DCNv2, rank 5": partial(DCNv2, hidden=(24, 8), rank=5, config=_CONFIG),
    "DLRM": partial(DLRM, bottom=(12,), top=(24, 8), config=_CONFIG),
    "MLP": partial(MLP, hidden=(24, 8), config=_CONFIG),
}


def run_reference(model: RankingModel, encoded: Arrays) -> Any:
    """NumPy float64."""
    return run_program(*model.emit(), encoded)


def run_recfast(model: RankingModel, encoded: Arrays) -> Any:
    """The compiled executor, through a file."""
    from recfast_training.export import export

    rows = raw_rows(model.schema, encoded)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.recfast"
        export(model, path, examples=rows)
        return rf.load(path).score(rows)


BACKENDS: dict[str, Backend] = {"reference": run_reference, "recfast": run_recfast}


def assert_agree(backend: str, model: RankingModel, encoded: Arrays, *, tolerance: float = 1e-5) -> None:
    """The backend scores as torch does: |difference| <= tolerance * (1 + |score|)."""
    model.eval()
    with torch.no_grad():
        expected = model(tensors(encoded)).double().numpy()
    actual = np.asarray(BACKENDS[backend](model, encoded), dtype=np.float64)
    assert actual.shape == expected.shape
    assert (np.abs(actual - expected) <= tolerance * (1 + np.abs(expected))).all(), (actual, expected)


class Probe(RankingModel):
    """One op between the inputs and a random projection to the logit."""

    def __init__(
        self,
        schema: Schema,
        width: int,
        forward: Callable[[dict[str, Tensor]], Tensor],
        emit: Callable[[ProgramBuilder], str],
        modules: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__(schema)
        self.forward_op, self.emit_op = forward, emit
        self.parts = nn.ModuleList(modules)
        self.out = Linear(width, 1)

    def forward(self, encoded: Any) -> Tensor:
        return self.out(self.forward_op(encoded))[:, 0]  # type: ignore[no-any-return]

    def append_to(self, builder: ProgramBuilder) -> str:
        return self.out.emit(builder, self.emit_op(builder), "out")

    def architecture(self) -> dict[str, Any]:
        return {"model": "Probe"}


def categorical(name: str, values: int) -> Categorical:
    """Values 0 to `values` - 1 have their own rows, then one row for all others, then missing."""
    return Categorical(name, buckets=1, type="int", vocabulary=tuple(range(values)))


def vectors(**dims: int) -> Schema:
    """A schema of vectors on alternating sides."""
    features = [Vector(name, dim=dim) for name, dim in dims.items()]
    return Schema(request=features[::2], item=features[1::2], key="sku")


@st.composite
def schemas(draw: st.DrawFn, vectors: int = 1) -> Schema:
    """Any mix of features on any sides, at least one; at least as many vectors of a DLRM."""
    sides: dict[str, list[Feature]] = {"request": [], "item": [], "pair": []}
    names = iter(f"f{i}" for i in range(100))
    side = st.sampled_from(list(sides))
    tables = [draw(st.integers(1, 9)) for _ in range(draw(st.integers(vectors if vectors > 1 else 0, 4)))]
    owners = [categorical(next(names), values) for values in tables]
    for owner in owners:
        sides[draw(side)].append(owner)
    for _ in range(draw(st.integers(0, 3))):
        pooling = draw(st.sampled_from(["sum", "mean", "max"]))
        if owners and draw(st.booleans()):
            bag = Bag(next(names), table=draw(st.sampled_from(owners)).name, pooling=pooling, type="int")
        else:
            bag = Bag(next(names), buckets=1, pooling=pooling, type="int")
        sides[draw(side)].append(bag)
    for _ in range(draw(st.integers(0, 1))):
        table = {"table": draw(st.sampled_from(owners)).name} if owners and draw(st.booleans()) else {"buckets": 1}
        weighted = WeightedBag(next(names), pooling=draw(st.sampled_from(["sum", "mean"])), type="int", **table)
        sides[draw(side)].append(weighted)
    for _ in range(draw(st.integers(0, 1))):
        sides[draw(side)].append(Bucketized(next(names), edges=range(1, draw(st.integers(2, 6)))))
    for _ in range(draw(st.integers(0, 3))):
        sides[draw(side)].append(Numeric(next(names), missing_indicator=draw(st.booleans())))
    for _ in range(draw(st.integers(0, 1))):
        sides[draw(side)].append(Vector(next(names), dim=draw(st.integers(1, 5))))
    match = Match("match", map="map", key="map_key", missing_indicator=draw(st.booleans()))
    if draw(st.booleans()) or not any(sides.values()):
        sides["pair"].append(match)
    return Schema(request=sides["request"], item=sides["item"], pair=sides["pair"], key="sku")


def encoded_rows(schema: Schema, rows: int, seed: int) -> Arrays:
    """Random arrays as `encode` would return them: missing values, unseen values and empty bags among them."""
    rng = np.random.default_rng(seed)
    out: Arrays = {}
    for f in schema:
        if isinstance(f, (Categorical, Bucketized)):
            out[f.name] = rng.integers(0, schema.tables[f.table], rows)
        elif isinstance(f, (Bag, WeightedBag)):
            lengths = rng.integers(0, 4, rows)
            if isinstance(f, WeightedBag):  # the keys of a map are distinct
                lengths = np.minimum(lengths, schema.tables[f.table] - 1)
            out[f"{f.name}_mask"] = np.arange(max(1, lengths.max(initial=0))) < lengths[:, None]
            ids = rng.integers(0, schema.tables[f.table] - 1, out[f"{f.name}_mask"].shape)
            if isinstance(f, WeightedBag):
                ids = (ids[:, :1] + np.arange(ids.shape[1])) % (schema.tables[f.table] - 1)
                weights = rng.normal(size=ids.shape)
                out[f"{f.name}_weight"] = np.where(out[f"{f.name}_mask"], weights, 0).astype(np.float32)
            out[f.name] = np.where(out[f"{f.name}_mask"], ids, 0)
        elif isinstance(f, Vector):
            out[f.name] = rng.normal(size=(rows, f.dim)).astype(np.float32)
        else:
            missing = rng.random(rows) < 0.3
            out[f.name] = np.where(missing, 0, rng.normal(size=rows)).astype(np.float32)
            if f.missing_indicator:
                out[f"{f.name}_missing"] = missing.astype(np.float32)
    return out


def raw_rows(schema: Schema, encoded: Arrays) -> dict[str, list[Any]]:
    """Raw rows that encode to `encoded`."""
    rows = len(next(iter(encoded.values())))
    out: dict[str, list[Any]] = {"sku": list(range(rows))}
    for f in schema:
        values = encoded[f.name].tolist()
        if isinstance(f, Bucketized):
            out[f.name] = [None if v == f.rows - 1 else float(v) + 0.5 for v in values]
        elif isinstance(f, Categorical):
            out[f.name] = [_value(schema, f.table, v) for v in values]
        elif isinstance(f, Bag):
            kept = zip(values, encoded[f"{f.name}_mask"].tolist(), strict=True)
            out[f.name] = [[_value(schema, f.table, v) for v, m in zip(*bag, strict=True) if m] for bag in kept]
        elif isinstance(f, WeightedBag):
            weights = encoded[f"{f.name}_weight"].tolist()
            kept = zip(values, weights, encoded[f"{f.name}_mask"].tolist(), strict=True)
            out[f.name] = [{_value(schema, f.table, v): w for v, w, m in zip(*bag, strict=True) if m} for bag in kept]
        elif isinstance(f, Match):
            missing = encoded.get(f"{f.name}_missing", np.zeros(rows)).tolist()
            out["map"] = [{} if m else {i: v} for i, (v, m) in enumerate(zip(values, missing, strict=True))]
            out["map_key"] = list(range(rows))
        elif isinstance(f, Numeric):
            missing = encoded.get(f"{f.name}_missing", np.zeros(rows)).tolist()
            out[f.name] = [None if m else v for v, m in zip(values, missing, strict=True)]
        else:
            out[f.name] = values
    return out


def _value(schema: Schema, table: str, row: int) -> int | None:
    """The raw value of a table's row."""
    return None if row == schema.tables[table] - 1 else UNSEEN if row == schema.tables[table] - 2 else row
