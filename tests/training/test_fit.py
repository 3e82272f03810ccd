from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import torch

import recfast as rf
from recfast_training import Encoded, FitConfig, NetworkConfig, encode, evaluate, fit, predict
from recfast_training.dirty import count_duplicates
from recfast_training.fingerprint import fingerprint
from recfast_training.models import DLRM, MLP, DCNv2, DeepFM

from .toy import fitted, shop

TRAIN, VALID = shop(1500), shop(700, seed=1)
QUICK = FitConfig(epochs=2, batch_size=128, learning_rate=3e-3, progress=False)


def small(seed: int = 0, **options: Any) -> DeepFM:
    return DeepFM(fitted(TRAIN), dim=4, hidden=(16,), config=NetworkConfig(seed=seed, **options))


@pytest.mark.parametrize(
    "kind",
    [
        partial(DeepFM, hidden=(16,)),
        partial(DCNv2, hidden=(16,)),
        partial(DCNv2, hidden=(16,), rank=2),
        partial(DLRM, bottom=(8,), top=(16,)),
        partial(MLP, hidden=(16,)),
    ],
)
def test_a_model_learns(kind: Any) -> None:
    model = kind(fitted(TRAIN), dim=4)
    config = FitConfig(epochs=12, batch_size=128, learning_rate=1e-2, progress=False)
    report = fit(model, TRAIN, valid=VALID, config=config)
    assert report.epochs[report.best_epoch].valid["auc"] > 0.75
    assert report.epochs[-1].loss < report.epochs[0].loss
    assert not model.training


def test_early_stopping_restores_the_best_epoch() -> None:
    model = small()
    config = FitConfig(epochs=40, batch_size=64, learning_rate=0.05, patience=2, progress=False)
    report = fit(model, TRAIN, valid=VALID, config=config)
    aucs = [epoch.valid["auc"] for epoch in report.epochs]
    assert report.best_epoch == int(np.argmax(aucs))
    assert len(aucs) == report.best_epoch + 1 + config.patience
    assert evaluate(model, VALID)["auc"] == aucs[report.best_epoch]


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_equal_seeds_give_equal_weights(dropout: float) -> None:
    models = [small(dropout=dropout, embedding_dropout=dropout, batch_norm=True) for _ in range(2)]
    for i, model in enumerate(models):
        torch.manual_seed(i)  # the state of the global generator does not matter
        fit(model, TRAIN, config=QUICK)
    for a, b in zip(models[0].state_dict().values(), models[1].state_dict().values(), strict=True):
        assert torch.equal(a, b)
    other = small(dropout=dropout, embedding_dropout=dropout, batch_norm=True)
    fit(other, TRAIN, config=FitConfig(epochs=2, batch_size=128, seed=1, progress=False))
    assert not torch.equal(other.head.dense.weight, models[0].head.dense.weight)


def test_encoded_rows_and_tables_of_any_kind_train_alike() -> None:
    schema = fitted(TRAIN)
    encoded = Encoded(encode(schema, TRAIN), np.asarray(TRAIN["label"]))
    counts = pa.array([list(m.items()) for m in TRAIN["counts"]], pa.map_(pa.string(), pa.float64()))
    arrow = pa.table({**{name: TRAIN[name] for name in TRAIN if name != "counts"}, "counts": counts})
    weights = []
    for rows in (TRAIN, encoded, arrow):
        model = small()
        fit(model, rows, config=QUICK)
        weights.append(model.head.dense.weight)
    assert torch.equal(weights[0], weights[1])
    assert torch.equal(weights[0], weights[2])


def test_polars_rows_and_boolean_labels() -> None:
    schema = rf.Schema(item=[rf.Categorical("brand", buckets=9)], key="sku")
    frame = pl.DataFrame({"brand": ["a", "b"] * 50, "label": [True, False] * 50})
    model = DeepFM(schema, dim=2, hidden=(4,))
    report = fit(model, frame, valid=frame, config=FitConfig(epochs=30, learning_rate=0.05, progress=False))
    assert report.data.positives == 50
    assert predict(model, frame)[0] > predict(model, frame)[1]


def test_null_labels_are_dropped_and_counted() -> None:
    labels = [float(label) for label in TRAIN["label"]]
    dirty = {**TRAIN, "label": [None, float("nan"), *labels[2:]]}
    report = fit(small(), dirty, config=QUICK)
    assert (report.data.rows, report.data.null_labels, report.data.used) == (1500, 2, 1498)
    clean = {name: values[2:] for name, values in TRAIN.items()}
    assert report.fingerprint == fit(small(), clean, config=QUICK).fingerprint


@pytest.mark.parametrize(("label", "words"), [(2, r"got \[2.0\] in rows \[3\]"), (0.5, r"\[0.5\]"), (np.inf, "inf")])
def test_labels_that_are_no_labels_are_refused(label: float, words: str) -> None:
    labels = [*TRAIN["label"][:3], label, *TRAIN["label"][4:]]
    with pytest.raises(ValueError, match=words):
        fit(small(), {**TRAIN, "label": labels}, config=QUICK)


