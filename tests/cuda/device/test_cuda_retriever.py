"""Retrievers on a device against Retrievers on the CPU: the same ids and scores, bit for bit."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import recfast as rf

from .fork import device_error_in_a_child

pytestmark = pytest.mark.gpu
Floats = npt.NDArray[np.float32]


def random(rng: np.random.Generator, rows: int, dim: int) -> Floats:
    return rng.standard_normal((rows, dim), dtype=np.float32)


def tied(rng: np.random.Generator, rows: int, dim: int) -> Floats:
    return rng.integers(-1, 2, (rows, dim)).astype(np.float32)


def tiny(rng: np.random.Generator, rows: int, dim: int) -> Floats:
    return random(rng, rows, dim) * np.float32(1e-38) * rng.integers(0, 2, (rows, 1)).astype(np.float32)


def huge(rng: np.random.Generator, rows: int, dim: int) -> Floats:
    return random(rng, rows, dim) * np.float32(1e37)


def mixed(rng: np.random.Generator, rows: int, dim: int) -> Floats:
    return random(rng, rows, dim) * np.float32(10.0) ** rng.integers(-30, 31, (rows, 1)).astype(np.float32)


KINDS = {make.__name__: make for make in (random, tied, tiny, huge, mixed)}


def both(vectors: Floats, **options: Any) -> tuple[rf.Retriever, rf.Retriever]:
    return rf.Retriever(vectors, device="cuda", **options), rf.Retriever(vectors, **options)


def assert_same(device: rf.TopK, cpu: rf.TopK) -> None:
    np.testing.assert_array_equal(device.ids, cpu.ids)
    np.testing.assert_array_equal(device.scores, cpu.scores)
    assert (device.skipped, device.ignored) == (cpu.skipped, cpu.ignored)
    if cpu.counts is not None:
        np.testing.assert_array_equal(device.counts, cpu.counts)


@pytest.mark.parametrize("metric", ["inner_product", "cosine"])
@pytest.mark.parametrize(("dim", "kind"), list(zip((1, 7, 16, 33, 64, 128), (*KINDS, "random"), strict=True)))
def test_the_best_are_the_cpus(dim: int, kind: str, metric: Any) -> None:
    rng = np.random.default_rng(dim)
    for rows in (0, 1, 31, 32, 33, 1000):
        vectors = KINDS[kind](rng, rows, dim)
        bias = rng.standard_normal(rows, dtype=np.float32) if rows % 2 else None
        device, cpu = both(vectors, metric=metric, bias=bias)
        queries = KINDS[kind](rng, 5, dim)
        for k in (1, 20, 900):
            assert_same(device.search(queries[0], k=k), cpu.search(queries[0], k=k))
        assert_same(device.search(queries, k=7), cpu.search(queries, k=7))
        assert_same(device.search(np.zeros(dim, np.float32), k=9), cpu.search(np.zeros(dim, np.float32), k=9))


def test_many_rows_and_queries() -> None:
    rng = np.random.default_rng(3)
    vectors = random(rng, 5000, 33)
    device, cpu = both(vectors, ids=[f"p{i}" for i in range(5000)], dtype="f16")
    queries = random(rng, 20, 33)
    assert_same(device.search(queries, k=100), cpu.search(queries, k=100))
    assert_same(device.similar("p4321", k=30), cpu.similar("p4321", k=30))
    apart = np.full((5000, 40), np.float32(9))
    apart[:, 5:38] = vectors
    assert_same(
        device.search(queries[0], k=10),
        both(apart[:, 5:38], ids=[f"p{i}" for i in range(5000)])[0].search(queries[0], k=10),
    )


def test_filters_exclusions_and_candidates() -> None:
    rng = np.random.default_rng(4)
    price = rng.random(3000)
    device, cpu = both(random(rng, 3000, 16), attributes={"price": price}, bias=random(rng, 1, 3000)[0])
    queries = random(rng, 4, 16)
    for share in (0.0, 0.001, 0.02, 0.5, 1.1):
        where = rf.col("price") < share
        for k in (1, 50, 900):
            assert_same(device.search(queries, k=k, where=where), cpu.search(queries, k=k, where=where))
        assert len(device.search(queries[0], k=5000, where=where).ids) == int((price < share).sum())
    wanted: dict[str, Any] = {"k": 30, "where": rf.col("price") < 0.5, "exclude": [[1, 2], [], [9_999], [5]]}
    assert_same(device.search(queries, **wanted), cpu.search(queries, **wanted))
    wanted = {"k": 30, "candidates": [*range(40), 77_777], "missing": "skip"}
    assert_same(device.search(queries, **wanted), cpu.search(queries, **wanted))
    everything = list(range(3000))
    assert len(device.search(queries[0], k=3, exclude=everything).ids) == 0


def test_what_the_bounds_leave_open_goes_to_the_cpu() -> None:
    vectors = np.ones((4000, 8), np.float32)  # no bound tells them apart
    device, cpu = both(vectors)
    found = device.search(vectors[0], k=5)
    assert_same(found, cpu.search(vectors[0], k=5))
    assert found.ids.tolist() == [0, 1, 2, 3, 4]


def test_wrong_arguments_are_refused_as_on_the_cpu() -> None:
    device, _ = both(np.eye(3, dtype=np.float32))
    with pytest.raises(ValueError, match="must be finite"):
        device.search(np.float32([1, np.nan, 0]), k=1)
    with pytest.raises(ValueError, match="k must be"):
        device.search(np.float32([1, 0, 0]), k=0)
    with pytest.raises(ValueError, match=r'device is "cpu" or "cuda"'):
        rf.Retriever(np.eye(3, dtype=np.float32), device="gpu")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="vectors must be finite"):
        rf.Retriever(np.float32([[np.inf]]), device="cuda")


def test_too_little_memory_makes_smaller_passes_and_then_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    if "RECFAST_EMULATOR_ORDER" not in os.environ:
        pytest.skip("the emulator's memory can be made small")
    rng = np.random.default_rng(5)
    vectors, queries = random(rng, 9000, 16), random(rng, 3, 16)
    device, cpu = both(vectors)
    monkeypatch.setenv("RECFAST_EMULATOR_MEMORY", str(1 << 20))
    assert_same(device.search(queries, k=40), cpu.search(queries, k=40))
    where = {"candidates": list(range(0, 9000, 3)), "k": 40}
    assert_same(device.search(queries, **where), cpu.search(queries, **where))
    small, _ = both(vectors[:100])
    monkeypatch.setenv("RECFAST_EMULATOR_MEMORY", str(9000))
    with pytest.raises(rf.DeviceError, match=r"vectors at a time.*cudaErrorMemoryAllocation"):
        small.search(queries, k=4)
    with pytest.raises(rf.DeviceError, match="cudaErrorMemoryAllocation"):
        rf.Retriever(vectors, device="cuda")


def test_after_a_fork_the_child_is_told() -> None:
    device, _ = both(np.eye(3, dtype=np.float32))
    assert "this Retriever uses CUDA" in device_error_in_a_child(lambda: device.search(np.float32([1, 0, 0]), k=1))
