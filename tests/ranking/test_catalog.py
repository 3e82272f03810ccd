from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import recfast as rf

from .tiny_model import REQUEST, best, tiny_items, tiny_model, tiny_scores

MODEL = tiny_model()
INTEGERS = st.lists(st.integers(0, 12), max_size=6, unique=True)
WORDS = st.lists(st.sampled_from(["", "a", "b", "a\0", "\U0001f600", "é", "zz"]), max_size=6, unique=True)


def catalog_of(ids: Any, seed: int = 0) -> rf.Catalog:
    return rf.Catalog(MODEL, tiny_items(ids, seed))


class CatalogMachine(RuleBasedStateMachine):
    """A catalogue beside a plain dict: ids in order, each with its features."""

    ids = INTEGERS

    def __init__(self) -> None:
        super().__init__()
        self.catalog = catalog_of([])
        self.ranker = rf.Ranker(MODEL, self.catalog)
        self.items: dict[Any, tuple[Any, ...]] = {}
        self.version = 1

    @rule(data=st.data(), seed=st.integers(0, 99))
    def upsert(self, data: st.DataObject, seed: int) -> None:
        items = tiny_items(data.draw(self.ids), seed)
        self.version += 1
        assert self.catalog.upsert(items) == self.version
        for row in zip(*items.values(), strict=True):
            self.items[row[0]] = row

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        ids = data.draw(self.ids)
        self.version += 1
        assert self.catalog.remove([*ids, *ids]) == self.version
        for removed in ids:
            self.items.pop(removed, None)

    @rule(data=st.data(), seed=st.integers(0, 99))
    def replace(self, data: st.DataObject, seed: int) -> None:
        items = tiny_items(data.draw(self.ids), seed)
        self.version += 1
        assert self.catalog.replace(items) == self.version
        self.items = {row[0]: row for row in zip(*items.values(), strict=True)}

    @precondition(lambda self: self.items)
    @rule()
    def remove_all(self) -> None:
        self.version += 1
        assert self.catalog.remove(self.catalog.ids) == self.version
        self.items.clear()

    @invariant()
    def ranks_as_a_new_catalogue_would(self) -> None:
        ids = list(self.items)
        assert self.catalog.version == self.version
        assert len(self.catalog) == len(ids)
        assert self.catalog.ids.tolist() == ids
        columns = {
            n: [row[i] for row in self.items.values()] for i, n in enumerate(("sku", "price", "brand", "family"))
        }
        scores = tiny_scores(REQUEST, columns)
        top = self.ranker.recommend(REQUEST, k=5)
        assert top.ids.tolist() == [ids[row] for row in best(scores, range(len(ids)), 5)]
        assert top.version == self.version


class WordCatalogMachine(CatalogMachine):
    ids = WORDS


