from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor

import recfast as rf
from recfast_training import Encoded, FitConfig, encode, export, export_onnx, fit, fit_retrieval, predict, prune
from recfast_training.batches import tensors
from recfast_training.losses import in_batch_softmax
from recfast_training.models import MLP, NetworkConfig, TwoTower

SCHEMA = rf.Schema(
    request=[rf.Categorical("user", buckets=50), rf.Bag("recent", table="sku"), rf.Numeric("hour")],
    item=[rf.Categorical("sku", buckets=1, vocabulary=tuple(f"s{i}" for i in range(40))), rf.Numeric("price")],
    key="sku",
)
QUICK = FitConfig(epochs=8, batch_size=128, learning_rate=2e-2, progress=False)


def interactions(rows: int, seed: int = 0) -> dict[str, Any]:
    """Users of five tastes who stay with their own eight of 40 items, the first ones more often."""
    rng = np.random.default_rng(seed)
    taste = rng.integers(0, 5, rows)
    place = np.minimum(rng.geometric(0.3, rows) - 1, 7)
    item = taste * 8 + place
    return {
        "user": [f"u{t}{i}" for t, i in zip(taste, rng.integers(0, 4, rows), strict=True)],
        "recent": [
            [f"s{t * 8 + i}" for i in rng.integers(0, 8, n)]
            for t, n in zip(taste, rng.integers(0, 4, rows), strict=True)
        ],
        "hour": rng.random(rows).tolist(),
        "sku": [f"s{i}" for i in item],
        "price": (item % 7).astype(float).tolist(),
        "label": (rng.random(rows) < 0.5).astype(int).tolist(),
    }


TRAIN, VALID = interactions(1500), interactions(400, seed=1)


def small(**options: Any) -> TwoTower:
    return TwoTower(SCHEMA, dim=8, hidden=(16,), **options)


@pytest.mark.parametrize("temperature", [None, 0.1])
def test_it_learns_whose_items_are_whose(temperature: float | None) -> None:
    model = small(temperature=temperature)
    report = fit_retrieval(model, TRAIN, valid=VALID, config=QUICK)
    best = report.epochs[report.best_epoch].valid
    assert best["recall@20"] > 0.95  # 0.5 by chance
    assert best["ndcg@20"] > 0.6
    assert report.epochs[-1].loss < report.epochs[0].loss
    assert (report.rows, report.items) == (1500, 40)
    assert not model.training
    assert model.provenance["fit_retrieval"] == [report.to_json()]


def test_the_correction_makes_logits_log_probabilities() -> None:
    """One request, items drawn with known frequencies: the softmax of the learned logits is their distribution."""
    rng = np.random.default_rng(0)
    share = np.array([0.5, 0.3, 0.15, 0.05])
    rows = {"user": ["u"] * 4000, "sku": [f"s{i}" for i in rng.choice(4, 4000, p=share)]}
    schema = rf.Schema(
        request=[rf.Categorical("user", buckets=2)],
        item=[rf.Categorical("sku", buckets=1, vocabulary=("s0", "s1", "s2", "s3"))],
        key="sku",
    )
    model = TwoTower(schema, dim=2, hidden=())
    fit_retrieval(model, rows, config=FitConfig(epochs=30, batch_size=64, learning_rate=1e-2, progress=False))
    logits = predict(model, {"user": ["u"] * 4, "sku": ["s0", "s1", "s2", "s3"]}).astype(np.float64)
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), share, atol=0.06)


def test_a_fresh_bias_starts_at_the_log_frequency_and_does_not_decay() -> None:
    model = small()
    assert model.bias is not None
    still = FitConfig(epochs=1, learning_rate=1e-9, embedding_decay=5e8, progress=False)  # one step, halves the tables
    before = model.embedding.weight.detach().clone()  # type: ignore[union-attr]
    fit_retrieval(model, TRAIN, config=still)
    counts = np.array([TRAIN["sku"].count(f"s{i}") for i in range(40)] + [0, 0])
    np.testing.assert_allclose(model.bias.weight[:, 0].detach(), np.log1p(2 * counts), rtol=1e-6)
    torch.testing.assert_close(model.embedding.weight, before / 2, atol=1e-6, rtol=0)  # type: ignore[union-attr]
    with torch.no_grad():
        model.bias.weight[:] = 0.5
    fit_retrieval(model, TRAIN, config=still)
    torch.testing.assert_close(model.bias.weight, torch.full_like(model.bias.weight, 0.5))


