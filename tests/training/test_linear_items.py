from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

import recfast as rf
from recfast.artifact import read_artifact
from recfast_training import encode, export, export_onnx, fit_items, predict
from recfast_training.batches import tensors
from recfast_training.models import EASE, DeepFM, ItemKNN, LinearItemModel
from recfast_training.models.ease import ease_scores, ease_weights
from recfast_training.models.item_knn import nearest

ITEMS = tuple(f"s{i}" for i in range(30))


def schema_of(bag: Any = None) -> rf.Schema:
    return rf.Schema(
        request=[bag or rf.WeightedBag("bought", table="sku", transform="log1p")],
        item=[rf.Categorical("sku", buckets=1, vocabulary=ITEMS)],
        key="sku",
    )


def households(count: int, seed: int = 0) -> list[dict[str, int]]:
    rng = np.random.default_rng(seed)
    return [
        {f"s{i}": int(rng.integers(1, 9)) for i in rng.permutation(30)[: rng.integers(0, 12)]} for _ in range(count)
    ]


def matrix_of(maps: list[dict[str, int]]) -> npt.NDArray[np.float32]:
    X = np.zeros((len(maps), 32), np.float32)
    for row, counts in zip(X, maps, strict=True):
        for sku, n in counts.items():
            row[int(sku[1:])] = np.log1p(np.float64(n))
    return X


def fitted(kind: str) -> LinearItemModel:
    model = EASE(schema_of(), 2.5) if kind == "EASE" else ItemKNN(schema_of(), neighbours=5, shrinkage=1.5)
    fit_items(model, {"bought": households(40)})
    return model


@pytest.mark.parametrize("rows", [6, 9, 20])
def test_ease_is_the_closed_form_on_either_side(rows: int) -> None:
    X = np.log1p(np.random.default_rng(2).poisson(0.7, (rows, 9))).astype(np.float32)
    P = np.linalg.inv(X.T.astype(np.float64) @ X + 2.5 * np.eye(9))
    W = -P / np.diag(P)
    np.fill_diagonal(W, 0.0)
    np.testing.assert_allclose(ease_weights(X, regularisation=2.5), W, atol=2e-5)
    np.testing.assert_allclose(ease_scores(X, regularisation=2.5), X @ W, atol=2e-5)


def test_neighbours_are_the_nearest_by_cosine() -> None:
    rng = np.random.default_rng(1)
    X = (rng.poisson(0.4, (25, 1500)) * (rng.random(1500) < 0.9)).astype(np.float32)  # some items that nobody has
    entries, columns = nearest(X, 7, 2.0)
    wide = X.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=0)
    W = (wide.T @ wide) / (np.outer(lengths, lengths) + 2.0)
    np.fill_diagonal(W, 0)
    best = -np.sort(-W, axis=1)[:, :7]
    np.testing.assert_allclose(entries, np.maximum(best, 0), atol=1e-6)
    np.testing.assert_allclose(np.where(entries > 0, np.take_along_axis(W, columns, axis=1), 0), entries, atol=1e-6)
    assert (columns[entries == 0] == 0).all()
    equal = (entries[:, 1:] == entries[:, :-1]) & (entries[:, 1:] > 0)
    assert equal.any()
    assert (columns[:, 1:] > columns[:, :-1])[equal].all()


def test_models_learn_from_encoded_counts() -> None:
    maps = [*households(40), {"s1": 3, "unknown": 2}]
    X = matrix_of(maps[:-1])
    ease = EASE(schema_of(), 2.5)
    report = fit_items(ease, {"bought": maps[:-1], "other": [None] * 40})
    np.testing.assert_allclose(ease.table.weight.numpy(), ease_weights(X, regularisation=2.5), atol=1e-6)
    assert (report.requests, report.entries) == (40, sum(map(len, maps[:-1])))
    assert report.items == len({sku for counts in maps for sku in counts} - {"unknown"})
    knn = ItemKNN(schema_of(), neighbours=5, shrinkage=1.5)
    fit_items(knn, {"bought": maps})
    assert knn.provenance["fit_items"][0]["items"] == report.items + 1
    assert knn.num_parameters() == 32 * 5


@pytest.mark.parametrize("kind", ["EASE", "ItemKNN"])
def test_torch_scores_are_rows_of_the_table(kind: str) -> None:
    model = fitted(kind)
    maps = households(9, seed=3)
    rows = {"bought": maps, "sku": [*ITEMS[:7], "unknown", None]}
    expected = (matrix_of(maps).astype(np.float64) @ dense(model))[np.arange(9), [*range(7), 30, 31]]
    np.testing.assert_allclose(predict(model, rows), expected, atol=1e-5)


def dense(model: LinearItemModel) -> npt.NDArray[np.float64]:
    """W, from the program that the model emits."""
    program, weights, tables = model.emit()
    bag = program["ops"][0]
    if bag["op"] == "embedding_bag":
        return tables[bag["table"]].astype(np.float64)
    W = np.zeros((32, 32))
    entries, columns = weights[bag["weight"]], weights[bag["columns"]]
    np.add.at(W, (np.arange(32)[:, None], columns), entries)
    return W


