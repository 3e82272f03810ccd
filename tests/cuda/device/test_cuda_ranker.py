"""Rankers on a device against Rankers on the CPU: scores to 1e-5, the same order but for ties within that."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recfast as rf
from recfast_training import export, fit_items
from recfast_training.models import EASE, ItemKNN, RankingModel, TwoTower

from ...parity.cases import SMALL_MODELS as MODELS
from ...program.random_programs import Rows, make_rows
from .fork import device_error_in_a_child

pytestmark = pytest.mark.gpu
SIZES = (0, 1, 31, 32, 33, 1000, 5000)


def make_schema(*, pair: bool) -> rf.Schema:
    return rf.Schema(
        request=[
            *(rf.Categorical(f"r{i}", buckets=9, type="int") for i in range(9)),
            rf.Numeric("hour", missing_indicator=True),
        ],
        item=[
            *(rf.Categorical(f"i{i}", buckets=9, type="int") for i in range(3)),
            rf.Bag("tags", buckets=9, type="int", pooling="mean"),
            rf.Numeric("price"),
        ],
        pair=[
            rf.Categorical("shelf", buckets=9, type="int"),
            rf.Bag("shared", buckets=5, type="int", pooling="max"),
            rf.Match("bought", map="counts", key="sku_key"),
        ]
        if pair
        else [],
        key="sku",
    )


def assert_same(device: rf.TopK, cpu: rf.TopK, tolerance: float = 1e-5) -> None:
    scale = tolerance * (1 + np.abs(cpu.scores))
    assert (np.abs(device.scores - cpu.scores) <= scale).all()
    scores = dict(zip(cpu.ids.tolist(), cpu.scores.tolist(), strict=True))
    # An item may only stand elsewhere among scores that rounding cannot tell apart; at the end, one may have left.
    for place in np.flatnonzero(device.ids != cpu.ids).tolist():
        known = scores.get(device.ids[place], cpu.scores[-1])
        assert abs(known - cpu.scores[place]) <= 2 * scale[place]


def both(model: RankingModel, rows: Rows, tmp_path: Path, dtype: Any = "f32", tables: Any = "f32") -> Any:
    """The same catalogue ranked by the device and by the CPU."""
    path = tmp_path / "model.recfast"
    export(model, path, examples=rows.joined, tables=tables)
    served = rf.load(path, device="cuda")
    catalog = rf.Catalog(served, rows.items, dtype=dtype)
    return rf.Ranker(served, catalog), rf.Ranker(served, catalog, device="cpu")


@pytest.mark.parametrize("pair", [False, True], ids=["no pair features", "pair features"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_ranks_as_on_the_cpu(name: str, pair: bool, tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=pair), max(SIZES), 5)
    device, cpu = both(MODELS[name](make_schema(pair=pair), 16).eval(), rows, tmp_path)
    for size in SIZES:
        table = None if rows.pair is None else {n: v[:size] for n, v in rows.pair.items()}
        for k in (1, 20, 1024, 1500) if size < max(SIZES) else (20, 1500):  # the emulator takes its time
            wanted = {"candidates": rows.items["sku"][:size], "k": k, "pair": table}
            assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted))
    fresh = {n: v[:33] for n, v in rows.items.items()}
    table = None if rows.pair is None else {n: v[:33] for n, v in rows.pair.items()}
    assert_same(
        device.rank(rows.request, items=fresh, k=9, pair=table), cpu.rank(rows.request, items=fresh, k=9, pair=table)
    )


@pytest.mark.parametrize("dtype", ["f16", "i8"])
@pytest.mark.parametrize("name", MODELS)
def test_compressed_items_rank_as_on_the_cpu(name: str, dtype: str, tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 300, 6)
    device, cpu = both(MODELS[name](make_schema(pair=False), 16).eval(), rows, tmp_path, dtype)
    assert_same(device.rank(rows.request, rows.items["sku"], k=50), cpu.rank(rows.request, rows.items["sku"], k=50))


@pytest.mark.parametrize("tables", ["f32", "f16", "i8", "i4"])
@pytest.mark.parametrize("dim", [1, 7, 16, 33, 64, 128])
def test_every_width_and_format_of_a_pair_table(dim: int, tables: str, tmp_path: Path) -> None:
    schema = rf.Schema(
        request=[rf.Categorical("r", buckets=9, type="int")],
        item=[rf.Categorical("i", buckets=9, type="int")],
        pair=[rf.Categorical("shelf", buckets=9, type="int"), rf.Bag("shared", buckets=99, type="int", pooling="mean")],
        key="sku",
    )
    rows = make_rows(schema, 37, 3)
    assert rows.pair is not None
    rng = np.random.default_rng(dim)
    rows.pair["shared"] = [rng.integers(0, 99, n).tolist() for n in [0, 1000, 1, *rng.integers(0, 9, 34)]]
    device, cpu = both(MODELS["DeepFM"](schema, dim).eval(), rows, tmp_path, tables=tables)
    wanted = {"candidates": rows.items["sku"], "k": 40, "pair": rows.pair}
    assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted))


@pytest.mark.parametrize("temperature", [None, 0.2])
def test_two_towers(temperature: float | None, tmp_path: Path) -> None:
    schema = make_schema(pair=False)
    rows = make_rows(schema, 1000, 4)
    device, cpu = both(TwoTower(schema, dim=8, hidden=(16,), temperature=temperature).eval(), rows, tmp_path)
    assert_same(device.rank(rows.request, rows.items["sku"], k=30), cpu.rank(rows.request, rows.items["sku"], k=30))
    assert_same(device.recommend(rows.request, k=30), cpu.recommend(rows.request, k=30))


@pytest.mark.parametrize("kind", [EASE, ItemKNN])
def test_linear_item_models(kind: Any, tmp_path: Path) -> None:
    items = [f"s{i}" for i in range(30)]
    schema = rf.Schema(
        request=[rf.WeightedBag("bought", table="sku", transform="log1p")],
        item=[rf.Categorical("sku", buckets=1, vocabulary=tuple(items))],
        key="sku",
    )
    model = kind(schema)
    rng = np.random.default_rng(0)
    maps = [{f"s{i}": int(rng.integers(1, 9)) for i in rng.permutation(30)[:6]} for _ in range(40)]
    fit_items(model, {"bought": maps})
    rows = Rows({"bought": maps[0]}, {"sku": items}, None)
    device, cpu = both(model, rows, tmp_path)
    assert_same(device.rank(rows.request, items, k=30), cpu.rank(rows.request, items, k=30))


def test_ties_go_to_the_earlier_row(tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 3000, 2)
    for name, column in rows.items.items():
        if name != "sku":
            column[:] = [column[0]] * 3000
    device, _ = both(MODELS["MLP"](make_schema(pair=False), 16).eval(), rows, tmp_path)
    assert device.rank(rows.request, rows.items["sku"][::-1], k=700).ids.tolist() == list(range(700))


def test_versions_filters_exclusions_and_batches(tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 2000, 9)
    device, cpu = both(MODELS["DeepFM"](make_schema(pair=False), 16).eval(), rows, tmp_path)
    wanted: dict[str, Any] = {"k": 40, "where": rf.col("price") < 0.3, "exclude": [3, 4, 99999]}

    def compare() -> None:
        assert_same(device.recommend(rows.request, **wanted), cpu.recommend(rows.request, **wanted))
        batch = {"candidates": [[5, 6, 7], [8, 1999]], "k": 2, "missing": "skip", "threads": 2}
        many, expected = (r.rank_batch([rows.request] * 2, **batch) for r in (device, cpu))
        assert many.ids.tolist() == expected.ids.tolist()

    compare()
    catalog = device.catalog
    catalog.upsert({n: [5, 7000] if n == "sku" else v[10:12] for n, v in rows.items.items()})
    compare()
    catalog.remove([7, 8])
    compare()
    for first in range(0, 2000, 500):  # more blocks than the first region has room for
        new = {n: [x + 10_000 + first for x in v[:900]] if n == "sku" else v[:900] for n, v in rows.items.items()}
        catalog.upsert(new)
        compare()
    catalog.replace({n: v[:300] for n, v in rows.items.items()})
    compare()


def test_too_little_memory_makes_smaller_tiles_and_then_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "RECFAST_EMULATOR_ORDER" not in os.environ:
        pytest.skip("the emulator's memory can be made small")
    rows = make_rows(make_schema(pair=False), 5000, 1)
    device, cpu = both(MODELS["MLP"](make_schema(pair=False), 16).eval(), rows, tmp_path)
    wanted = {"candidates": rows.items["sku"], "k": 10}
    assert "16,384 candidates at a time" in repr(device)
    monkeypatch.setenv("RECFAST_EMULATOR_MEMORY", str(2 << 20))
    assert_same(device.rank(rows.request, **wanted), cpu.rank(rows.request, **wanted))
    assert any(f"{most:,} candidates at a time" in repr(device) for most in (4096, 2048, 1024))
    served = device.model
    monkeypatch.setenv("RECFAST_EMULATOR_MEMORY", str(20_000))
    with pytest.raises(rf.DeviceError, match=r"bytes.*cudaErrorMemoryAllocation"):
        rf.Ranker(served, rf.Catalog(served, rows.items)).rank(rows.request, **wanted)


def test_after_a_fork_the_child_is_told(tmp_path: Path) -> None:
    rows = make_rows(make_schema(pair=False), 10, 1)
    device, _ = both(MODELS["MLP"](make_schema(pair=False), 16).eval(), rows, tmp_path)
    assert "CUDA does not survive a fork" in device_error_in_a_child(
        lambda: device.rank(rows.request, rows.items["sku"], k=1)
    )
