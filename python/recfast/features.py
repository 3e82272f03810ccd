"""The feature kinds: what a raw column means to a model.

A feature is named by the column that it reads (`Match` reads two columns and is named freely). Null, NaN and infinity
are "missing" everywhere, except in a `Vector`, where they are an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal, TypeAlias, cast

from .feature_checks import check_choice, check_count, check_flag, check_name, check_vocabulary
from .transform import Transforms, normal_transforms

ValueType = Literal["string", "int"]
Pooling = Literal["sum", "mean", "max"]

_MAX_DIM = 2**20


@dataclass(frozen=True)
class Categorical:
    """One value out of many, as a row of an embedding table.

    The row of a value is its place in the vocabulary if it has one there, else
    `V + bucket(value, buckets, seed=hash64(table name))`; null has the last row, `V + buckets`. Unseen values are
    hashed like any other.

    Args:
        name: the column, str or int values.
        buckets: rows of the hashed tail, at least 1.
        type: "string" (str or UTF-8 bytes) or "int" (integers in [-2**63, 2**64)); the other type is a TypeError, and
            so are floats.
        vocabulary: how many of the most frequent values get an exact row of their own (learned by `Schema.fit`), or
            those values themselves.
        table: the feature whose table (rows, vocabulary and seed) this one shares; its own by default.

    Raises:
        ValueError: a size out of range, an unknown type, a value twice in the vocabulary.
        TypeError: a vocabulary of the other type.

    Example:
        >>> Categorical("brand", buckets=1000).rows
        1001
    """

    kind: ClassVar[str] = "categorical"
    name: str
    _: KW_ONLY
    buckets: int
    type: ValueType = "string"
    vocabulary: int | Sequence[str | int] = 0
    table: str = ""

    def __post_init__(self) -> None:
        """Check and normalise the arguments."""
        check_name(self.name)
        check_count(self.name, "buckets", self.buckets, 1)
        check_choice(self.name, "type", self.type, ("string", "int"))
        object.__setattr__(self, "table", self.table or self.name)
        if isinstance(self.vocabulary, int):
            check_count(self.name, "vocabulary", self.vocabulary, 0)
            return
        if isinstance(self.vocabulary, (str, bytes)):
            raise TypeError(f"feature {self.name!r}: the vocabulary is a sequence of values, got one string")
        values = tuple(self.vocabulary)
        check_vocabulary(self.name, values, str if self.type == "string" else int)
        object.__setattr__(self, "vocabulary", values)

    @property
    def fitted(self) -> bool:
        """Whether the vocabulary is known."""
        return self.vocabulary == 0 or not isinstance(self.vocabulary, int)

    @property
    def rows(self) -> int:
        """Rows of its table: vocabulary + buckets + 1 (missing)."""
        head = self.vocabulary if isinstance(self.vocabulary, int) else len(self.vocabulary)
        return head + self.buckets + 1


@dataclass(frozen=True)
class Bucketized:
    """A number, cut at edges into rows of an embedding table.

    The row is the number of edges <= x; missing has the last row, `len(edges) + 1`.

    Args:
        name: the column, numbers.
        edges: ascending finite float64 values, at least one.

    Raises:
        ValueError: edges that are empty, not ascending or not finite.

    Example:
        >>> Bucketized("age", edges=[18, 30, 65]).rows
        5
    """

    kind: ClassVar[str] = "bucketized"
    name: str
    _: KW_ONLY
    edges: Sequence[float]

    def __post_init__(self) -> None:
        """Check and normalise the arguments."""
        check_name(self.name)
        edges = tuple(float(e) for e in self.edges)
        if not edges:
            raise ValueError(f"feature {self.name!r}: edges may not be empty")
        if any(not abs(e) < float("inf") for e in edges) or any(b <= a for a, b in pairwise(edges)):
            raise ValueError(f"feature {self.name!r}: edges are finite and strictly ascending, got {edges}")
        object.__setattr__(self, "edges", edges)

    @property
    def table(self) -> str:
        """The table whose rows it uses: its own."""
        return self.name

    @property
    def fitted(self) -> bool:
        """Always: edges are given."""
        return True

    @property
    def rows(self) -> int:
        """Rows of its table: len(edges) + 1 intervals and one row for missing."""
        return len(self.edges) + 2


@dataclass(frozen=True)
class Numeric:
    """A number that enters the network as it is, or transformed.

    Args:
        name: the column, numbers or booleans.
        transform: None (identity), "log1p", "standardise" (fitted mean and deviation), "clip" (fitted to the 0.1 % and
            99.9 % quantiles), a fitted `Transform`, or a sequence of them, applied in order. Computed in float64.
        missing_indicator: adds a float32 input `<name>_missing` that is 1 where the value is missing.

    A missing value is 0.0 after the transforms.

    Raises:
        ValueError: an unknown transform.

    Example:
        >>> Numeric("price", transform=("log1p", "standardise")).fitted
        False
    """

    kind: ClassVar[str] = "numeric"
    name: str
    _: KW_ONLY
    transform: Transforms = None
    missing_indicator: bool = False

    def __post_init__(self) -> None:
        """Check and normalise the arguments."""
        check_name(self.name)
        check_flag(self.name, "missing_indicator", self.missing_indicator)
        object.__setattr__(self, "transform", normal_transforms(self.name, self.transform))

    @property
    def fitted(self) -> bool:
        """Whether every transform has its parameters."""
        return not any(isinstance(step, str) for step in cast("tuple[Any, ...]", self.transform))


def _check_bag_table(bag: Bag | WeightedBag) -> None:
    """Check what both kinds of bags say about their table; one of their own has their name."""
    check_choice(bag.name, "type", bag.type, ("string", "int"))
    object.__setattr__(bag, "table", bag.table or bag.name)
    if bag.table == bag.name:
        check_count(bag.name, "buckets", bag.buckets, 1)
    elif bag.buckets:
        raise ValueError(f"feature {bag.name!r}: buckets come from the table {bag.table!r}; give only one of both")


@dataclass(frozen=True)
class Bag:
    """A list of values, as pooled rows of an embedding table.

    A null list and an empty list are the empty bag (zeros after pooling); null elements are dropped; unseen values are
    hashed like any other.

    Args:
        name: the column, lists of str or int.
        buckets: rows of the hashed tail, at least 1; not given when `table` names another feature.
        pooling: "sum", "mean" or "max".
        type: "string" or "int", as in `Categorical`; that feature's when `table` names one.
        table: the Categorical whose table (rows, vocabulary, type and seed) this bag shares; its own by default.

    Raises:
        ValueError: neither or both of buckets and table, an unknown pooling or type.

    Example:
        >>> Bag("recent", buckets=1000, pooling="mean").rows
        1001
        >>> Bag("recent", table="product_id").table
        'product_id'
    """

    kind: ClassVar[str] = "bag"
    name: str
    _: KW_ONLY
    buckets: int = 0
    pooling: Pooling = "mean"
    type: ValueType = "string"
    table: str = ""

    def __post_init__(self) -> None:
        """Check and normalise the arguments."""
        check_name(self.name)
        check_choice(self.name, "pooling", self.pooling, ("sum", "mean", "max"))
        _check_bag_table(self)

    @property
    def fitted(self) -> bool:
        """Always: a vocabulary belongs to the Categorical that it shares with."""
        return True

    @property
    def rows(self) -> int:
        """Rows of its own table: buckets + 1 (missing, never used); meaningless when the table is another feature's."""
        return self.buckets + 1


