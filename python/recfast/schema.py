"""The schema: which raw columns a model reads, on which side, and what they mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

import numpy as np

from . import _core
from .feature_checks import check_name
from .features import KINDS, Bag, Bucketized, Categorical, Feature, Match, Numeric, WeightedBag
from .transform import Transform

Side = Literal["request", "item", "pair"]
SIDES: tuple[Side, ...] = ("request", "item", "pair")


@dataclass(frozen=True)
class Schema:
    """The features of a model by side, and the item column that names an item.

    Args:
        request: features of the user and the context: the same for all candidates of a request.
        item: features of the items, known when the catalogue is built.
        pair: features that need both: `Match`, or columns given per candidate.
        key: the item column with the ids that `rank` takes and returns; a feature only if it is also listed in `item`.

    Raises:
        ValueError: a name twice, a column read on two sides, a Match that is not in `pair`, a shared table that does
            not exist or differs.
        TypeError: something that is not a feature.

    Example:
        >>> import recfast as rf
        >>> schema = rf.Schema(
        ...     request=[rf.Categorical("country", buckets=100)],
        ...     item=[rf.Categorical("brand", buckets=1000), rf.Numeric("price", transform="log1p")],
        ...     pair=[rf.Match("bought", map="bought_counts", key="sku")],
        ...     key="sku",
        ... )
        >>> schema.request_columns
        ('country', 'bought_counts')
        >>> rows = {"country": ["de"], "bought_counts": [{"a": 2.0}], "brand": ["acme"], "price": [9.5], "sku": ["a"]}
        >>> {name: array.tolist() for name, array in schema.encode(rows).items() if name == "bought"}
        {'bought': [2.0]}
    """

    _: KW_ONLY
    request: Iterable[Feature] = ()
    item: Iterable[Feature] = ()
    pair: Iterable[Feature] = ()
    key: str

    def __post_init__(self) -> None:
        """Check and normalise the arguments."""
        for side in SIDES:
            object.__setattr__(self, side, tuple(getattr(self, side)))
        check_name(self.key, "key, the name of an item column,")
        names: set[str] = set()
        for side in SIDES:
            for feature in getattr(self, side):
                if not isinstance(feature, Feature):
                    raise TypeError(f"{side}= holds features such as Numeric('price'), got {type(feature).__name__}")
                for name in _array_names(feature):
                    if name in names:
                        raise ValueError(f"the name {name!r} is used twice; every feature needs a name of its own")
                    names.add(name)
                if feature.kind == "match" and side != "pair":
                    raise ValueError(f"feature {feature.name!r}: a Match belongs in pair=, not in {side}=")
        for feature in self:
            self._check_shared_table(feature)
        self._check_columns()

    def _check_columns(self) -> None:
        columns = {"request": self.request_columns, "item": self.item_columns, "pair": self.pair_columns}
        for one, other in (("request", "item"), ("request", "pair"), ("item", "pair")):
            if both := set(columns[one]) & set(columns[other]):
                raise ValueError(
                    f"the column {min(both)!r} is read on the {one} side and on the {other} side; a table of rows has"
                    " only one of that name: rename one of them"
                )

    def _check_shared_table(self, feature: Feature) -> None:
        if not isinstance(feature, (Bag, WeightedBag, Categorical)) or feature.table == feature.name:
            return
        owner = next((f for f in self if f.name == feature.table), None)
        if not isinstance(owner, Categorical) or owner.table != owner.name:
            raise ValueError(
                f"feature {feature.name!r}: table={feature.table!r} names no Categorical of this schema that has a"
                f" table of its own; its categoricals are {[f.name for f in self if isinstance(f, Categorical)]}"
            )
        if isinstance(feature, Categorical) and (feature.buckets, feature.type) != (owner.buckets, owner.type):
            raise ValueError(
                f"feature {feature.name!r} shares the table {owner.name!r}: buckets and type must be {owner.buckets}"
                f" and {owner.type!r}, got {feature.buckets} and {feature.type!r}"
            )

    def __iter__(self) -> Iterator[Feature]:
        """All features: request, item, pair, in the order given."""
        for side in SIDES:
            yield from getattr(self, side)

    @property
    def features(self) -> tuple[Feature, ...]:
        """All features: request, item, pair, in the order given."""
        return tuple(self)

    def side(self, name: str) -> Side:
        """Return the side of the encoded array `name`.

        Args:
            name: a feature's name, or the name of one of its extra arrays (`price_missing`).

        Returns:
            "request", "item" or "pair".

        Raises:
            KeyError: no feature has such an array.
        """
        for side in SIDES:
            for feature in getattr(self, side):
                if name in _array_names(feature):
                    return side
        raise KeyError(f"no feature is named {name!r}; the features are {[f.name for f in self]}")

    @property
    def tables(self) -> dict[str, int]:
        """Rows of each embedding table by its name, in order of first use."""
        return {
            f.name: f.rows
            for f in self
            if isinstance(f, (Categorical, Bucketized, Bag, WeightedBag)) and f.table == f.name
        }

    @property
    def fitted(self) -> bool:
        """Whether every vocabulary and transform has what it needs."""
        return all(f.fitted for f in self)

    @property
    def request_columns(self) -> tuple[str, ...]:
        """The raw columns that a request has: its features and the maps of the Match features."""
        names = [f.name for f in self.request] + [f.map for f in self.pair if isinstance(f, Match)]
        return tuple(dict.fromkeys(names))

    @property
    def item_columns(self) -> tuple[str, ...]:
        """The raw columns that an item table has: the key, the item features, and the keys of the Match features."""
        names = [self.key, *(f.name for f in self.item), *(f.key for f in self.pair if isinstance(f, Match))]
        return tuple(dict.fromkeys(names))

    @property
    def pair_columns(self) -> tuple[str, ...]:
        """The raw columns that the `pair=` table has: the pair features that are no Match."""
        return tuple(f.name for f in self.pair if not isinstance(f, Match))

    @property
    def encoder(self) -> _core.Encoder:
        """The compiled encoder of this schema; the same code serves training and ranking."""
        # No cached_property: before Python 3.12 it has a lock, which a child forked meanwhile would wait for for ever.
        # Threads that come first at once make one each, and they are alike.
        encoder: _core.Encoder | None = self.__dict__.get("_encoder")
        if encoder is None:
            unfitted = [f.name for f in self if not f.fitted]
            if unfitted:
                raise ValueError(f"the features {unfitted} need data before use: call schema.fit(rows) first")
            encoder = _core.Encoder(self.to_json())
            object.__setattr__(self, "_encoder", encoder)
        return encoder

    def fit(self, rows: Any) -> Schema:
        """Learn every vocabulary and transform that needs data.

        Args:
            rows: a table with every column that an unfitted feature reads: anything that speaks Arrow's PyCapsule
                interface, or a dict of lists, numpy arrays or Arrow arrays. Dictionary-encoded columns are counted by
                entry.

        Returns:
            A new Schema in which everything is fitted; this one stays as it is. What is fitted already is kept.

        Raises:
            ValueError: a column is missing, or a transform finds no value to learn from.
            TypeError: a column has the wrong type.

        Example:
            >>> import recfast as rf
            >>> schema = rf.Schema(item=[rf.Numeric("price", transform="standardise")], key="sku")
            >>> schema.fit({"price": [1.0, 3.0, None]}).item[0].transform
            (Transform(name='standardise', parameters=(2.0, 1.0)),)
        """
        columns = _core.Columns(rows)
        sides = {side: [_fit(f, columns) for f in getattr(self, side)] for side in SIDES}
        owners = {f.name: f for side in SIDES for f in sides[side] if isinstance(f, Categorical)}
        for side in SIDES:
            for i, f in enumerate(sides[side]):
                if isinstance(f, Categorical) and f.table != f.name:
                    sides[side][i] = dataclasses.replace(f, vocabulary=owners[f.table].vocabulary)
        return Schema(request=sides["request"], item=sides["item"], pair=sides["pair"], key=self.key)

    def encode(self, rows: Any) -> dict[str, np.ndarray[Any, Any]]:
        """Encode a table of raw rows into the arrays that models take.

        Args:
            rows: a table with every column of the schema, B rows; columns that the schema does not name are ignored.
                Request-side columns may be dictionary-encoded, lists and maps included: each entry is encoded once.

        Returns:
            Arrays by name: int64 [B] per Categorical and Bucketized; float32 [B] per Numeric and Match (and per
            `<name>_missing`); int64 [B, L] and bool [B, L] `<name>_mask` per Bag, padded with 0, L >= 1; the same and
            float32 [B, L] `<name>_weight` per WeightedBag; float32 [B, dim] per Vector.

        Raises:
            ValueError: a column is missing, columns differ in length, a transform is not fitted.
            TypeError: a column has the wrong type; the message names the feature and the remedy.

        Example:
            >>> import recfast as rf
            >>> schema = rf.Schema(item=[rf.Bucketized("age", edges=[18, 65])], key="sku")
            >>> schema.encode({"age": [17, 18, None]})["age"].tolist()
            [0, 1, 3]
        """
        return self.encoder.encode(rows)

    def to_json(self) -> dict[str, Any]:
        """Return the schema as JSON values, every fitted parameter included.

        Returns:
            A dict of str, numbers, lists and dicts; `Schema.from_json` turns it back.
        """
        return {**{side: [_to_json(f) for f in getattr(self, side)] for side in SIDES}, "key": self.key}

    @classmethod
    def from_json(cls, obj: Mapping[str, Any]) -> Schema:
        """Make a schema from what `to_json` returned.

        Args:
            obj: JSON values.

        Returns:
            An equal schema.

        Raises:
            ValueError: something is missing, unknown or out of range.
            TypeError: a value has the wrong type.

        Example:
            >>> import recfast as rf
            >>> schema = rf.Schema(item=[rf.Numeric("price")], key="sku")
            >>> rf.Schema.from_json(schema.to_json()) == schema
            True
        """
        if not isinstance(obj, Mapping) or set(obj) != {*SIDES, "key"}:
            raise ValueError(f"a schema has the entries {[*SIDES, 'key']}, got {obj!r:.200}")
        sides: dict[str, list[Feature]] = {}
        for side in SIDES:
            if not isinstance(obj[side], list):
                raise TypeError(f"schema entry {side!r} is a list, got {type(obj[side]).__name__}")
            sides[side] = [_from_json(f) for f in obj[side]]
        return cls(request=sides["request"], item=sides["item"], pair=sides["pair"], key=obj["key"])

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by the JSON form: the compiled encoder is made anew."""
        return (Schema.from_json, (self.to_json(),))

    def __repr__(self) -> str:
        """Show the features by side, one a line."""
        lines = [f"Schema(key={self.key!r})"]
        lines += [f"  {side:8}{f!r:.160}" for side in SIDES for f in getattr(self, side)]
        return "\n".join(lines)