def test_labels_of_another_type_are_refused() -> None:
    with pytest.raises(TypeError, match="column 'label' holds numbers 0 and 1"):
        fit(small(), {**TRAIN, "label": ["yes"] * 1500}, config=QUICK)
    with pytest.raises(ValueError, match="no column 'clicked'"):
        fit(small(), TRAIN, label="clicked", config=QUICK)


def test_nothing_to_train_on_is_an_error() -> None:
    with pytest.raises(ValueError, match="no row is left"):
        fit(small(), {**TRAIN, "label": [None] * 1500}, config=QUICK)
    with pytest.raises(ValueError, match="needs labels"):
        fit(small(), Encoded(encode(fitted(TRAIN), TRAIN)), config=QUICK)


def test_duplicates_and_missing_values_are_counted_and_kept() -> None:
    schema = rf.Schema(item=[rf.Categorical("brand", buckets=9), rf.Bag("tags", buckets=1000)], key="sku")
    rows = {
        "brand": ["a", "a", "a", None, "a"],
        "tags": [["x"], ["x"], ["y"], ["x"], ["x"]],
        "label": [1, 1, 1, 1, 0],
    }
    report = fit(DeepFM(schema, dim=2, hidden=()), rows, config=FitConfig(epochs=1, progress=False))
    assert (report.data.used, report.data.duplicates, report.data.missing) == (5, 1, {"brand": 1})


def test_count_duplicates_sees_every_column() -> None:
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 3, (400, 2))
    flags = rng.random(400) < 0.5
    expected = 400 - len(np.unique(np.column_stack([ids, flags]), axis=0))
    assert count_duplicates({"bag": ids, "flag": flags}) == expected


def test_a_diverged_loss_is_an_error() -> None:
    arrays = encode(fitted(TRAIN), TRAIN)
    arrays["price"] = np.full(1500, np.nan, np.float32)
    with pytest.raises(ValueError, match="the loss became NaN"):
        fit(small(), Encoded(arrays, np.asarray(TRAIN["label"])), config=QUICK)


def test_a_single_last_row_does_not_break_batch_norm() -> None:
    rows = {name: values[:129] for name, values in TRAIN.items()}
    fit(small(batch_norm=True), rows, config=QUICK)


def test_the_report_goes_to_the_provenance() -> None:
    model = small()
    report = fit(model, TRAIN, valid=VALID, config=QUICK)
    assert model.provenance["fit"] == [report.to_json()]
    assert report.to_json()["config"]["seed"] == 0
    assert len(report.fingerprint) == 16


def test_the_fingerprint_sees_names_values_order_and_types() -> None:
    base = {"a": np.arange(3), "b": np.zeros(3, np.float32)}
    variants = [
        base,
        {**base, "a": np.arange(3)[::-1]},
        {**base, "b": np.zeros(3, np.int32)},
        {"a": base["a"], "c": base["b"]},
        {"a": base["a"], "b": np.float32([0, 0, 1e-45])},
    ]
    assert len({fingerprint(Encoded(arrays)) for arrays in variants}) == len(variants)
    assert fingerprint(Encoded(dict(reversed(base.items())))) == fingerprint(Encoded(base))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    fit(small(), TRAIN, config=FitConfig(epochs=1))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "options",
    [{"epochs": 0}, {"batch_size": 1}, {"patience": 0}, {"learning_rate": 0.0}, {"decay": 1.5}, {"weight_decay": -1.0}],
)
def test_bad_configurations_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        FitConfig(**options)


def test_a_student_learns_what_its_teacher_says() -> None:
    teacher = small()
    config = FitConfig(epochs=8, batch_size=128, learning_rate=1e-2, progress=False)
    fit(teacher, TRAIN, config=config)
    inverted = {**TRAIN, "label": 1 - TRAIN["label"]}  # labels are checked, but not learned
    student = small(seed=1)
    report = fit(student, inverted, teacher=teacher, config=config)
    assert report.taught
    assert np.corrcoef(predict(student, VALID), predict(teacher, VALID))[0, 1] > 0.95
    assert evaluate(student, VALID)["auc"] > evaluate(teacher, VALID)["auc"] - 0.02
    other = DeepFM(rf.Schema(item=[rf.Numeric("price")], key="sku"), hidden=())
    with pytest.raises(ValueError, match="teacher has another schema"):
        fit(student, TRAIN, teacher=other, config=config)


def test_embedding_decay_shrinks_rows_that_no_row_names() -> None:
    model = small()
    assert model.embedding is not None
    before = model.embedding.weight.abs().sum()
    model.embedding.weight.requires_grad_(True)
    fit(model, TRAIN, config=FitConfig(epochs=1, learning_rate=1e-2, embedding_decay=10.0, progress=False))
    unused = model.embedding.rows("user")[50]  # the row for missing users, of which there are none
    assert unused.abs().sum() < before / len(model.embedding.weight)
    assert torch.allclose(unused, small().embedding.rows("user")[50] * 0.9, atol=1e-7)  # type: ignore[union-attr]
