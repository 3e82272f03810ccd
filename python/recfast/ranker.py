"""The ranker: raw request features and candidate ids in, the best k out, in one native call that holds no GIL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from . import _core
from .arguments import check_device, check_k, check_threads, skips
from .catalog import Catalog
from .filters import Expression, core_of
from .model import Model
from .topk import TopK

if TYPE_CHECKING:
    from .engines import StoredEngine


class Ranker:
    """A model and a catalogue, ready to rank; free to share between threads.

    The score of an item is the model's logit. The order is score descending, then earlier catalogue row.

    Args:
        model: the model.
        catalog: a catalogue that was made with this model.
        device: where candidates are scored and selected: "cpu" or "cuda", the model's device unless given. On "cuda"
            item rows stay in the device's memory, in the catalogue's dtype; a call that finds a new version of the
            catalogue first uploads the blocks that changed. Requests are encoded, item sides computed and filters
            evaluated on the CPU all the same. The order is the same; scores differ by float rounding. Where more than
            1,024 are asked for, the CPU selects them. A call occupies one stream, whatever its `threads`.
        engine: what scores on "cuda": one of `model.engines` of the pair side; None: recfast's own kernels; "auto": the
            first such engine that can be opened here, else the kernels, and why is logged by `recfast.engines`. Scores
            are then the engine's, as precise as it is (f16, i8). Takes a model that was loaded with device="cuda". One
            that does not fit this device is built first, which may take minutes, and cached.

    Attributes:
        device: "cpu" or "cuda".
        engine: the engine that scores; None: recfast's own kernels.

    Raises:
        ValueError: the catalogue was made with another model; the model has a part that the device does not run; an
            engine of another model, or with another device than "cuda".
        TypeError: `catalog` is no Catalog, `engine` no engine.
        ImportError: the package of a given engine is not installed.
        recfast.engines.EngineError: a given engine cannot be opened here.
        DeviceError: device="cuda" without a device, and why; its memory is not enough. Calls raise it, too, after a
            fork.

    Example:
        >>> import recfast as rf
        >>> model = rf.load("shop.recfast")
        >>> catalog = rf.Catalog(model, {"sku": ["a", "b"], "brand": ["acme", None], "price": [9.5, 3.0]})
        >>> ranker = rf.Ranker(model, catalog)
        >>> sorted(ranker.rank({"country": "de"}, candidates=["b", "a"], k=5).ids)
        ['a', 'b']
    """

    def __init__(
        self,
        model: Model,
        catalog: Catalog,
        *,
        device: Literal["cpu", "cuda"] | None = None,
        engine: StoredEngine | Literal["auto"] | None = "auto",
    ) -> None:
        """Bind the model to its catalogue."""
        if not isinstance(catalog, Catalog):
            raise TypeError(f"catalog is a recfast.Catalog, got {type(catalog).__name__}")
        if catalog.model is not model:
            raise ValueError("the catalogue was made with another model; make it with Catalog(model, items)")
        self.model = model
        self.catalog = catalog
        self.device = check_device(model.device if device is None else device)
        self.engine: StoredEngine | None = None
        if self.device == "cpu":
            if engine not in (None, "auto"):
                raise ValueError("engine= needs device='cuda'")
            self._core = _core.Ranker(catalog._core)
            return
        chosen = self._choose(engine)
        if chosen is None:
            self._core = _core.Ranker(catalog._core, True)
        else:
            self.engine, opened, inputs = chosen
            self._core = _core.Ranker(catalog._core, True, opened, inputs)

    def _choose(self, wanted: StoredEngine | Literal["auto"] | None) -> tuple[StoredEngine, Any, Any] | None:
        """The engine that scores, opened, with what it reads; its room is not imported where there is none."""
        if wanted is None or (wanted == "auto" and not self.model.engines):
            return None
        from .engines.choosing import choose_engine, described_inputs

        if self.model.device != "cuda":
            if wanted == "auto":
                return None
            raise ValueError("engine= needs a model that was loaded with device='cuda'")
        chosen = choose_engine(self.model, wanted)
        return None if chosen is None else (*chosen, described_inputs(chosen[0]))

    @property
    def graph_launches(self) -> int:
        """How often a call, or a part of a large one, was a single launch of a recorded CUDA graph; 0 on the CPU."""
        return self._core.graph_launches

    def rank(
        self,
        request: Any,
        candidates: Any = None,
        *,
        items: Any = None,
        k: int,
        where: Expression | None = None,
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
            where: a filter over the attributes of the items, such as `rf.col("price") < 50`; candidates for which it is
                not true do not come back.
            exclude: ids that may not come back; unknown ones are ignored and counted.
            pair: a table with the pair columns of the schema, one row per candidate in order.
            missing: "error" raises on unknown candidates, "skip" leaves them out and counts them.

        Returns:
            TopK with min(k, eligible) ids, best first.

        Raises:
            KeyError: unknown candidates; names the first ones.
            ValueError: k < 1, a missing or unknown feature, both or none of candidates and items, pair rows that do not
                fit, an attribute that the items do not have.
            TypeError: a value has the wrong type, or a filter compares an attribute with another type; names the
                feature or attribute and the remedy.

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
        return TopK(
            *self._core.rank(
                request, candidates, items, check_k(k), exclude, pair, skips(missing), 1, core_of(where), 0
            )
        )

    def rank_batch(
        self,
        requests: Sequence[Any],
        candidates: Any = None,
        *,
        items: Any = None,
        k: int,
        where: Expression | None = None,
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
            where: a filter over the attributes of the items, for all requests.
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
                requests,
                candidates,
                items,
                check_k(k),
                exclude,
                pair,
                skips(missing),
                check_threads(threads),
                core_of(where),
            )
        )

    def recommend(
        self,
        request: Any,
        *,
        k: int,
        where: Expression | None = None,
        exclude: Any = None,
        retrieve: int | None = None,
        threads: int = 1,
    ) -> TopK:
        """Find the best items of the whole catalogue for one request.

        Where the score of an item is one product of a request's vector with an item's, plus numbers of either (two
        towers, a factorisation machine), the best are found by a search over the vectors, and are the same, with the
        same scores, as if every item were ranked. Any other model ranks every eligible item; or, with `retrieve`, the
        best of them by that part of its score (a DeepFM's FM term) alone.

        Args:
            request: as in `rank`.
            k: how many to return at most, at least 1.
            where: a filter over the attributes of the items, such as `rf.col("price") < 50`; nothing else comes back.
            exclude: ids that may not come back, such as what the user has seen; unknown ones are ignored, and counted
                in the result's `ignored`.
            retrieve: how many items go on to the ranker, at least k. The answer is then not certified, unless all go
                on: what the retrieval leaves out might have been among the best. `recfast_training.evaluate_cascade`
                measures how much that loses. Models whose score is one product need no such number, and answer exactly
                all the same.
            threads: how many threads work at most, in [1, 1024]; they live as long as the call.

        Returns:
            TopK with min(k, eligible) ids, best first; rescored says how many vectors were scored exactly.

        Raises:
            ValueError: k < 1, retrieve < k, threads out of range, a missing or unknown feature, an attribute that the
                items do not have; retrieve for a model without such a part; the model has pair columns, which only
                `rank` takes.
            TypeError: a value has the wrong type, or a filter compares an attribute with another type; names the
                feature or attribute and the remedy.

        Example:
            >>> import recfast as rf
            >>> model = rf.load("shop.recfast")
            >>> items = {"sku": ["a", "b", "c"], "brand": ["x", "y", "y"], "price": [1.0, 2.0, 9.0]}
            >>> ranker = rf.Ranker(model, rf.Catalog(model, items))
            >>> ranker.recommend({"country": "de"}, k=10, where=rf.col("price") < 5, exclude=["a"]).ids.tolist()
            ['b']
        """
        if self.model.schema.pair_columns:
            raise ValueError(
                f"the model has the pair columns {list(self.model.schema.pair_columns)}, which are given per candidate:"
                " use rank(..., candidates=..., pair=...)"
            )
        count = check_k(k)
        some = 0
        if retrieve is not None:
            some = check_k(retrieve, "retrieve")
            if some < count:
                raise ValueError(f"retrieve must be at least k = {count}, got {retrieve}")
        return TopK(
            *self._core.rank(
                request, None, None, count, exclude, None, False, check_threads(threads), core_of(where), some
            )
        )

    def __repr__(self) -> str:
        """Name the model's file and the catalogue."""
        most = self._core.most_rows
        by = "recfast's kernels" if self.engine is None else self.engine.key
        where = "" if most is None else f", device='cuda' ({by}, {most:,} candidates at a time)"
        return f"Ranker({str(self.model.path)!r}, {self.catalog!r}{where})"
