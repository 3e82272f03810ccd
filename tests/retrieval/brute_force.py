"""What a retriever must find, scored one dimension after the other in float64; and the vectors that are hard for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def _dots(a: Floats, b: Floats) -> npt.NDArray[np.float64]:
    """Row by row: sums over d ascending of exact products, in float64."""
    total = np.zeros(np.broadcast_shapes(a.shape[:-1], b.shape[:-1]))
    for d in range(a.shape[-1]):
        total += a[..., d].astype(np.float64) * b[..., d].astype(np.float64)
    return total


def scores(vectors: Floats, query: Floats, metric: str = "inner_product", bias: Floats | None = None) -> Floats:
    """float32 [N]."""
    found = _dots(vectors, query)
    if metric == "cosine":
        lengths = np.sqrt(_dots(query, query)) * np.sqrt(_dots(vectors, vectors))
        found = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
    if bias is not None:
        found = found + bias.astype(np.float64)
    with np.errstate(over="ignore"):
        return found.astype(np.float32)


def best(of: Floats, k: int, eligible: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
    """Rows [min(k, eligible)]: score descending, then lower row."""
    rows = np.lexsort((np.arange(len(of)), -of))
    return rows[:k] if eligible is None else rows[eligible[rows]][:k]


def _random(rng: np.random.Generator, n: int, dim: int) -> Floats:
    return rng.standard_normal((n, dim)).astype(np.float32)


def _clustered(rng: np.random.Generator, n: int, dim: int) -> Floats:
    """Few centres, and less between their members than what 8 bits tell apart."""
    centres = _random(rng, max(1, n // 50), dim)
    return centres[rng.integers(0, len(centres), n)] + np.float32(1e-4) * _random(rng, n, dim)


def _tied(rng: np.random.Generator, n: int, dim: int) -> Floats:
    return rng.integers(-2, 3, (n, dim)).astype(np.float32)


def _copies(rng: np.random.Generator, n: int, dim: int) -> Floats:
    return _random(rng, max(1, n // 30), dim)[rng.integers(0, max(1, n // 30), n)]


def _nearly_tied(rng: np.random.Generator, n: int, dim: int) -> Floats:
    """Neighbours in f32: what differs in float64 ties when it is rounded."""
    row = _random(rng, 1, dim)
    return np.nextafter(np.repeat(row, n, axis=0), np.where(rng.random((n, dim)) < 0.5, -np.inf, np.inf).astype("f4"))


def _tiny(rng: np.random.Generator, n: int, dim: int) -> Floats:
    return _random(rng, n, dim) * np.float32(1e-30)


def _huge(rng: np.random.Generator, n: int, dim: int) -> Floats:
    return _random(rng, n, dim) * np.float32(1e30)


def _denormal(rng: np.random.Generator, n: int, dim: int) -> Floats:
    return rng.integers(-9, 10, (n, dim)).astype(np.float32) * np.float32(1e-45)


def _all_sizes(rng: np.random.Generator, n: int, dim: int) -> Floats:
    """Rows of lengths between the smallest and the largest; scores may overflow f32."""
    sizes = 10.0 ** rng.uniform(-44, 37, (n, 1))
    return (rng.uniform(-1, 1, (n, dim)) * sizes).astype(np.float32)


def _outliers(rng: np.random.Generator, n: int, dim: int) -> Floats:
    """One large number per row: nearly nothing is left of the others in 8 bits, where they decide."""
    rows = _random(rng, n, dim)
    rows[:, 0] = 200
    return rows


def _half_steps(rng: np.random.Generator, n: int, dim: int) -> Floats:
    """Everything lies half a step from its code, all errors to the same side or to random ones."""
    rows = (rng.integers(-126, 126, (n, dim)) + 0.5).astype(np.float32)
    rows[:, -1] = 127
    return rows


def _sparse(rng: np.random.Generator, n: int, dim: int) -> Floats:
    return np.where(rng.random((n, dim)) < 0.1, _random(rng, n, dim), np.float32(0))


def _ascending(rng: np.random.Generator, n: int, dim: int) -> Floats:
    """The worst order for queries of ones: every row is better than all before."""
    return np.linspace(0.5, 1, n, dtype=np.float32)[:, None] + np.float32(1e-3) * _random(rng, n, dim)


KINDS = {
    "random": _random,
    "clustered": _clustered,
    "tied": _tied,
    "copies": _copies,
    "nearly tied": _nearly_tied,
    "tiny": _tiny,
    "huge": _huge,
    "denormal": _denormal,
    "all sizes": _all_sizes,
    "outliers": _outliers,
    "half steps": _half_steps,
    "sparse": _sparse,
    "ascending": _ascending,
}


def make_queries(rng: np.random.Generator, vectors: Floats, count: int) -> Floats:
    """Random ones, ones of whole numbers, rows of the catalogue, one of zeros, ones of other sizes: [count, D]."""
    dim = vectors.shape[1]
    queries = _random(rng, count, dim)
    for i in range(count):
        kind = i % 7
        if kind == 1:
            queries[i] = rng.integers(-2, 3, dim)
        elif kind == 2 and len(vectors):
            queries[i] = vectors[rng.integers(len(vectors))]
        elif kind == 3:
            queries[i] = 1
        elif kind == 4:
            queries[i] *= np.float32(10.0 ** rng.uniform(-40, 30))
        elif kind == 5 and i % 2 == 0:
            queries[i] = 0
    return queries
