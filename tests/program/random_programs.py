"""Random programs over random sides and widths, with raw rows to run them on, and error bounds by the ops' headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

import recfast as rf
from recfast import _core, reference
from recfast.features import Feature
from recfast.reference_program import run_program

Arrays = dict[str, npt.NDArray[Any]]

WIDTHS = st.sampled_from([1, 2, 3, 7, 8, 15, 16, 17, 32, 33, 85])
OUTPUTS = st.sampled_from([1, 2, 7, 8, 9, 16, 17, 40, 163])
MAX_WIDTH = 400
EPS = float(np.finfo(np.float32).eps)


def inputs_of(schema: rf.Schema) -> list[dict[str, Any]]:
    """The inputs of a program for this schema."""
    out: list[dict[str, Any]] = []
    for f in schema:
        side = schema.side(f.name)
        if isinstance(f, (rf.Categorical, rf.Bucketized)):
            out.append({"name": f.name, "side": side, "kind": "ids"})
        elif isinstance(f, (rf.Bag, rf.WeightedBag)):
            out.append({"name": f.name, "side": side, "kind": f.kind})
        else:
            out.append({"name": f.name, "side": side, "kind": "dense", "width": getattr(f, "dim", 1)})
        if getattr(f, "missing_indicator", False):
            out.append({"name": f"{f.name}_missing", "side": side, "kind": "dense", "width": 1})
    return out


@dataclass
class Case:
    """A program with everything that it refers to."""

    schema: rf.Schema
    program: dict[str, Any]
    tables: dict[str, _core.Table] = field(default_factory=dict)
    weights: Arrays = field(default_factory=dict)

    def executor(self, isa: str | None = None) -> _core.Executor:
        return _core.Executor(self.schema.encoder, self.program, self.tables, self.weights, isa)

    def reference(self, encoded: Arrays) -> npt.NDArray[np.float64]:
        return run_program(self.program, self.weights, self.floats(), encoded)

    def floats(self) -> Arrays:
        return {name: table.rows(np.arange(table.num_rows)) for name, table in self.tables.items()}

    def bound(self, encoded: Arrays) -> npt.NDArray[np.float64]:
        """How far a score may be from the reference, by the bounds that the ops state, carried through the program."""
        return _Bounds(self, encoded).run()


class _Bounds:
    """Per slot its value in float64 and the largest error that it may have."""

    def __init__(self, case: Case, encoded: Arrays) -> None:
        self.case, self.encoded, self.floats = case, encoded, case.floats()
        self.value: Arrays = {}
        self.error: Arrays = {}
        for item in case.program["inputs"]:
            if item["kind"] == "dense":
                x = encoded[item["name"]].astype(np.float64)
                self.value[item["name"]] = x[:, None] if x.ndim == 1 else x
                self.error[item["name"]] = np.zeros_like(self.value[item["name"]])

    def run(self) -> npt.NDArray[np.float64]:
        for op in self.case.program["ops"]:
            x = [self.value.get(name) for name in op["inputs"]]
            e = [self.error.get(name) for name in op["inputs"]]
            weight, bias = (self.case.weights.get(op.get(key)) for key in ("weight", "bias"))
            y, error = getattr(self, op["op"])(op, x, e, weight, bias)
            self.value[op["output"]], self.error[op["output"]] = y, error
        out = self.case.program["output"]
        return self.error[out][:, 0] + EPS * np.abs(self.value[out][:, 0])

    def embedding_bag(self, op: Any, *_: Any) -> Any:
        name = op["inputs"][0]
        table, ids, mask = self.floats[op["table"]], self.encoded[name], self.encoded.get(f"{name}_mask")
        weights = self.encoded.get(f"{name}_weight")
        y = reference.embedding_bag(table, ids, mask, pooling=op["pooling"], weights=weights)
        sizes = None if weights is None else np.abs(weights)
        total = reference.embedding_bag(np.abs(table), ids, mask, pooling="sum", weights=sizes)
        return y, EPS * ((1 if mask is None else mask.shape[1]) + 2) * total

    def concat(self, op: Any, x: Any, e: Any, *_: Any) -> Any:
        return np.concatenate(x, axis=1), np.concatenate(e, axis=1)

    def linear(self, op: Any, x: Any, e: Any, weight: Any, bias: Any) -> Any:
        y = reference.linear(x[0], weight, bias, activation=op.get("activation") or "none")
        size = (np.abs(x[0]) + e[0]) @ np.abs(weight).T + (0 if bias is None else np.abs(bias))
        return y, e[0] @ np.abs(weight).T + EPS * (weight.shape[1] + 2) * size

    def fm(self, op: Any, x: Any, e: Any, *_: Any) -> Any:
        size = sum(np.abs(v) + d for v, d in zip(x, e, strict=True))
        rounding = EPS * (len(x) + x[0].shape[1] + 4) * (size**2).sum(axis=1, keepdims=True)
        return reference.fm(x), (sum(e) * size).sum(axis=1, keepdims=True) + rounding

    def cross(self, op: Any, x: Any, e: Any, weight: Any, bias: Any) -> Any:
        x0, xl = np.abs(x[0]) + e[0], np.abs(x[1]) + e[1]
        inner = xl @ np.abs(weight).T + (0 if bias is None else np.abs(bias))
        carried = x0 * (e[1] @ np.abs(weight).T) + e[0] * inner + e[1]
        return reference.cross(*x, weight, bias), carried + EPS * (weight.shape[0] + 3) * (x0 * inner + xl)

    def dot_interaction(self, op: Any, x: Any, e: Any, *_: Any) -> Any:
        size = [np.abs(v) + d for v, d in zip(x, e, strict=True)]
        carried = [size[i] * e[j] + e[i] * size[j] for j in range(len(x)) for i in range(j)]
        rounding = EPS * (x[0].shape[1] + 2) * reference.dot_interaction(size)
        return reference.dot_interaction(x), np.stack(carried, axis=2).sum(axis=1) + rounding

    def dot(self, op: Any, x: Any, e: Any, *_: Any) -> Any:
        size = [np.abs(v) + d for v, d in zip(x, e, strict=True)]
        carried = reference.dot(size[0], e[1]) + reference.dot(e[0], size[1])
        return reference.dot(*x), carried + EPS * (x[0].shape[1] + 2) * reference.dot(*size)

    def cross_low_rank(self, op: Any, x: Any, e: Any, weight: Any, bias: Any) -> Any:
        projection = self.case.weights[op["projection"]]
        both = np.abs(weight) @ np.abs(projection)
        x0, xl = np.abs(x[0]) + e[0], np.abs(x[1]) + e[1]
        inner = xl @ both.T + (0 if bias is None else np.abs(bias))
        carried = x0 * (e[1] @ both.T) + e[0] * inner + e[1]
        rounding = EPS * (sum(weight.shape) + 5) * (x0 * inner + xl)
        return reference.cross_low_rank(*x, projection, weight, bias), carried + rounding

    def normalise(self, op: Any, x: Any, e: Any, weight: Any, bias: Any) -> Any:
        y = reference.normalise(x[0], weight)
        gain = 1 if weight is None else np.abs(weight)
        length = np.sqrt((x[0] ** 2).sum(axis=1, keepdims=True))
        apart = np.sqrt((e[0] ** 2).sum(axis=1, keepdims=True))
        shortest = np.maximum(length - apart, 1e-12)
        carried = gain * (e[0] + np.abs(x[0]) / np.maximum(length, 1e-12) * apart) / shortest
        return y, carried + EPS * (x[0].shape[1] / 16 + 6) * (np.abs(y) + carried)

    def pick(self, op: Any, x: Any, e: Any, *_: Any) -> Any:
        ids = self.encoded[op["inputs"][1]]
        return reference.pick(x[0], ids), reference.pick(e[0], ids)

    def sparse_bag(self, op: Any, x: Any, e: Any, weight: Any, bias: Any) -> Any:
        name, columns = op["inputs"][0], self.case.weights[op["columns"]]
        mask, factors = self.encoded[f"{name}_mask"], self.encoded.get(f"{name}_weight")
        y = reference.sparse_bag(weight, columns, self.encoded[name], mask, factors)
        sizes = None if factors is None else np.abs(factors)
        size = reference.sparse_bag(np.abs(weight), columns, self.encoded[name], mask, sizes)
        return y, EPS * (mask.shape[1] * weight.shape[1] + 1) * size

    def sum(self, op: Any, x: Any, e: Any, *_: Any) -> Any:
        return reference.sum(x), sum(e) + EPS * len(x) * sum(np.abs(v) + d for v, d in zip(x, e, strict=True))


@st.composite
def schemas(draw: st.DrawFn) -> rf.Schema:
    """Up to six features of any kind on any side, at least one."""
    sides: dict[str, list[Feature]] = {"request": [], "item": [], "pair": []}
    for i in range(draw(st.integers(1, 7))):
        side, name = draw(st.sampled_from(list(sides))), f"f{i}"
        kind = draw(st.sampled_from(["categorical", "bag", "weighted_bag", "bucketized", "numeric", "vector", "match"]))
        indicator = draw(st.booleans())
        if kind == "categorical":
            sides[side].append(rf.Categorical(name, buckets=draw(st.integers(1, 9)), type="int"))
        elif kind == "bag":
            sides[side].append(rf.Bag(name, buckets=draw(st.integers(1, 9)), type="int"))
        elif kind == "weighted_bag":
            sides[side].append(rf.WeightedBag(name, buckets=draw(st.integers(1, 9)), type="int"))
        elif kind == "bucketized":
            sides[side].append(rf.Bucketized(name, edges=[-0.5, 0.5]))
        elif kind == "numeric":
            sides[side].append(rf.Numeric(name, missing_indicator=indicator))
        elif kind == "vector":
            sides[side].append(rf.Vector(name, dim=draw(WIDTHS)))
        else:
            sides["pair"].append(rf.Match(name, map=f"map{i}", key=f"key{i}", missing_indicator=indicator))
    return rf.Schema(request=sides["request"], item=sides["item"], pair=sides["pair"], key="sku")


@st.composite
def cases(draw: st.DrawFn, ops: int = 8) -> Case:
    """A schema, an embedding per table and bag, any ops on top, and an output of width 1."""
    schema = draw(schemas())
    case = Case(schema, {"inputs": inputs_of(schema), "ops": [], "output": ""})
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    widths = {i["name"]: i["width"] for i in case.program["inputs"] if i["kind"] == "dense"}
    counts = {"fm": 0, "dot": 0, "dot_interaction": 0, "cross": 0, "cross_low_rank": 0, "normalise": 0}

    def add(op: str, inputs: list[str], width: int, **attributes: Any) -> None:
        output = f"{op}{len(case.program['ops'])}"
        case.program["ops"].append({"op": op, "inputs": inputs, "output": output, **attributes})
        widths[output] = width

    def weight(*shape: int) -> str:
        name = f"w{len(case.weights)}"
        case.weights[name] = (rng.normal(size=shape) / np.sqrt(shape[-1])).astype(np.float32)
        return name

    def linear(x: str, out: int) -> None:
        bias = {"bias": weight(out)} if draw(st.booleans()) else {}
        add(
            "linear",
            [x],
            out,
            weight=weight(out, widths[x]),
            activation=draw(st.sampled_from(["none", "relu"])),
            **bias,
        )

    def join(parts: list[str]) -> None:
        while sum(widths[p] for p in parts) > MAX_WIDTH:
            parts = parts[1:]
        add("concat", parts, sum(widths[p] for p in parts))

    for f in schema:
        if isinstance(f, (rf.Categorical, rf.Bag, rf.WeightedBag, rf.Bucketized)):
            rows = rng.normal(size=(f.rows, draw(WIDTHS))).astype(np.float32)
            case.tables[f.name] = _core.Table(rows, draw(st.sampled_from(["f32", "f16", "i8", "i4"])))
            pooling = draw(
                st.sampled_from(["sum", "mean"] if isinstance(f, rf.WeightedBag) else ["sum", "mean", "max"])
            )
            add("embedding_bag", [f.name], rows.shape[1], table=f.name, pooling=pooling)
            if f.kind.endswith("bag") and draw(st.booleans()):
                entries = weight(f.rows, draw(st.integers(1, 9)))
                columns = rng.integers(0, f.rows, case.weights[entries].shape).astype(np.int32)
                case.weights[f"columns.{f.name}"] = columns
                add("sparse_bag", [f.name], f.rows, weight=entries, columns=f"columns.{f.name}")
    if draw(st.booleans()):
        join(list(widths))
    for _ in range(draw(st.integers(0, ops))):
        op = draw(st.sampled_from(["concat", "linear", "sum", "pick", *counts]))
        x = draw(st.sampled_from(list(widths)))
        equal = st.sampled_from([name for name in widths if widths[name] == widths[x]])
        if op == "concat":
            join([x, *draw(st.lists(st.sampled_from(list(widths)), max_size=3))])
        elif op == "linear":
            linear(x, draw(OUTPUTS))
        elif op == "sum":
            add("sum", [x, *draw(st.lists(equal, max_size=3))], widths[x])
        elif op == "pick":
            one_id = [f for f in schema if isinstance(f, (rf.Categorical, rf.Bucketized))]
            if one_id:
                feature = draw(st.sampled_from(one_id))
                linear(x, feature.rows)
                add("pick", [list(widths)[-1], feature.name], 1)
        elif counts[op] < 2 and widths[x] <= 170:
            counts[op] += 1
            if op == "fm":
                add("fm", [x, *draw(st.lists(equal, max_size=4))], 1)
            elif op == "normalise":
                add("normalise", [x], widths[x], **({"weight": weight(widths[x])} if draw(st.booleans()) else {}))
            elif op == "dot":
                add("dot", [x, draw(equal)], 1)
            elif op == "dot_interaction":
                vectors = [x, *draw(st.lists(equal, min_size=1, max_size=12))]
                add("dot_interaction", vectors, len(vectors) * (len(vectors) - 1) // 2)
            else:
                bias = {"bias": weight(widths[x])} if draw(st.booleans()) else {}
                rank = draw(WIDTHS) if op == "cross_low_rank" else widths[x]
                project = {"projection": weight(rank, widths[x])} if op == "cross_low_rank" else {}
                add(op, [x, draw(equal)], widths[x], weight=weight(widths[x], rank), **project, **bias)
    ones = [name for name, width in widths.items() if width == 1]
    if not ones or draw(st.integers(0, 3)):
        join(draw(st.lists(st.sampled_from(list(widths)), min_size=min(2, len(widths)), max_size=6, unique=True)))
        linear(list(widths)[-1], 1)
        ones = [list(widths)[-1]]
    case.program["output"] = ones[-1]
    return case


def raw_column(feature: Feature, rng: np.random.Generator, rows: int) -> list[Any]:
    """Values of a feature's column, missing ones among them."""
    if isinstance(feature, rf.Vector):
        return list(rng.normal(size=(rows, feature.dim)).astype(np.float32).tolist())
    if isinstance(feature, rf.Bag):
        return [None if rng.random() < 0.1 else rng.integers(0, 50, rng.integers(0, 5)).tolist() for _ in range(rows)]
    if isinstance(feature, rf.WeightedBag):
        sizes = rng.integers(0, 5, rows)
        return [{int(i): float(rng.normal()) for i in rng.integers(0, 50, n)} if n else None for n in sizes]
    if isinstance(feature, rf.Categorical):
        return [None if rng.random() < 0.1 else int(rng.integers(0, 50)) for _ in range(rows)]
    return [None if rng.random() < 0.1 else float(rng.normal()) for _ in range(rows)]