def _array_names(feature: Feature) -> tuple[str, ...]:
    """Names of the encoded arrays of a feature."""
    if getattr(feature, "missing_indicator", False):
        return (feature.name, f"{feature.name}_missing")
    extra = {"bag": ("_mask",), "weighted_bag": ("_mask", "_weight")}.get(feature.kind, ())
    return (feature.name, *(feature.name + suffix for suffix in extra))


def _fit(feature: Feature, columns: _core.Columns) -> Feature:
    if feature.fitted or (isinstance(feature, Categorical) and feature.table != feature.name):
        return feature
    if isinstance(feature, Categorical):
        assert isinstance(feature.vocabulary, int)
        values = columns.most_frequent(feature.name, feature.name, feature.type, feature.vocabulary)
        return dataclasses.replace(feature, vocabulary=values)
    assert isinstance(feature, (Numeric, Match))
    if isinstance(feature, Match):
        x = columns.matched(feature.name, feature.map, feature.key)
    else:
        x = columns.numbers(feature.name, feature.name)
    x = x[np.isfinite(x)]
    steps: list[Transform] = []
    for step in feature.transform:  # type: ignore[union-attr]
        fitted = step if isinstance(step, Transform) else _fit_transform(feature.name, str(step), x)
        steps.append(fitted)
        x = _core.apply_transform(x, fitted.name, fitted.parameters)
    return dataclasses.replace(feature, transform=tuple(steps))


