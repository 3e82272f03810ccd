"""The catalogue: the items of a shop, with everything about them computed ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import _core
from .filters import attribute_names
from .model import Model


@dataclass(frozen=True)
class CatalogMemory:
    """What the versions of a catalogue hold in memory.

    Attributes:
        current_bytes: the current version: its rows (item side, Match keys, fingerprints), ids, attributes with the
            strings of their dictionaries, and what `recommend` searches (codes and bounds of the item vectors, and
            copies of them where the item side is not stored in f32).
        older_bytes: the same parts that only older versions hold, which calls still read; and those of the next one,
            while it is being built.
        spare_bytes: what the next versions take without asking the system for memory, and attributes that later
            versions replaced, where their memory is of one piece with some in use.
        versions: how many versions are alive, the current one included.

    Example:
        >>> import recfast as rf
        >>> catalog = rf.Catalog(rf.load("shop.recfast"), {"sku": ["a"], "brand": ["x"], "price": [1.0]})
        >>> memory = catalog.memory()
        >>> memory.versions, memory.older_bytes
        (1, 0)
    """

    current_bytes: int
    older_bytes: int
    spare_bytes: int
    versions: int


class Catalog:
    """The items that a Ranker chooses from, with the item side of the model precomputed per row.

    Readers never wait: `upsert`, `remove` and `replace` build the next version beside the current one and publish it
    at once; a running call finishes on the version that it began with. A version costs what it changes: all other
    blocks of 256 rows are shared with the one before, and an item whose features are encoded as before keeps its item
    side.

    Args:
        model: the model whose item side is precomputed.
        items: a table with one row per item: the key column, every item feature, and the keys of the Match features.
            May have no rows.
        dtype: how the item side is stored: "f32" as it is; "f16" in half of the memory; "i8" in about a quarter, each
            stored vector with its own scale. Fewer bytes per item are faster to gather from a large catalogue; scores
            move a little: see `error`. What may enter a score as it is (a bias, an FM term) stays f32.
        attributes: the columns of `items` that filters (`where=`) may ask about. By default all that can be, but the
            key: numbers, booleans, strings, points in time, and lists of integers or strings. Upserts and replacements
            bring these columns, too. A filter that asks about a column of another kind is told so.

    Attributes:
        dtype: as given.
        error: how far `dtype` moves scores: the largest |difference| / (1 + |score|) over the rows that the file of the
            model recorded, measured when the catalogue is made; 0.0 for "f32".

    Raises:
        ValueError: a column is missing, a key is null or comes twice; another dtype; the item side does not fit it; a
            named attribute is no column.
        FormatError: a dtype other than "f32" for a file without recorded rows, on which its error could be measured.
        TypeError: a column has the wrong type, or a named attribute cannot be one; names the feature and the remedy.
            `model` is no Model.

    Example:
        >>> import recfast as rf
        >>> model = rf.load("shop.recfast")
        >>> catalog = rf.Catalog(model, {"sku": ["a", "b"], "brand": ["acme", None], "price": [9.5, 3.0]})
        >>> len(catalog)
        2
    """

    def __init__(
        self,
        model: Model,
        items: Any,
        dtype: Literal["f32", "f16", "i8"] = "f32",
        attributes: Sequence[str] | None = None,
    ) -> None:
        """Encode the items and run the model's item side."""
        if dtype not in ("f32", "f16", "i8"):
            raise ValueError(f'dtype is "f32", "f16" or "i8", got {dtype!r}')
        if not isinstance(model, Model):
            raise TypeError(f"model is a recfast.Model, which recfast.load returns; got {type(model).__name__}")
        self.model = model
        self.dtype = dtype
        self._core = _core.Catalog(model._executor, items, dtype, attribute_names(attributes))
        self.error = 0.0 if dtype == "f32" else model._item_error(dtype)

    @property
    def version(self) -> int:
        """Number of the current version, from 1; every upsert, remove and replace adds one."""
        return self._core.version

    @property
    def ids(self) -> Any:
        """The ids in catalogue order: int64 [N], or object [N] of str."""
        return self._core.ids()

    @property
    def size_bytes(self) -> int:
        """Memory of the rows of the current version, in bytes: item side, Match keys and fingerprint of each.

        `memory` counts everything.
        """
        return self._core.size_bytes

    def upsert(self, items: Any) -> int:
        """Add items, or replace those whose key is there already; a replaced item keeps its place.

        Args:
            items: a table as in the constructor.

        Returns:
            The new version.

        Raises:
            ValueError: a column is missing, a key is null, or keys come twice in `items`: they are named.
            TypeError: a column has the wrong type, or the keys are not of the catalogue's type.

        Example:
            >>> import recfast as rf
            >>> catalog = rf.Catalog(rf.load("shop.recfast"), {"sku": ["a"], "brand": ["x"], "price": [1.0]})
            >>> catalog.upsert({"sku": ["a", "b"], "brand": ["x", "y"], "price": [2.0, 3.0]})
            2
            >>> catalog.ids.tolist()
            ['a', 'b']
        """
        return self._core.upsert(items)

    def remove(self, ids: Any) -> int:
        """Remove items; ids that are not there are ignored. An item that is added again comes last.

        Args:
            ids: a sequence or column of ids.

        Returns:
            The new version.

        Raises:
            TypeError: the ids are not of the catalogue's type.

        Example:
            >>> import recfast as rf
            >>> catalog = rf.Catalog(rf.load("shop.recfast"), {"sku": ["a"], "brand": ["x"], "price": [1.0]})
            >>> catalog.remove(["a", "zzz"]), len(catalog)
            (2, 0)
        """
        return self._core.remove(ids)

    def replace(self, items: Any) -> int:
        """Put another table in place of all items, in its order: one version, however much changes.

        Args:
            items: a table as in the constructor. Items whose features are encoded as they were are not computed again.

        Returns:
            The new version.

        Raises:
            ValueError: a column is missing, a key is null, or keys come twice in `items`: they are named.
            TypeError: a column has the wrong type, or the keys are not of the catalogue's type.

        Example:
            >>> import recfast as rf
            >>> catalog = rf.Catalog(rf.load("shop.recfast"), {"sku": ["a"], "brand": ["x"], "price": [1.0]})
            >>> catalog.replace({"sku": ["c", "b"], "brand": ["x", "y"], "price": [2.0, 3.0]})
            2
            >>> catalog.ids.tolist()
            ['c', 'b']
        """
        return self._core.replace(items)

    def memory(self) -> CatalogMemory:
        """Measure what the versions hold: memory returns when the last call that reads an old version has finished.

        Not counted: the model, and what the last filters evaluated to (64 at most, a bit per item each).

        Returns:
            CatalogMemory, in bytes. While other threads write and read, the numbers are of slightly different moments.

        Example:
            >>> import recfast as rf
            >>> catalog = rf.Catalog(rf.load("shop.recfast"), {"sku": ["a"], "brand": ["x"], "price": [1.0]})
            >>> catalog.upsert({"sku": ["a"], "brand": ["x"], "price": [2.0]})
            2
            >>> catalog.memory().versions
            1
        """
        return CatalogMemory(*self._core.memory())

    def __len__(self) -> int:
        """Return the number of items in the current version."""
        return len(self._core)

    def __repr__(self) -> str:
        """Name the size and the version."""
        key, size = self.model.schema.key, self.size_bytes / 1e6
        return f"Catalog({len(self):,} items by {key!r}, version {self.version}, {self.dtype}, {size:.1f} MB)"
