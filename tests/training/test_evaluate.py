from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import recfast as rf
from recfast_training import Encoded, encode, evaluate, export, metrics, predict
from recfast_training.columns import codes, column, first_rows, numbers
from recfast_training.models import DeepFM

from .toy import fitted, shop

ROWS = shop(300)
MODEL = DeepFM(fitted(ROWS), dim=4, hidden=(8,))


def test_figures_are_those_of_the_metrics() -> None:
    scores = predict(MODEL, ROWS)
    out = evaluate(MODEL, ROWS, group="user")
    assert out["rows"] == 300
    assert out["auc"] == metrics.auc(ROWS["label"], scores)
    assert out["gauc"] == metrics.gauc(ROWS["label"], scores, ROWS["user"])
    assert out["logloss"] == pytest.approx(metrics.logloss(ROWS["label"], 1 / (1 + np.exp(-scores))))
    assert "gauc" not in evaluate(MODEL, ROWS)


def test_groups_may_be_an_array() -> None:
    encoded = Encoded(encode(MODEL.schema, ROWS), np.asarray(ROWS["label"]))
    in_parts = evaluate(MODEL, encoded, group=ROWS["user"], batch_size=7)
    assert in_parts == pytest.approx(evaluate(MODEL, ROWS, group="user"))


def test_a_loaded_model_is_judged_alike(tmp_path: Path) -> None:
    export(MODEL, tmp_path / "m.recfast", examples=ROWS)
    loaded = rf.load(tmp_path / "m.recfast")
    expected, actual = evaluate(MODEL, ROWS, group="user"), evaluate(loaded, ROWS, group="user")
    assert actual == pytest.approx(expected, abs=1e-5)
    with pytest.raises(TypeError, match="raw rows"):
        predict(loaded, Encoded(encode(MODEL.schema, ROWS)))


def test_rows_without_a_label_are_left_out() -> None:
    labels = [None, *ROWS["label"][1:].tolist()]
    assert evaluate(MODEL, {**ROWS, "label": labels})["rows"] == 299


def test_prediction_leaves_the_mode_as_it_was() -> None:
    MODEL.train()
    predict(MODEL, ROWS)
    assert MODEL.training
    MODEL.eval()
    predict(MODEL, ROWS)
    assert not MODEL.training


def test_labels_are_needed() -> None:
    with pytest.raises(ValueError, match="needs labels"):
        evaluate(MODEL, Encoded(encode(MODEL.schema, ROWS)))


def test_columns_of_any_kind() -> None:
    dictionary = pa.chunked_array([pa.array(["a", None]).dictionary_encode(), pa.array(["b"]).dictionary_encode()])
    assert len(set(codes(dictionary).tolist())) == 3
    assert codes(["x", "y", "x"]).tolist() == [0, 1, 0]
    assert numbers(pa.array([True, None]), "label")[0] == 1.0
    table = pa.table({"m": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())), "s": ["x", "y"]})
    assert first_rows(table, ["m", "s"], 1) == {"m": [{"a": 1}], "s": ["x"]}
    with pytest.raises(ValueError, match=r"no column 'q'; their columns are \['m', 's'\]"):
        column(table, "q")
    with pytest.raises(TypeError, match="a dict of columns or a pyarrow, polars or pandas table, got list"):
        column([1], "q")