@dataclass
class Rows:
    """One request, N items and the pairs between them."""

    request: dict[str, Any]
    items: dict[str, list[Any]]
    pair: dict[str, list[Any]] | None

    @property
    def joined(self) -> dict[str, list[Any]]:
        """The table that scores the request with every item."""
        size = len(self.items["sku"])
        return {**{n: [v] * size for n, v in self.request.items()}, **self.items, **(self.pair or {})}


def make_rows(schema: rf.Schema, size: int, seed: int) -> Rows:
    """Random rows for a schema; every Match finds some keys and misses others."""
    rng = np.random.default_rng(seed)
    request = {f.name: raw_column(f, rng, 1)[0] for f in schema.request}
    items: dict[str, list[Any]] = {"sku": list(range(size))} | {f.name: raw_column(f, rng, size) for f in schema.item}
    pair: dict[str, list[Any]] = {}
    for f in schema.pair:
        if isinstance(f, rf.Match):
            request[f.map] = {i: float(rng.normal()) for i in range(3)}
            items[f.key] = rng.integers(0, 5, size).tolist()
        else:
            pair[f.name] = raw_column(f, rng, size)
    return Rows(request, items, pair or None)


def rank(executor: _core.Executor, rows: Rows, *, fresh: bool, **options: Any) -> tuple[Any, ...]:
    """`_core.Ranker.rank` of every item, resident or fresh."""
    ids = rows.items["sku"]
    catalog = _core.Catalog(executor, {n: v[:0] for n, v in rows.items.items()} if fresh else rows.items)
    arguments: Mapping[str, Any] = {
        "candidates": None if fresh else ids,
        "items": rows.items if fresh else None,
        "k": max(1, len(ids)),
        "exclude": None,
        "pair": rows.pair,
        "skip_missing": False,
    } | options
    return _core.Ranker(catalog).rank(rows.request, **arguments)


def assert_split_exact(case: Case, size: int, seed: int) -> None:
    """Score, rank of resident and of fresh items are within the bound of the reference, on every ISA."""
    rows = make_rows(case.schema, size, seed)
    encoded = case.schema.encode(rows.joined)
    expected, bound = case.reference(encoded), case.bound(encoded)
    assert np.isfinite(bound).all()
    for isa in _core.available_isas():
        executor = case.executor(isa)
        assert executor.isa == isa
        scores = executor.score(rows.joined)
        assert scores.dtype == np.float32
        assert (np.abs(scores - expected) <= bound).all(), (isa, scores, expected, bound)
        ids, ranked, *_ = rank(executor, rows, fresh=False)
        assert (np.abs(ranked - expected[ids]) <= bound[ids]).all(), (isa, ranked, expected[ids], bound[ids])
        assert sorted(ids) == rows.items["sku"]
        assert [(-s, i) for s, i in zip(ranked, ids, strict=True)] == sorted(
            (-s, i) for s, i in zip(ranked, ids, strict=True)
        )
        fresh_ids, fresh, *_ = rank(executor, rows, fresh=True)
        np.testing.assert_array_equal(fresh_ids, ids)
        np.testing.assert_array_equal(fresh, ranked)