def _fit_transform(feature: str, name: str, x: np.ndarray[Any, Any]) -> Transform:
    if not len(x):
        raise ValueError(f"feature {feature!r}: the transform {name!r} has no value to learn from: all are missing")
    if name == "clip":
        low, high = np.quantile(x, [0.001, 0.999])
        return Transform("clip", (float(low), float(high)))
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(x.mean()), float(x.std())
    if not np.isfinite([mean, deviation]).all():
        raise ValueError(f"feature {feature!r}: the values are too large to standardise; use log1p or clip before it")
    return Transform("standardise", (mean, 1.0 / deviation if deviation > 1e-300 else 1.0))


def _to_json(feature: Feature) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": feature.kind}
    for field in dataclasses.fields(feature):
        value = getattr(feature, field.name)
        if field.name == "transform":
            value = [s if isinstance(s, str) else {"name": s.name, "parameters": list(s.parameters)} for s in value]
        out[field.name] = list(value) if isinstance(value, tuple) else value
    return out


def _from_json(obj: Any) -> Feature:
    if not isinstance(obj, Mapping) or obj.get("kind") not in KINDS:
        raise ValueError(f"a feature is a dict with one of the kinds {sorted(KINDS)}, got {obj!r:.200}")
    kind = KINDS[obj["kind"]]
    names = {field.name for field in dataclasses.fields(kind)}
    if set(obj) != names | {"kind"}:
        raise ValueError(f"a {obj['kind']} feature has the entries {sorted(names)}, got {sorted(map(str, obj))}")
    arguments = {name: obj[name] for name in names}
    if "transform" in arguments:
        arguments["transform"] = [
            s if isinstance(s, str) else Transform(s["name"], tuple(s["parameters"])) for s in arguments["transform"]
        ]
    feature: Feature = kind(**arguments)
    return feature