def test_the_loss_is_its_definition() -> None:
    rng = np.random.default_rng(3)
    logits, items, log_q = rng.normal(size=(6, 6)), np.array([0, 1, 0, 2, 1, 3]), rng.normal(size=6)
    expected = 0.0
    for i in range(6):
        negatives = [j for j in range(6) if items[j] != items[i]]
        z = np.exp(logits[i, i]) + (np.exp(logits[i]) / (5 * np.exp(log_q)))[negatives].sum()
        expected += (np.log(z) - logits[i, i]) / 6
    actual = in_batch_softmax(torch.from_numpy(logits), torch.from_numpy(items), torch.from_numpy(log_q))
    assert float(actual) == pytest.approx(expected, rel=1e-12)


def test_logits_are_products_of_the_towers() -> None:
    model = small(temperature=0.2).eval()
    encoded = tensors(encode(SCHEMA, TRAIN))
    with torch.no_grad():
        assert model.bias is not None
        model.bias.weight.normal_()
        request, item = model.request_vectors(encoded), model.item_vectors(encoded)
        torch.testing.assert_close(model(encoded), (request * item).sum(dim=1) + model.item_biases(encoded))
        torch.testing.assert_close(item.norm(dim=1), torch.ones(1500))
        torch.testing.assert_close(request.norm(dim=1), torch.full((1500,), 5.0))


def test_both_towers_read_one_table() -> None:
    model = small()
    assert sum(p.numel() for p in model.embedding.parameters()) == (51 + 42) * 8  # type: ignore[union-attr]
    program, _, tables = model.emit()
    assert {name: rows.shape for name, rows in tables.items()} == {"user": (51, 8), "sku": (42, 8), "sku.bias": (42, 1)}
    (product,) = (op for op in program["ops"] if op["op"] == "dot")
    assert product["inputs"] == ["request.last", "item.last"]


def test_encoded_rows_and_raw_rows_train_alike() -> None:
    encoded = [Encoded(encode(SCHEMA, rows), items=np.array(rows["sku"], dtype=object)) for rows in (TRAIN, VALID)]
    weights, reports = [], []
    for train, valid in ((TRAIN, VALID), encoded):
        model = small()
        reports.append(fit_retrieval(model, train, valid=valid, config=FitConfig(epochs=2, progress=False)))
        weights.append(model.item.last.dense.weight)
    assert torch.equal(*weights)
    assert reports[0].epochs[0].valid == reports[1].epochs[0].valid
    assert reports[0].fingerprint == reports[1].fingerprint


def test_the_figures_are_those_of_a_ranking_of_all_items() -> None:
    model = small()
    report = fit_retrieval(model, TRAIN, valid=VALID, config=FitConfig(epochs=1, progress=False))
    prices = {
        **dict(zip(TRAIN["sku"], TRAIN["price"], strict=True)),
        **dict(zip(VALID["sku"], VALID["price"], strict=True)),
    }
    ranks = []
    for user, recent, hour, sku in zip(*(VALID[name] for name in ("user", "recent", "hour", "sku")), strict=True):
        request = {"user": [user] * len(prices), "recent": [recent] * len(prices), "hour": [hour] * len(prices)}
        scores = predict(model, {**request, "sku": list(prices), "price": list(prices.values())})
        ranks.append(int((scores > scores[list(prices).index(sku)]).sum()))
    rank = np.array(ranks)
    found = report.epochs[0].valid
    assert found["recall@20"] == pytest.approx((rank < 20).mean(), abs=1e-2)  # near ties may fall either way
    assert found["ndcg@20"] == pytest.approx(((rank < 20) / np.log2(rank + 2)).mean(), abs=1e-2)


@pytest.mark.parametrize("tables", ["f32", "i8"])
def test_the_file_scores_and_recommends_as_torch_does(tables: Any, tmp_path: Path) -> None:
    model = small(temperature=0.1)
    fit_retrieval(model, TRAIN, config=QUICK)
    export(model, tmp_path / "towers.recfast", examples=TRAIN, tables=tables)
    served = rf.load(tmp_path / "towers.recfast")
    if tables == "f32":
        np.testing.assert_allclose(served.score(VALID), predict(model, VALID), rtol=1e-4, atol=1e-4)
    catalog = rf.Catalog(served, {"sku": [f"s{i}" for i in range(40)], "price": [float(i % 7) for i in range(40)]})
    top = rf.Ranker(served, catalog).recommend({"user": "u10", "recent": ["s9"], "hour": 0.5}, k=8)
    assert sum(8 <= int(sku[1:]) < 16 for sku in top.ids) >= 6