@dataclass(frozen=True)
class WeightedBag:
    """A map from value to weight, as the weighted sum of rows of an embedding table.

    For example how often a household bought each product: `{"p1": 3, "p7": 1}`. A null map and an empty map are the
    empty bag (zeros after pooling); an entry whose weight is missing after the transforms is dropped; unseen keys are
    hashed like any other.

    Args:
        name: the column, maps from str or int to a number.
        buckets: rows of the hashed tail, at least 1; not given when `table` names another feature.
        pooling: "sum" of weight times row, or "mean": that sum divided by the number of entries.
        type: "string" or "int", as in `Categorical`; that feature's when `table` names one.
        table: the Categorical whose table (rows, vocabulary, type and seed) this bag shares; its own by default.
        transform: of the weights, as in `Numeric`, without steps that would have to be fitted.

    Raises:
        ValueError: neither or both of buckets and table, an unknown pooling or type, a transform that needs data.

    Example:
        >>> WeightedBag("bought", table="product_id", transform="log1p").table
        'product_id'
    """

    kind: ClassVar[str] = "weighted_bag"
    name: str
    _: KW_ONLY
    buckets: int = 0
    pooling: Literal["sum", "mean"] = "sum"
    type: ValueType = "string"
    table: str = ""
    transform: Transforms = None

    def __post_init__(self) -> None:
        """Check and normalise the arguments."""
        check_name(self.name)
        check_choice(self.name, "pooling", self.pooling, ("sum", "mean"))
        _check_bag_table(self)
        steps = normal_transforms(self.name, self.transform)
        if unfitted := [step for step in steps if isinstance(step, str)]:
            raise ValueError(
                f"feature {self.name!r}: weights take transforms that need no data, got {unfitted}; give a fitted"
                " Transform, such as Transform('clip', (0.0, 9.0))"
            )
        object.__setattr__(self, "transform", steps)

    @property
    def fitted(self) -> bool:
        """Always: a vocabulary belongs to the Categorical that it shares with."""
        return True

    @property
    def rows(self) -> int:
        """Rows of its own table: buckets + 1 (missing, never used); meaningless when the table is another feature's."""
        return self.buckets + 1


