"""A damaged manifest or damaged tensors, with checksums that fit: refused as FormatError or harmless, never worse."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import recfast as rf
from recfast.artifact import Artifact, read_artifact, write_artifact
from recfast.artifact.layout import DTYPES

from ..shop_artifact import ROWS, shop_columns, write_shop

SLOTS = ["country", "brand", "price", "x", "h", "logit", "w0", "b0"]
OPS = [
    "embedding_bag",
    "concat",
    "linear",
    "fm",
    "sum",
    "cross",
    "dot_interaction",
    "dot",
    "normalise",
    "pick",
    "sparse_bag",
    "mean",
    "relu",
    "type",
    "table",
    "buckets",
]
KINDS = [
    "ids",
    "bag",
    "dense",
    "request",
    "item",
    "pair",
    "f32",
    "i8",
    "i4",
    "string",
    "list",
    "map",
    "int",
    "log1p",
    "vector",
]
WORDS = [*SLOTS, *OPS, *KINDS]
SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 60) | st.integers(-(2**63), 2**64 - 1) | st.sampled_from(WORDS)
    | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([2**31, 2**40, 2**53, 2**62, 1e308])
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return read_artifact(write_shop(tmp_path_factory.mktemp("damage") / "shop.recfast"))


def places(value: Any) -> list[list[Any]]:
    """Paths to everything inside of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[], *([key, *path] for key, part in inner for path in places(part))]


def damage(data: st.DataObject, manifest: dict[str, Any]) -> None:
    """Replace, remove, copy or double one entry anywhere."""
    *path, last = data.draw(st.sampled_from(places(manifest)[1:]), label="place")
    parent: Any = manifest
    for key in path:
        parent = parent[key]
    how = data.draw(st.sampled_from(["replace", "remove", "swap", "add"]), label="how")
    if how == "replace":
        parent[last] = data.draw(JSON, label="value")
    elif how == "remove":
        del parent[last]
    elif how == "swap":
        *other, key = data.draw(st.sampled_from(places(manifest)[1:]), label="other")
        source: Any = manifest
        for step in other:
            source = source[step]
        parent[last] = copy.deepcopy(source[key])
    elif isinstance(parent, list):
        parent.insert(last, data.draw(JSON, label="value"))
    else:
        parent[data.draw(st.sampled_from(WORDS), label="key")] = data.draw(JSON, label="value")


def load_or_refuse(path: Path) -> None:
    for verify in (True, False):
        try:
            model = rf.load(path, verify=verify)
        except rf.FormatError as error:
            assert str(error).startswith(str(path))  # noqa: PT017
            continue
        try:
            assert len(model.score(shop_columns())) in (0, ROWS)
        except (ValueError, TypeError) as error:
            assert "column" in str(error) or "feature" in str(error)  # noqa: PT017  other features than these rows have
        repr(model)


@settings(max_examples=250)
@given(data=st.data())
def test_manifests(shop: Artifact, data: st.DataObject) -> None:
    manifest = copy.deepcopy(shop.manifest)
    for _ in range(data.draw(st.integers(1, 3))):
        if places(manifest)[1:]:
            damage(data, manifest)
    manifest["format_version"] = 1
    path = shop.path.with_name("manifest.recfast")
    write_artifact(path, manifest, shop.tensors)
    load_or_refuse(path)


@settings(max_examples=150)
@given(data=st.data())
def test_tensors(shop: Artifact, data: st.DataObject) -> None:
    tensors = dict(shop.tensors)
    name = data.draw(st.sampled_from(list(tensors)))
    how = data.draw(st.sampled_from(["type", "shape", "values", "other", "new"]))
    old = tensors[name]
    if how == "type":
        with np.errstate(all="ignore"):
            tensors[name] = old.astype(data.draw(st.sampled_from(list(DTYPES.values()))))
    elif how == "shape":
        count = data.draw(st.integers(0, 2 * old.size))
        tensors[name] = np.resize(old, count).reshape(
            data.draw(st.sampled_from([(count,), (count, 1), (1, count), (1, 1, count)]))
        )
    elif how == "values":
        special = [0, 1, 127, 255] if old.dtype.itemsize == 1 else [0, -1, 1, 2**31 - 1]
        if old.dtype.kind == "f":
            special = [0.0, -1.0, np.inf, -np.inf, np.nan, 3e38]
        if old.dtype == np.int64:
            special += [2**63 - 1, -(2**63), 2**40]
        tensors[name] = data.draw(hnp.arrays(old.dtype, old.shape, elements=st.sampled_from(special)))
    elif how == "other":
        tensors[name] = tensors[data.draw(st.sampled_from(list(tensors)))]
    else:
        tensors[name] = data.draw(hnp.arrays(st.sampled_from(list(DTYPES.values())), hnp.array_shapes(max_side=9)))
    path = shop.path.with_name("tensors.recfast")
    write_artifact(path, shop.manifest, tensors)
    load_or_refuse(path)
