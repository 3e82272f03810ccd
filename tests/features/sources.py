"""The same raw rows from many sources: what one schema with every kind makes of them must not differ."""

from __future__ import annotations

from typing import Any

import numpy as np

import recfast as rf

SCHEMA = rf.Schema(
    request=[rf.Bag("recent", buckets=1000), rf.Bag("visits", buckets=99, type="int")],
    item=[
        rf.Categorical("brand", buckets=10**6),
        rf.Categorical("shop", buckets=10**6, type="int"),
        rf.Categorical("open", buckets=10**6, type="int"),
        rf.Numeric("price", missing_indicator=True),
        rf.Bucketized("age", edges=[-1.0, 0.0, 3.0]),
        rf.Vector("image", dim=2),
    ],
    pair=[rf.Match("bought", map="counts", key="family", missing_indicator=True)],
    key="sku",
)

ROWS: dict[str, list[Any]] = {
    "recent": [["acme", "", None], [], None, ["\U0001f600\U0001f600\U0001f600\U0001f600", "a\0b"], ["bébé"]],
    "visits": [[1, -(2**63)], None, [2**63 - 1, None], [], [0]],
    "counts": [{"x": 1.5}, {}, None, {"y": 2.0, "": 3.0}, {"x": None, "z": 1e300}],
    "brand": ["acme", None, "", "\U0001f600 at more than twelve bytes", "a\0b"],
    "shop": [2**63 - 1, -(2**63), None, 0, -1],
    "open": [True, None, False, True, True],
    "price": [1.5, None, -0.0, float("inf"), 1e-40],
    "age": [-1.0, 2.5, None, 3.0, float("nan")],
    "image": [[0.0, 1.0], [0.5, -2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]],
    "family": ["x", "x", "x", "", None],
}
EXPECTED = SCHEMA.encode(ROWS)


def assert_encodes(rows: Any, expected: dict[str, Any] = EXPECTED, schema: rf.Schema = SCHEMA) -> None:
    got = schema.encode(rows)
    assert list(got) == list(expected)
    for name, array in expected.items():
        assert got[name].dtype == array.dtype
        np.testing.assert_array_equal(got[name], array, err_msg=name)


def with_column(name: str, column: Any) -> dict[str, Any]:
    """The rows with one column from elsewhere."""
    return {**ROWS, name: column}