@dataclass(frozen=True)
class Match:
    """Per candidate: the value that the item's key has in a map of the request.

    For example how often this household bought this product: `Match("bought", map="bought_counts", key="product_id")`
    looks the item's `product_id` up in the request's `bought_counts`. A key that is not in the map, a null map and a
    null key are missing: 0.0 after the transforms. Of a key that a map holds twice, the last value counts. Map and item
    keys must both be strings or both integers; they are compared by their 64-bit hash.

    Args:
        name: any name that no other feature has.
        map: the request's column, a map from str or int to a number.
        key: the item's column, str or int.
        transform: as in `Numeric`.
        missing_indicator: as in `Numeric`.

    Raises:
        ValueError: an unknown transform.

    Example:
        >>> Match("bought", map="bought_counts", key="product_id", transform="log1p").fitted
        True
    """

    kind: ClassVar[str] = "match"
    name: str
    _: KW_ONLY
    map: str
    key: str
    transform: Transforms = None
    missing_indicator: bool = False

    def __post_init__(self) -> None:
        """Check and normalise the arguments."""
        check_name(self.name)
        check_name(self.map, f"feature {self.name!r}: map")
        check_name(self.key, f"feature {self.name!r}: key")
        check_flag(self.name, "missing_indicator", self.missing_indicator)
        object.__setattr__(self, "transform", normal_transforms(self.name, self.transform))

    @property
    def fitted(self) -> bool:
        """Whether every transform has its parameters."""
        return not any(isinstance(step, str) for step in cast("tuple[Any, ...]", self.transform))


@dataclass(frozen=True)
class Vector:
    """A vector of fixed length that enters the network as it is.

    Null vectors, null elements, NaN and infinity are errors, and so is another length.

    Args:
        name: the column, lists of `dim` numbers.
        dim: the length, in [1, 2**20].

    Raises:
        ValueError: dim out of range.

    Example:
        >>> Vector("image", dim=64)
        Vector(name='image', dim=64)
    """

    kind: ClassVar[str] = "vector"
    name: str
    _: KW_ONLY
    dim: int

    def __post_init__(self) -> None:
        """Check the arguments."""
        check_name(self.name)
        check_count(self.name, "dim", self.dim, 1, _MAX_DIM)

    @property
    def fitted(self) -> bool:
        """Always."""
        return True


Feature: TypeAlias = Categorical | Bucketized | Numeric | Bag | WeightedBag | Match | Vector
KINDS: dict[str, type[Any]] = {c.kind: c for c in (Categorical, Bucketized, Numeric, Bag, WeightedBag, Match, Vector)}