@pytest.mark.parametrize("temperature", [None, 0.2])
def test_the_file_recommends_by_the_definition(temperature: float | None, tmp_path: Path) -> None:
    """`request vector . item vector + item bias` in NumPy, of all items; the best come first, ties by row."""
    model = small(temperature=temperature)
    fit_retrieval(model, TRAIN, config=QUICK)
    export(model, tmp_path / "towers.recfast", examples=TRAIN)
    items = {"sku": [f"s{i}" for i in range(500)], "price": [float(i * i % 11) for i in range(500)]}  # 460 unseen ones
    served = rf.load(tmp_path / "towers.recfast")
    ranker = rf.Ranker(served, rf.Catalog(served, items))
    requests = [{name: TRAIN[name][i] for name in ("user", "recent", "hour")} for i in range(20)]
    rows = {name: [request[name] for request in requests] for name in requests[0]}
    nothing = {name: [None] * 500 for name in rows}

    def wide(columns: dict[str, Any]) -> dict[str, Tensor]:
        encoded = tensors(encode(SCHEMA, columns))
        return {name: value.double() if value.is_floating_point() else value for name, value in encoded.items()}

    model = model.double().eval()
    with torch.no_grad():
        encoded = wide({**items, **nothing})
        V, b = model.item_vectors(encoded).numpy(), model.item_biases(encoded).numpy()
        U = model.request_vectors(wide({**rows, "sku": [None] * 20, "price": [None] * 20})).numpy()
    for request, u in zip(requests, U, strict=True):
        scores = V @ u + b
        bound = 1e-5 * (np.abs(V) @ np.abs(u) + np.abs(b))
        for k in (10, 500):  # by a search over the vectors, and all of them
            top = ranker.recommend(request, k=k)
            order = np.array([int(sku[1:]) for sku in top.ids])
            assert top.certified
            assert (top.rescored > 0) == (k == 10)
            assert (np.abs(top.scores - scores[order]) <= bound[order]).all()
            assert sorted(zip(-top.scores, order, strict=True)) == list(zip(-top.scores, order, strict=True))
            assert (np.delete(scores - bound, order) <= scores[order[-1]] + bound[order[-1]]).all()


@pytest.mark.parametrize("temperature", [None, 0.1])
def test_onnx_runtime_agrees(temperature: float | None, tmp_path: Path) -> None:
    model = small(temperature=temperature, config=NetworkConfig(deviation=0.3)).eval()
    export_onnx(model, tmp_path / "towers.onnx")
    encoded = encode(SCHEMA, VALID)
    (logit,) = onnxruntime.InferenceSession(str(tmp_path / "towers.onnx")).run(None, encoded)
    np.testing.assert_allclose(logit, predict(model, VALID), rtol=1e-4, atol=1e-5)


def test_it_is_pruned_tower_by_tower_and_fits_labels() -> None:
    model = TwoTower(SCHEMA, dim=4, hidden=(64,))
    fit(model, TRAIN, config=FitConfig(epochs=1, progress=False))
    smaller = prune(model, TRAIN, flops=0.5)
    widths = [layer.dense.out_features for chain in smaller.chains() for layer in chain.layers]
    assert len(widths) == 2
    assert sum(widths) <= 64
    assert np.isfinite(predict(smaller, VALID)).all()


def test_what_it_cannot_be_made_of_is_refused() -> None:
    request, item = [rf.Categorical("user", buckets=9)], [rf.Categorical("sku", buckets=9)]
    match = rf.Match("bought", map="counts", key="sku")
    with pytest.raises(ValueError, match=r"no pair features, the schema has \['bought'\]"):
        TwoTower(rf.Schema(request=request, item=item, pair=[match], key="sku"))
    for sides in ({"request": request}, {"item": item}):
        with pytest.raises(ValueError, match="needs request features and item features"):
            TwoTower(rf.Schema(**sides, key="sku"))
    for temperature in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="temperature is None or a number above 0"):
            small(temperature=temperature)
    with pytest.raises(TypeError, match="trains a TwoTower, got MLP"):
        fit_retrieval(MLP(SCHEMA), TRAIN)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two interactions or more, got 1"):
        fit_retrieval(small(), {name: values[:1] for name, values in TRAIN.items()})
    with pytest.raises(ValueError, match="needs the item of each row"):
        fit_retrieval(small(), Encoded(encode(SCHEMA, TRAIN)))
    priced = TwoTower(rf.Schema(request=request, item=[rf.Numeric("price")], key="sku"))
    with pytest.raises(ValueError, match="no column 'sku'"):
        fit_retrieval(priced, {"user": ["a"], "price": [1.0]})


def test_a_side_without_embeddings_has_no_bias() -> None:
    schema = rf.Schema(request=[rf.Categorical("user", buckets=9)], item=[rf.Numeric("price")], key="sku")
    model = TwoTower(schema, dim=2, hidden=())
    assert model.bias is None
    biases: Tensor = model.item_biases({"price": torch.ones(3)})
    assert biases.tolist() == [0, 0, 0]
