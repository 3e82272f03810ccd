"""Versions of a catalogue: what they share, what they compute again, what they hold in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import recfast as rf

from .tiny_model import REQUEST, tiny_items, tiny_model
from .vector_models import DIM, vector_items, vector_model

MODEL = tiny_model()
BLOCK = 256  # rows
# Ids of up to three blocks: a range with a step.
RANGES = st.builds(range, st.integers(0, 300), st.integers(0, 700), st.sampled_from([1, 1, 2, 7]))


def shop_items(ids: Any, seed: int) -> dict[str, list[Any]]:
    """Few different prices, so that many items are as they were in another table."""
    rng = np.random.default_rng(seed)
    size = len(ids)
    return {
        "sku": [f"s{i}" for i in ids],
        "brand": [f"brand {i}" for i in rng.integers(0, 3, size)],
        "price": rng.integers(1, 4, size).tolist(),
    }


class ShopMachine(RuleBasedStateMachine):
    """A catalogue beside a plain dict; at every step, every answer is that of a catalogue that is built anew."""

    def __init__(self, model: rf.Model, dtype: Any) -> None:
        super().__init__()
        self.model, self.dtype = model, dtype
        self.rows: dict[str, tuple[Any, ...]] = {}
        self.gone: set[str] = set()
        self.catalog = rf.Catalog(model, self.table(), dtype)
        self.version = 1

    def table(self) -> dict[str, list[Any]]:
        return {name: [row[i] for row in self.rows.values()] for i, name in enumerate(("sku", "brand", "price"))}

    def changed(self, version: int) -> None:
        self.version += 1
        assert version == self.version

    @rule(ids=RANGES, seed=st.integers(0, 3))
    def upsert(self, ids: range, seed: int) -> None:
        items = shop_items(ids, seed)
        self.changed(self.catalog.upsert(items))
        for row in zip(*items.values(), strict=True):
            self.rows[row[0]] = row

    @rule(ids=RANGES)
    def remove(self, ids: range) -> None:
        names = [f"s{i}" for i in ids]
        self.changed(self.catalog.remove(names))
        for name in names:
            if self.rows.pop(name, None):
                self.gone.add(name)

    @rule(ids=RANGES, seed=st.integers(0, 3), backwards=st.booleans())
    def replace(self, ids: range, seed: int, backwards: bool) -> None:
        items = shop_items(ids[::-1] if backwards else ids, seed)
        self.changed(self.catalog.replace(items))
        self.gone |= self.rows.keys()
        self.rows = {row[0]: row for row in zip(*items.values(), strict=True)}

    @rule()
    def upsert_what_is_there(self) -> None:
        self.changed(self.catalog.upsert(self.table()))

    @invariant()
    def answers_as_a_new_catalogue_would(self) -> None:
        self.gone -= self.rows.keys()
        names, gone = list(self.rows), sorted(self.gone)
        assert (self.catalog.version, len(self.catalog)) == (self.version, len(names))
        assert self.catalog.ids.tolist() == names
        assert self.catalog.memory().older_bytes == 0
        assert self.catalog.memory().versions == 1
        ranker = rf.Ranker(self.model, self.catalog)
        new = rf.Ranker(self.model, rf.Catalog(self.model, self.table(), self.dtype))
        request = {"country": "de"}
        for ask in (
            lambda r: r.recommend(request, k=1000),
            lambda r: r.recommend(request, k=20, exclude=[*names[:9], *gone]),
            lambda r: r.rank(request, [*names[::-3], *gone, "never"], k=50, missing="skip"),
        ):
            got, expected = ask(ranker), ask(new)
            assert got.ids.tolist() == expected.ids.tolist()
            assert got.scores.tolist() == expected.scores.tolist()
            assert (got.skipped, got.ignored) == (expected.skipped, expected.ignored)
            assert got.version == self.version
        if gone:
            with pytest.raises(KeyError, match="1 candidates are not in the catalogue, the first: "):
                ranker.rank(request, gone[:1], k=1)


@pytest.mark.parametrize("dtype", ["f32", "f16", "i8"])
def test_every_version_answers_as_a_new_catalogue(shop_path: Path, dtype: str) -> None:
    model = rf.load(shop_path)
    run_state_machine_as_test(
        lambda: ShopMachine(model, dtype), settings=settings(max_examples=15, stateful_step_count=12)
    )


def rows_of(catalog: rf.Catalog) -> Any:
    top = rf.Ranker(catalog.model, catalog).recommend(REQUEST, k=max(len(catalog), 1))
    return sorted(zip(top.ids.tolist(), top.scores.tolist(), strict=True))


def test_keys_that_come_twice_are_named() -> None:
    catalog = rf.Catalog(MODEL, tiny_items(range(5)))
    for change in (catalog.upsert, catalog.replace):
        with pytest.raises(
            ValueError, match="row 2 holds the id 1 for the second time, row 4 the id 7; every id stands"
        ):
            change(tiny_items([1, 7, 1, 2, 7]))
        ids = [f"item {i}" for i in range(1000)]
        with pytest.raises(ValueError, match=r"row 1000 holds the id 'item 0' .* and [0-9]{3} more rows an id that"):
            change(tiny_items(ids + ids))
    assert (catalog.version, catalog.ids.tolist()) == (1, [0, 1, 2, 3, 4])


def test_an_item_that_is_added_again_comes_last() -> None:
    catalog = rf.Catalog(MODEL, tiny_items(range(9)))
    catalog.remove([0, 4])
    catalog.upsert(tiny_items([4, 1]))
    assert catalog.ids.tolist() == [1, 2, 3, 5, 6, 7, 8, 4]
    catalog.remove([4])
    catalog.upsert(tiny_items([4, 0]))
    assert catalog.ids.tolist() == [1, 2, 3, 5, 6, 7, 8, 4, 0]


def test_many_versions_by_single_items() -> None:
    """Ids that come one by one go through the small table of later ids into the large one, and are found in both."""
    items = tiny_items(range(1500))
    catalog = rf.Catalog(MODEL, {name: column[:10] for name, column in items.items()})
    for i in range(10, 1500):
        catalog.upsert({name: column[i : i + 1] for name, column in items.items()})
        if i % 3 == 0:
            catalog.remove([i - 5])
            catalog.upsert({name: column[i - 5 : i - 4] for name, column in items.items()})
    assert sorted(catalog.ids.tolist()) == list(range(1500))
    assert rows_of(catalog) == rows_of(rf.Catalog(MODEL, items))


def test_the_type_of_the_ids_stays_when_all_items_are_replaced() -> None:
    catalog = rf.Catalog(MODEL, tiny_items(["a"]))
    with pytest.raises(TypeError, match="the catalogue's ids are strings; the table has the other type"):
        catalog.replace(tiny_items([1]))
    assert catalog.replace(tiny_items([])) == 2
    with pytest.raises(TypeError, match="the catalogue's ids are strings"):
        catalog.upsert(tiny_items([1]))
    assert catalog.replace(tiny_items(["b"])) == 3


@pytest.mark.parametrize("change", ["upsert", "replace"])
def test_a_table_that_fails_changes_nothing(change: str) -> None:
    items = tiny_items(range(40_000))
    catalog = rf.Catalog(MODEL, items)
    before = catalog.memory()
    wrong = {**tiny_items(range(40_000), 1), "price": [1.0] * 39_999 + [object()]}
    with pytest.raises(TypeError):
        getattr(catalog, change)(wrong)
    assert catalog.memory() == before
    assert rows_of(catalog) == rows_of(rf.Catalog(MODEL, items))


def test_a_version_costs_what_it_changes() -> None:
    size = 100 * BLOCK
    items = tiny_items(range(size))
    catalog = rf.Catalog(MODEL, items)
    first = catalog.memory()
    assert (first.versions, first.older_bytes, first.spare_bytes) == (1, 0, 0)
    assert first.current_bytes >= catalog.size_bytes
    catalog.upsert(items)  # nothing is new: every block is shared
    assert catalog.memory() == first
    for i in range(1000):
        catalog.upsert(tiny_items([i * 7 % size], seed=i))
    memory = catalog.memory()
    assert (memory.versions, memory.older_bytes, memory.current_bytes) == (1, 0, first.current_bytes)
    assert memory.spare_bytes < first.current_bytes / 8


@pytest.mark.parametrize("dtype", ["f32", "f16"])
def test_memory_counts_attributes_and_vectors(shop_path: Path, dtype: Any) -> None:
    size = 10 * BLOCK
    items = {**vector_items(size), "tags": [["a", f"t{i % 9}"] for i in range(size)]}
    model = rf.load(shop_path)  # no score that a search can find
    shop = {"sku": items["sku"], "brand": items["brand"], "price": items["price"], "tags": items["tags"]}
    bare = rf.Catalog(model, shop, dtype, attributes=[]).memory().current_bytes
    priced = rf.Catalog(model, shop, dtype, attributes=["price"]).memory().current_bytes
    assert priced - bare == size * 8 + size // 8
    tagged = rf.Catalog(model, shop, dtype, attributes=["tags"]).memory().current_bytes
    assert tagged - bare > size * (2 * 4 + 4)
    towers = vector_model("towers")
    catalog = rf.Catalog.__new__(rf.Catalog)  # without the measured error
    catalog._core = rf._core.Catalog(towers._executor, items, dtype, [])
    ids = rf.Catalog(MODEL, tiny_items(items["sku"]), attributes=[])
    ids_bytes = ids.memory().current_bytes - ids.size_bytes
    vectors = catalog.memory().current_bytes - catalog.size_bytes - ids_bytes
    codes, numbers, copied = size * DIM, size * 2 * 4, size * DIM * 4 * (dtype != "f32")
    assert 0 <= vectors - (codes + numbers + copied) < size


def test_strings_that_no_item_holds_any_more_are_given_back(shop_path: Path) -> None:
    catalog = rf.Catalog(rf.load(shop_path), {**shop_items(range(300), 0), "note": ["new"] * 300})
    ranker = rf.Ranker(catalog.model, catalog)
    most, note = 0, ""
    for i in range(1500):
        notes = [f"changed {i} {j}" for j in range(300)]
        catalog.upsert({**shop_items(range(300), i), "note": notes})
        most = max(most, catalog.memory().current_bytes)
        assert catalog.memory().older_bytes == 0
        if i % 100 == 0:
            found = ranker.recommend({"country": "de"}, k=9, where=rf.col("note").is_in([notes[7], note])).ids
            assert found.tolist() == ["s7"]
            note = notes[7]
    strings = 1500 * 300
    assert most < strings * 40


def test_attributes_of_scattered_upserts_return_their_memory() -> None:
    size, columns = 150 * BLOCK, [f"a{i}" for i in range(10)]

    def items(ids: Any, seed: int) -> dict[str, Any]:
        more = {name: np.random.default_rng(seed).random(len(ids)) for name in columns}
        return {**tiny_items(ids, seed), **more, "tags": [["x"] * (i % 3) for i in ids]}

    bare = rf.Catalog(MODEL, items(range(size), 0), attributes=[])
    catalog = rf.Catalog(MODEL, items(range(size), 0), attributes=[*columns, "tags"])
    attributes = catalog.memory().current_bytes - bare.memory().current_bytes
    assert attributes > 10 * 8 * size
    rows = np.random.default_rng(0).integers(0, size, 800)
    lingering = 0
    for step, row in enumerate(rows.tolist()):
        for each in (bare, catalog):
            each.upsert(items([row], step))
        memory = catalog.memory()
        assert (memory.versions, memory.older_bytes) == (1, 0)
        lingering = max(lingering, memory.spare_bytes - bare.memory().spare_bytes)
    assert attributes / 8 < lingering < attributes * 0.3
    assert catalog.memory().current_bytes - bare.memory().current_bytes < attributes * 1.01
    rebuilt = rf.Ranker(MODEL, catalog)
    last = {row: step for step, row in enumerate(rows.tolist())}
    for row, step in list(last.items())[-20:]:
        value = items([row], step)["a3"][0]
        where = rf.col("a3") == value
        assert row in rebuilt.recommend(REQUEST, k=size, where=where).ids


def test_memory_returns_when_many_rows_are_gone() -> None:
    catalog = rf.Catalog(MODEL, tiny_items(range(40 * BLOCK)))
    first = catalog.memory()
    catalog.remove(range(8 * BLOCK))  # not enough to copy the others together
    assert catalog.memory() == first
    catalog.remove(range(30 * BLOCK))
    assert len(catalog) == 10 * BLOCK
    assert catalog.memory().current_bytes < first.current_bytes / 3
    assert (catalog.memory().older_bytes, catalog.memory().spare_bytes) == (0, 0)
    catalog.replace(tiny_items([]))
    assert catalog.memory().current_bytes < 1000
    assert catalog.memory().versions == 1


def test_memory_returns_when_every_row_has_changed() -> None:
    size = 200 * BLOCK
    catalog = rf.Catalog(MODEL, tiny_items(range(size)))
    first = catalog.memory()
    catalog.upsert(tiny_items(range(size), 1))  # every block is copied while the old version is read
    assert catalog.memory().current_bytes == first.current_bytes
    assert catalog.memory().spare_bytes < first.current_bytes / 8
    assert rows_of(catalog) == rows_of(rf.Catalog(MODEL, tiny_items(range(size), 1)))
