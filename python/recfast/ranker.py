"""The ranker: raw request features and candidate ids in, the best k out, in one native call that holds no GIL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from . import _core
from .arguments import check_k, check_threads, skips
from .catalog import Catalog
from .model import Model
from .topk import TopK


class Ranker:
    """A model and a catalogue, ready to rank; free to share between threads.

    The score of an item is the model's logit. The order is score descending, then earlier catalogue row.

    Args:
        model: the model.
        catalog: a catalogue that was made with this model.

    Raises:
        ValueError: the catalogue was made with another model.

    Example:
        >>> import recfast as rf
        >>> model = rf.load("shop.recfast")
        >>> catalog = rf.Catalog(model, {"sku": ["a", "b"], "brand": ["acme", None], "price": [9.5, 3.0]})
        >>> ranker = rf.Ranker(model, catalog)
        >>> sorted(ranker.rank({"country": "de"}, candidates=["b", "a"], k=5).ids)
        ['a', 'b']
    """

    def __init__(self, model: Model, catalog: Catalog) -> None:
        """Bind the model to its catalogue."""
        if catalog.model is not model:
            raise ValueError("the catalogue was made with another model; make it with Catalog(model, items)")
        self.model = model
        self.catalog = catalog
        self._core = _core.Ranker(catalog._core)

    def rank(
        self,
        request: Any,
        candidates: Any = None,
        *,
        items: Any = None,
        k: int,
        exclude: Any = None,
        pair: Any = None,
        missing: Literal["error", "skip"] = "error",
    ) -> TopK:
        """Rank candidates of the catalogue, or items that are not in it, for one request.

        Args:
            request: a dict with one raw value per request feature, and a dict or an Arrow map per map of a Match
                feature; None is missing. Or an Arrow table of one row: `table.slice(i, 1)`, without copies.
            candidates: ids of catalogue items, N of them: a list, numpy array or Arrow column. One that comes twice is
                ranked once.
            items: instead of candidates, a table of N raw items with the key column, as in `Catalog`.
            k: how many to return at most, at least 1.
            exclude: ids that may not come back; unknown ones are ignored and counted.
            pair: a table with the pair columns of the schema, one row per candidate in order.
            missing: "error" raises on unknown candidates, "skip" leaves them out and counts them.

        Returns:
            TopK with min(k, eligible) ids, best first.

        Raises:
            KeyError: unknown candidates; names the first ones.
            ValueError: k < 1, a missing or unknown feature, both or none of candidates and items, pair rows that do not
                fit.
            TypeError: a value has the wrong type; names the feature and the remedy.

        Example:
            >>> import recfast as rf
            >>> model = rf.load("shop.recfast")
            >>> items = {"sku": ["a", "b"], "brand": ["x", "y"], "price": [1.0, 2.0]}
            >>> ranker = rf.Ranker(model, rf.Catalog(model, items))
            >>> top = ranker.rank({"country": "de"}, candidates=["a", "b", "zzz"], k=1, missing="skip")
            >>> len(top.ids), top.skipped
            (1, 1)
            >>> fresh = {"sku": ["new"], "brand": ["x"], "price": [3.0]}
            >>> ranker.rank({"country": "de"}, items=fresh, k=1).ids.tolist()
            ['new']
        """
        if (candidates is None) == (items is None):
            raise ValueError("give either candidates= (ids of the catalogue) or items= (a table of raw items)")
        return TopK(*self._core.rank(request, candidates, items, check_k(k), exclude, pair, skips(missing), 1))

    def rank_batch(
        self,
        requests: Sequence[Any],
        candidates: Any = None,
        *,
        items: Any = None,
        k: int,
        exclude: Any = None,
        pair: Any = None,
        missing: Literal["error", "skip"] = "error",
        threads: int = 1,
    ) -> TopK:
        """Rank for many requests at once, all on one version of the catalogue.

        Args:
            requests: B requests, each as in `rank`.
            candidates: a flat sequence of ids, the same for all requests, or a list of B sequences, one for each.
            items: instead of candidates, one table of raw items for all requests; its item side is computed once.
            k: how many to return at most per request, at least 1.
            exclude: a flat sequence of ids for all requests, or a list of B sequences.
            pair: a list of B tables with the pair columns, or one table for all.
            missing: "error" raises on unknown candidates, "skip" leaves them out and counts them.
            threads: how many threads rank at most, in [1, 1024]; they live as long as the call.

        Returns:
            TopK with ids [B, K'], padded with -1 or None, and the true lengths in counts, int64 [B]; K' is the longest.
            skipped and ignored are sums.

        Raises:
            KeyError, ValueError, TypeError: as in `rank`, naming the place of the request; threads out of range.

        Example:
            >>> import recfast as rf
            >>> model = rf.load("shop.recfast")
            >>> items = {"sku": ["a", "b"], "brand": ["x", "y"], "price": [1.0, 2.0]}
            >>> ranker = rf.Ranker(model, rf.Catalog(model, items))
            >>> top = ranker.rank_batch([{"country": "de"}, {"country": "fr"}], [["a"], ["b", "a"]], k=5, threads=2)
            >>> top.ids.shape, top.counts.tolist()
            ((2, 2), [1, 2])
        """
        if (candidates is None) == (items is None):
            raise ValueError("give either candidates= (ids of the catalogue) or items= (a table of raw items)")
        if isinstance(requests, (str, bytes, Mapping)) or not isinstance(requests, Sequence):
            raise TypeError(f"requests is a sequence of requests, got {type(requests).__name__}")
        return TopK(
            *self._core.rank_batch(
                requests, candidates, items, check_k(k), exclude, pair, skips(missing), check_threads(threads)
            )
        )

    def recommend(self, request: Any, *, k: int, exclude: Any = None, threads: int = 1) -> TopK:
        """Rank the whole catalogue for one request.

        Args:
            request: as in `rank`.
            k: how many to return at most, at least 1.
            exclude: ids that may not come back; unknown ones are ignored and counted.
            threads: how many threads rank at most, in [1, 1024]; they live as long as the call.

        Returns:
            TopK with min(k, eligible) ids, best first.

        Raises:
            ValueError: k < 1, threads out of range, a missing or unknown feature, or the model has pair columns, which
                only `rank` takes.
            TypeError: a value has the wrong type; names the feature and the remedy.

        Example:
            >>> import recfast as rf
            >>> model = rf.load("shop.recfast")
            >>> items = {"sku": ["a", "b"], "brand": ["x", "y"], "price": [1.0, 2.0]}
            >>> ranker = rf.Ranker(model, rf.Catalog(model, items))
            >>> ranker.recommend({"country": "de"}, k=10, exclude=["a"]).ids.tolist()
            ['b']
        """
        if self.model.schema.pair_columns:
            raise ValueError(
                f"the model has the pair columns {list(self.model.schema.pair_columns)}, which are given per candidate:"
                " use rank(..., candidates=..., pair=...)"
            )
        return TopK(*self._core.rank(request, None, None, check_k(k), exclude, None, False, check_threads(threads)))

    def __repr__(self) -> str:
        """Name the model's file and the catalogue."""
        return f"Ranker({str(self.model.path)!r}, {self.catalog!r})"
