"""Latency of ranking, recfast beside ONNX Runtime on the same network; the results are compared before the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import recfast as rf

from ..encode import encode

CANDIDATES, TOP_K, ROUNDS, WARM_UP = 1000, 50, 300, 20
TOLERANCE = 1e-4  # of a logit, relative to 1 + |logit|


@dataclass(frozen=True)
class Latency:
    """Times of interleaved rounds.

    Attributes:
        recfast_us: p50 and p99 in microseconds, from the raw request and candidate ids to the best 50.
        onnxruntime_us: the same for ONNX Runtime, from encoded arrays to the best 50.
        ratio: median over rounds of ONNX Runtime's time over recfast's.
        max_error: the largest difference of two logits, relative to 1 + |logit|.
    """

    recfast_us: tuple[float, float]
    onnxruntime_us: tuple[float, float]
    ratio: float
    max_error: float


def compare_latency(model: rf.Model, onnx: Path, items: pa.Table, requests: pa.Table, *, seed: int) -> Latency:
    """Rank the same 1,000 candidates per round with both, one thread each.

    Args:
        model: the served model.
        onnx: the same network as ONNX.
        items: the catalogue.
        requests: requests to take turns with.
        seed: of the candidates.

    Returns:
        Times and the largest error.

    Raises:
        AssertionError: the results differ by more than the tolerance.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
    names = {entry.name for entry in session.get_inputs()}
    ranker = rf.Ranker(model, rf.Catalog(model, items))
    rng = np.random.default_rng(seed)
    ids = items["product_id"].to_numpy()
    rounds = []
    for i in range(min(16, requests.num_rows)):
        chosen = rng.permutation(items.num_rows)[:CANDIDATES]
        request = requests.slice(i, 1).combine_chunks()
        encoded = encode(model.schema, _rows_of(request, items.take(chosen)))
        feeds = {name: array for name, array in encoded.items() if name in names}
        rounds.append(_Round(request, ids[chosen], feeds))
    error = max(_compare(ranker, session, r) for r in rounds)
    times = _interleave(
        rounds,
        [
            lambda r: ranker.rank(r.request, candidates=r.candidates, k=TOP_K),
            lambda r: _best(session.run(None, r.feeds)[0]),
        ],
    )
    mine, theirs = (times[:, i] / 1e3 for i in range(2))
    return Latency(_p50_p99(mine), _p50_p99(theirs), float(np.median(theirs / mine)), error)


@dataclass(frozen=True)
class _Round:
    request: pa.Table
    candidates: npt.NDArray[np.int64]
    feeds: dict[str, npt.NDArray[Any]]


def _rows_of(request: pa.Table, items: pa.Table) -> pa.Table:
    """One row per item, the request's columns repeated."""
    same = pa.array(np.zeros(items.num_rows, np.int64))
    columns = {name: request[name].take(same) for name in request.column_names}
    return pa.table(columns | {name: items[name] for name in items.column_names})


def _best(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Rows of the best 50, by the usual numpy idiom."""
    flat = logits.reshape(-1)
    some = np.argpartition(-flat, TOP_K)[:TOP_K]
    return np.asarray(some[np.argsort(-flat[some], kind="stable")])


def _compare(ranker: rf.Ranker, session: Any, r: _Round) -> float:
    top = ranker.rank(r.request, candidates=r.candidates, k=CANDIDATES)
    logits = session.run(None, r.feeds)[0].reshape(-1)
    order = np.argsort(r.candidates)
    theirs = logits[order[np.searchsorted(r.candidates[order], top.ids)]]
    error = float(np.max(np.abs(top.scores - theirs) / (1 + np.abs(theirs))))
    assert error <= TOLERANCE, f"recfast and ONNX Runtime differ by {error:.2e}"
    return error


def _interleave(rounds: Sequence[_Round], calls: Sequence[Callable[[_Round], Any]]) -> npt.NDArray[np.int64]:
    """Nanoseconds [ROUNDS, calls]."""
    times = np.zeros((WARM_UP + ROUNDS, len(calls)), np.int64)
    for i in range(len(times)):
        r = rounds[i % len(rounds)]
        for j, call in enumerate(calls):
            start = time.perf_counter_ns()
            call(r)
            times[i, j] = time.perf_counter_ns() - start
    return times[WARM_UP:]


def _p50_p99(times: npt.NDArray[np.floating]) -> tuple[float, float]:
    return float(np.median(times)), float(np.quantile(times, 0.99))