@pytest.mark.parametrize("kind", ["EASE", "ItemKNN"])
def test_the_file_recommends_by_the_definition(kind: str, tmp_path: Path) -> None:
    """Scores are float32 sums in the order of the map; the best come first, ties by row, without what is excluded."""
    model = fitted(kind)
    path = tmp_path / "items.recfast"
    export(model, path, examples={"bought": households(8), "sku": list(ITEMS[:8])})
    served = rf.load(path)
    catalog = rf.Catalog(served, {"sku": [*ITEMS, "new"]})
    ranker = rf.Ranker(served, catalog)
    artifact = read_artifact(path)
    for counts in [*households(20, seed=5), {}]:
        weights = [np.float32(np.log1p(np.float64(n))) for n in counts.values()]
        W = artifact.tensors["table.sku.ease"] if kind == "EASE" else dense(model).astype(np.float32)
        scores, size = np.zeros(32, np.float32), np.zeros(32)
        for sku, weight in zip(counts, weights, strict=True):
            row = W[int(sku[1:])]
            scores += weight * row
            size += np.abs(np.float64(weight) * row)
        top = ranker.recommend({"bought": counts}, k=31)
        place = {sku: i for i, sku in enumerate([*ITEMS, "new"])}
        order = [place[sku] for sku in top.ids]
        if kind == "ItemKNN":
            np.testing.assert_array_equal(top.scores, scores[order])
        else:  # fused multiply-adds: the bound of embedding_bag
            bound = (len(counts) + 2) * np.finfo(np.float32).eps * size[order]
            assert (np.abs(top.scores - scores[order]) <= bound).all()
        assert sorted(zip(-top.scores, order, strict=True)) == list(zip(-top.scores, order, strict=True))
        new = ranker.recommend({"bought": counts}, k=5, exclude=list(counts))
        assert new.ids.tolist() == [sku for sku in top.ids if sku not in counts][:5]
    assert ranker.rank({"bought": None}, candidates=["s3", "s1"], k=2).ids.tolist() == ["s1", "s3"]


@pytest.mark.parametrize("tables", ["f16", "i8"])
def test_a_narrower_table_keeps_the_order_near(tables: Any, tmp_path: Path) -> None:
    model = fitted("EASE")
    export(model, tmp_path / "items.recfast", examples={"bought": households(8), "sku": list(ITEMS[:8])}, tables=tables)
    served = rf.load(tmp_path / "items.recfast")
    rows = {"bought": households(30, seed=7), "sku": list(ITEMS)}
    np.testing.assert_allclose(served.score(rows), predict(model, rows), atol=0.05)
    halves = rf.Catalog(served, {"sku": list(ITEMS)}, dtype="i8")
    assert halves.error == 0.0  # the stored ids are exact


@pytest.mark.parametrize("kind", ["EASE", "ItemKNN"])
@pytest.mark.parametrize("weighted", [False, True])
def test_onnx_runtime_agrees(kind: str, weighted: bool, tmp_path: Path) -> None:
    bag = None if weighted else rf.Bag("bought", table="sku", pooling="sum")
    model = EASE(schema_of(bag)) if kind == "EASE" else ItemKNN(schema_of(bag), neighbours=4)
    maps = [counts if weighted else list(counts) for counts in households(40)]
    fit_items(model, {"bought": maps})
    export_onnx(model, tmp_path / "items.onnx")
    encoded = encode(model.schema, {"bought": maps[:30], "sku": list(ITEMS)})
    (logit,) = onnxruntime.InferenceSession(str(tmp_path / "items.onnx")).run(None, encoded)
    np.testing.assert_allclose(logit, model(tensors(encoded)).numpy(), atol=1e-5)


def test_what_they_cannot_be_made_of_is_refused() -> None:
    sku, bought = rf.Categorical("sku", buckets=9), rf.WeightedBag("bought", table="sku")
    for features in (
        {"request": [bought], "item": [sku, rf.Numeric("price")]},
        {"request": [rf.WeightedBag("bought", buckets=9)], "item": [sku]},
        {"request": [rf.Bag("bought", table="sku")], "item": [sku]},
        {"request": [rf.Categorical("user", buckets=9)], "item": [sku]},
        {"item": [sku, bought]},
        {"item": [sku]},
    ):
        with pytest.raises(ValueError, match="reads one bag of items, pooled by sum"):
            EASE(rf.Schema(**features, key="sku"))
    for regularisation in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="expected regularisation > 0"):
            EASE(schema_of(), regularisation)
    for neighbours, shrinkage in ((0, 1.0), (5, -1.0), (5, float("nan"))):
        with pytest.raises(ValueError, match="neighbours is at least 1 and shrinkage at least 0"):
            ItemKNN(schema_of(), neighbours, shrinkage)
    with pytest.raises(TypeError, match="learns a linear item-to-item model, got DeepFM"):
        fit_items(DeepFM(schema_of()), {"bought": [{}]})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nothing to learn from: no rows"):
        fit_items(EASE(schema_of()), {"bought": []})
    with pytest.raises(ValueError, match="no column 'bought'"):
        fit_items(EASE(schema_of()), {"sold": [{}]})