TestIntegers = CatalogMachine.TestCase
TestWords = WordCatalogMachine.TestCase
TestIntegers.settings = TestWords.settings = settings(max_examples=25, stateful_step_count=15)


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        ([3, -(2**63), 2**63 - 1], np.int64),
        (np.array([3, 1], np.uint8), np.int64),
        (pa.array([3, 1], pa.uint64()), np.int64),
        (pd.Series([3, 1], dtype="Int64"), np.int64),
        (pl.Series([3, 1]), np.int64),
        (pa.chunked_array([[1], [2]]), np.int64),
        (["b", "", "\U0001f600", "a\0"], object),
        ([b"b", "a"], object),
        (np.array(["b", "a"]), object),
        (pa.array(["b", "a"], pa.string_view()), object),
        (pa.array(["b", "a"]).dictionary_encode(), object),
        (pd.Series(["b", "a"], dtype="category"), object),
        (pl.Series(["b", "a"], dtype=pl.Categorical), object),
        (pa.array([], pa.string()), object),
        (pa.array([], pa.int32()), np.int64),
    ],
)
def test_ids_are_int64_or_str(ids: Any, kind: Any) -> None:
    size = len(ids)
    catalog = rf.Catalog(MODEL, {**tiny_items(range(size)), "sku": ids})
    plain = [
        v.decode() if isinstance(v, bytes) else v for v in (ids.to_pylist() if hasattr(ids, "to_pylist") else list(ids))
    ]
    assert catalog.ids.dtype == kind
    assert catalog.ids.tolist() == plain
    assert all(type(v) is (int if kind is np.int64 else str) for v in catalog.ids.tolist())
    assert rf.Ranker(MODEL, catalog).rank(REQUEST, ids, k=9).ids.dtype == kind


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ([1, None], ValueError, "the key column 'sku': row 1 is null; every item needs an id"),
        ([None], ValueError, "the key column 'sku': row 0 is null"),
        ([1, 2, 1], ValueError, "the key column 'sku': row 2 holds the id 1 for the second time"),
        (["a", "a"], ValueError, "the key column 'sku': row 1 holds the id 'a' for the second time"),
        ([2**63], ValueError, r"the key column 'sku': row 0 holds an id of 2\*\*63 or more; ids are int64"),
        ([-1, 2**64 - 1], ValueError, r"the key column 'sku': row 1 holds an id of 2\*\*63 or more"),
        ([b"\xff"], ValueError, "the key column 'sku': row 0 holds an id that is not UTF-8"),
        ([b"ok", b"\xed\xa0\x80"], ValueError, "the key column 'sku': row 1 holds an id that is not UTF-8"),
        ([1.0], TypeError, r"the key column 'sku': expected strings or integers, got Python floats; .*drop the nulls"),
        ([1, float("nan")], TypeError, "the key column 'sku': expected strings or integers, got Python floats"),
        ([True], TypeError, "the key column 'sku': expected strings or integers, got Python bools"),
        ([1, "a"], TypeError, "the key column 'sku': expected strings or integers, got Python objects of mixed types"),
        ([["a"]], TypeError, "the key column 'sku': expected strings or integers, got Python lists"),
    ],
)
def test_ids_that_name_no_item_are_refused(ids: list[Any], error: type[Exception], message: str) -> None:
    items = {**tiny_items(range(len(ids))), "sku": ids}
    with pytest.raises(error, match=message):
        rf.Catalog(MODEL, items)
    catalog = catalog_of([])
    with pytest.raises(error, match=message):
        catalog.upsert(items)
    assert (catalog.version, len(catalog)) == (1, 0)


def test_2_to_the_31_items_are_refused_before_anything_is_made_of_them() -> None:
    def column(values: pa.Array) -> pa.ChunkedArray:
        return pa.chunked_array([values] * 2**11)  # one piece of memory

    size = 2**20
    ids = pa.array(np.zeros(size, np.int64))
    items = {
        "sku": column(ids),
        "price": column(ids),
        "brand": column(pa.nulls(size)),
        "family": column(pa.nulls(size)),
    }
    catalog = catalog_of([1])
    number = np.broadcast_to(np.int64(1), 2**31)  # of 8 bytes
    for table, message in (
        (items, "rows have room"),
        (pa.table(items), "items have room together"),
        (dict.fromkeys(items, number), "rows have room"),
        (dict.fromkeys(items, range(2**31)), "rows have room"),
        (dict.fromkeys(items, np.broadcast_to("a", 2**31)), "rows have room"),
    ):
        for change in (catalog.upsert, catalog.replace, lambda columns: rf.Catalog(MODEL, columns)):
            with pytest.raises(ValueError, match=rf"'sku': at most 2\*\*31 - 1 {message}, got 2147483648"):
                change(table)
    ranker = rf.Ranker(MODEL, catalog)
    for name, ask in (
        ("ids", lambda: catalog.remove(number)),
        ("candidates", lambda: ranker.rank(REQUEST, candidates=number, k=1)),
        ("exclude", lambda: ranker.recommend(REQUEST, k=1, exclude=number)),
        ("sku", lambda: ranker.rank(REQUEST, k=1, items=dict.fromkeys(items, number))),
    ):
        with pytest.raises(ValueError, match=rf"'{name}': at most 2\*\*31 - 1 rows have room, got 2147483648"):
            ask()
    assert catalog.ids.tolist() == [1]


def test_a_catalogue_is_made_with_a_model() -> None:
    with pytest.raises(TypeError, match=r"model is a recfast\.Model, which recfast\.load returns; got str"):
        rf.Catalog("shop.recfast", tiny_items([1]))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"catalog is a recfast\.Catalog, got dict"):
        rf.Ranker(MODEL, tiny_items([1]))  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["sku", "price", "brand", "family"])
def test_missing_columns_are_named(missing: str) -> None:
    items = {name: column for name, column in tiny_items(["a"]).items() if name != missing}
    feature = {"family": "bought"}.get(missing, missing)
    with pytest.raises(ValueError, match=f"feature '{feature}': the column '{missing}' is missing; the columns given"):
        rf.Catalog(MODEL, items)


@pytest.mark.parametrize("size", [0, 1, 20_000])
def test_wrong_types_are_refused_in_tables_of_any_size(size: int) -> None:
    items = {**tiny_items(range(size)), "price": pa.array(["x"] * size, pa.string())}
    with pytest.raises(TypeError, match="feature 'price': expected numbers, got Arrow string"):
        rf.Catalog(MODEL, items)


def test_rows_of_large_tables_are_named_by_their_place_in_the_table() -> None:
    schema = rf.Schema(item=[rf.Vector("image", dim=1)], key="sku")
    program = {
        "inputs": [{"name": "image", "side": "item", "kind": "dense", "width": 1}], "ops": [], "output": "image"
    }  # fmt: skip
    executor = rf._core.Executor(schema.encoder, program, {}, {})
    image = np.zeros((40_000, 1))
    image[39_999] = np.nan
    for call in (executor.score, lambda rows: rf._core.Catalog(executor, rows)):
        with pytest.raises(ValueError, match="feature 'image': row 39999 holds a null, NaN or infinity"):
            call({"sku": range(40_000), "image": image})


def test_a_large_catalogue_is_exact_across_its_blocks() -> None:
    items = tiny_items(range(50_000))
    top = rf.Ranker(MODEL, rf.Catalog(MODEL, items)).recommend(REQUEST, k=1000)
    scores = tiny_scores(REQUEST, items)
    assert top.ids.tolist() == best(scores, range(50_000), 1000)


def test_the_type_of_the_ids_stays() -> None:
    catalog = catalog_of(["a", "b"])
    for change in (lambda: catalog.upsert(tiny_items([1])), lambda: catalog.remove([1])):
        with pytest.raises(TypeError, match="the catalogue's ids are strings"):
            change()
    assert catalog.remove(["a", "b"]) == 2
    with pytest.raises(TypeError, match="the catalogue's ids are strings"):
        catalog.upsert(tiny_items([1]))
    assert catalog.ids.dtype == object
    assert catalog.version == 2


def test_the_type_of_the_match_keys_stays() -> None:
    catalog = catalog_of(["a", "b"])
    with pytest.raises(TypeError, match="key column of a Match holds strings in one table and integers in the other"):
        catalog.upsert({**tiny_items(["c"]), "family": [1]})
    with pytest.raises(TypeError, match="feature 'bought': expected strings as keys of 'counts', got Python ints"):
        rf.Ranker(MODEL, catalog).recommend({"hour": 1, "counts": {1: 1.0}}, k=1)


def test_removing_nothing_and_the_unknown() -> None:
    catalog = catalog_of([1, 2])
    assert catalog.remove([]) == 2
    assert catalog.remove([3, None, 2**64 - 1]) == 3
    assert catalog.remove(np.array([])) == 4
    assert catalog.ids.tolist() == [1, 2]
    assert catalog.remove({1, 2}) == 5
    assert len(catalog) == 0
    with pytest.raises(TypeError, match="ids to remove: expected a sequence of ids, got None"):
        catalog.remove(None)
    with pytest.raises(TypeError, match=r"column 'ids': expected an Arrow column, .* got int"):
        catalog.remove(1)


def test_other_columns_are_ignored() -> None:
    items = {**tiny_items(["a"]), "hour": ["not a number"], "note": [object()]}
    assert len(rf.Catalog(MODEL, items)) == 1


def test_size_and_repr() -> None:
    catalog = catalog_of(range(1000))
    assert repr(catalog) == "Catalog(1,000 items by 'sku', version 1, f32, 0.1 MB)"
    stored, match_key, fingerprint = 16 * 4, 8, 8
    assert catalog.size_bytes == 1000 * (stored + match_key + fingerprint)
