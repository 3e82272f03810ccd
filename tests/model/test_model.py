from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recfast as rf
from recfast import _core
from recfast.artifact import read_artifact, write_artifact
from recfast.reference_program import run_program

from ..shop_artifact import ROWS, shop_columns, shop_program, write_shop


def test_a_model_scores_what_was_recorded(shop_path: Path) -> None:
    model = rf.load(shop_path)
    recorded = read_artifact(shop_path).tensors["self_test.scores"]
    got = model.score(shop_columns())
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, recorded, rtol=1e-5, atol=1e-5)
    assert model.self_test() == ROWS


def test_what_a_model_tells_about_itself(shop_path: Path) -> None:
    model = rf.load(shop_path)
    assert model.path == shop_path
    assert model.schema.key == "sku"
    assert model.provenance == {"seed": 1}
    assert model.isa == _core.selected_isa()
    shown = f"Model('{shop_path}': 1 request, 2 item features, 2 tables with 72 rows, 0.0 MB mapped, {model.isa})"
    assert repr(model) == shown


@pytest.mark.parametrize("tables", ["f32", "f16", "i8", "i4"])
def test_tables_in_every_row_format(tmp_path: Path, tables: str) -> None:
    model = rf.load(write_shop(tmp_path / "shop.recfast", seed=3, tables=tables))
    assert model.score(shop_columns()).shape == (ROWS,)


def test_a_model_can_be_loaded_many_times_and_outlives_its_file(tmp_path: Path) -> None:
    path = write_shop(tmp_path / "shop.recfast")
    first, second = rf.load(path), rf.load(str(path))
    expected = first.score(shop_columns())
    path.unlink()
    for model in (first, second):
        np.testing.assert_array_equal(model.score(shop_columns()), expected)
    with pytest.raises(FileNotFoundError):
        rf.load(path)


def test_a_file_replaced_under_a_model_does_not_change_it(tmp_path: Path) -> None:
    path = write_shop(tmp_path / "shop.recfast", seed=1)
    old = rf.load(path)
    expected = old.score(shop_columns())
    write_shop(path, seed=2)
    new = rf.load(path)
    np.testing.assert_array_equal(old.score(shop_columns()), expected)
    assert not np.array_equal(new.score(shop_columns()), expected)


def test_scoring_no_rows_and_wrong_rows(shop_path: Path) -> None:
    model = rf.load(shop_path)
    assert model.score({name: [] for name in shop_columns()}).shape == (0,)
    with pytest.raises(
        ValueError, match="feature 'price': the column 'price' is missing; the columns given are 'country'"
    ):
        model.score({name: column for name, column in shop_columns().items() if name != "price"})
    with pytest.raises(
        TypeError, match="feature 'brand': expected strings, got Python ints; convert the values with str"
    ):
        model.score({**shop_columns(), "brand": [1] * ROWS})
    with pytest.raises(TypeError, match="rows: expected a table"):
        model.score([1.0])


def test_scores_of_many_rows_do_not_depend_on_their_blocks(shop_path: Path) -> None:
    model = rf.load(shop_path)
    columns = {name: values * 5000 for name, values in shop_columns().items()}
    np.testing.assert_array_equal(model.score(columns), np.tile(model.score(shop_columns()), 5000))


Change = dict[str, Any]


def rewritten(shop_path: Path, path: Path, *, manifest: Change | None = None, tensors: Change | None = None) -> Path:
    """The shop with other parts, and checksums that fit; None takes a part away."""
    shop = read_artifact(shop_path)
    parts = {**shop.manifest, **(manifest or {})}, {**shop.tensors, **(tensors or {})}
    write_artifact(path, *({name: part for name, part in whole.items() if part is not None} for whole in parts))
    return path


def refused(shop_path: Path, tmp_path: Path, message: str, *, verify: bool = True, **changes: Any) -> None:
    path = rewritten(shop_path, tmp_path / "changed.recfast", **changes)
    with pytest.raises(rf.FormatError, match=f"^{re.escape(str(path))}: {message}"):
        rf.load(path, verify=verify)


def test_recorded_scores_that_differ_are_refused(shop_path: Path, tmp_path: Path) -> None:
    scores = read_artifact(shop_path).tensors["self_test.scores"]
    for row, value in ((0, scores[0] + 0.01 * (1 + abs(scores[0]))), (ROWS - 1, np.nan), (3, np.inf), (3, -np.inf)):
        wrong = scores.copy()
        wrong[row] = value
        message = f"self-test: scores differs in row {row}: it was"
        refused(shop_path, tmp_path, message, tensors={"self_test.scores": wrong})
        path = rewritten(shop_path, tmp_path / "unchecked.recfast", tensors={"self_test.scores": wrong})
        assert rf.load(path, verify=False).score(shop_columns()).shape == (ROWS,)
        with pytest.raises(rf.FormatError, match=message):
            rf.load(path, verify=False).self_test()


def test_recorded_ids_that_differ_are_refused(shop_path: Path, tmp_path: Path) -> None:
    brand = read_artifact(shop_path).tensors["self_test.encoded.brand"].copy()
    brand[2] += 1
    refused(
        shop_path, tmp_path, "self-test: array 'brand' differs in row 2", tensors={"self_test.encoded.brand": brand}
    )
    price = read_artifact(shop_path).tensors["self_test.encoded.price"].copy()
    price[4] += 1e-3
    refused(
        shop_path, tmp_path, "self-test: array 'price' differs in row 4", tensors={"self_test.encoded.price": price}
    )
    for wrong in (brand.astype(np.int32), brand[:-1], brand[:, None], brand.astype(np.float32)):
        refused(shop_path, tmp_path, "self-test: array 'brand'", tensors={"self_test.encoded.brand": wrong})


def test_changed_weights_and_rows_are_noticed(shop_path: Path, tmp_path: Path) -> None:
    shop = read_artifact(shop_path)
    for name in ("w0", "b1", "table.brand"):
        refused(shop_path, tmp_path, "self-test: scores differs", tensors={name: shop.tensors[name] + np.float32(0.1)})


@pytest.mark.parametrize("name", ["w0", "b0", "table.brand", "table.country", "self_test.scores"])
def test_missing_tensors_are_named(shop_path: Path, tmp_path: Path, name: str) -> None:
    refused(shop_path, tmp_path, f".*'{re.escape(name)}'", tensors={name: None})


@pytest.mark.parametrize("name", ["schema", "program", "tables"])
def test_missing_parts_are_named(shop_path: Path, tmp_path: Path, name: str) -> None:
    refused(shop_path, tmp_path, f".*'{name}'", manifest={name: None}, verify=False)


@pytest.mark.parametrize("value", [1, "x", ["a"], [[1, 2, 3]], True, [{}]])
@pytest.mark.parametrize("name", ["schema", "program", "tables", "provenance"])
def test_parts_of_another_type_are_refused(shop_path: Path, tmp_path: Path, name: str, value: Any) -> None:
    refused(shop_path, tmp_path, f"{name}: ", manifest={name: value}, verify=False)


@pytest.mark.parametrize("value", [1, "x", [], {}, {"rows": 8}, {"rows": 0, "columns": [], "encoded": []}])
def test_a_self_test_of_another_form_is_refused(shop_path: Path, tmp_path: Path, value: Any) -> None:
    refused(shop_path, tmp_path, "self-test: ", manifest={"self_test": value})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dtype": "f64"}, "table 'brand' is 'f64', its tensor is float32"),
        ({"dtype": "i8"}, "table 'brand' is 'i8', its tensor is float32"),
        ({"dtype": "i4"}, "table 'brand' is 'i4', its tensor is float32"),
        ({"dtype": "i2"}, "table 'brand' is 'i2', its tensor is float32"),
        ({"dtype": ["f32"]}, ""),
        ({"rows": 52}, "table 'brand' has 52 rows, its tensor 51"),
        ({"rows": None}, "table 'brand' has None rows"),
        ({"dim": 3}, "a f32 table of 51 rows and dim 3 takes"),
        ({"dim": -4}, ""),
        ({"dim": 2**63}, ""),
        ({"dim": "4"}, ""),
        ({"dim": None}, ""),
    ],
)
def test_tables_are_what_the_manifest_says(shop_path: Path, tmp_path: Path, entry: Change, message: str) -> None:
    tables = read_artifact(shop_path).manifest["tables"]
    changed = {**tables, "brand": {**tables["brand"], **entry}}
    refused(shop_path, tmp_path, f"tables: .*{message}", manifest={"tables": changed}, verify=False)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dtype": "i8"}, "a i8 table of 51 rows and dim 4 takes 408 bytes, got 306"),
        ({"dtype": "f32"}, r"table 'brand' is 'f32', its tensor is uint8\[51, 6\]"),
        ({"dim": 5}, "a i4 table of 51 rows and dim 5 takes 357 bytes, got 306"),
        ({"dim": 2}, "a i4 table of 51 rows and dim 2 takes 255 bytes, got 306"),
        ({"rows": 50}, "table 'brand' has 50 rows, its tensor 51"),
        ({"dim": 0}, "dim must be in"),
    ],
)
def test_rows_of_two_codes_in_a_byte_are_what_the_manifest_says(tmp_path: Path, entry: Change, message: str) -> None:
    path = write_shop(tmp_path / "shop.recfast", tables="i4")
    tables = read_artifact(path).manifest["tables"]
    changed = {**tables, "brand": {**tables["brand"], **entry}}
    refused(path, tmp_path, f"tables: .*{message}", manifest={"tables": changed}, verify=False)


def test_programs_that_do_not_fit_are_refused(shop_path: Path, tmp_path: Path) -> None:
    program = shop_program()
    program["ops"][3]["weight"] = "w1"
    refused(
        shop_path, tmp_path, r"program: op 'linear' -> 'h': the weight 'w1' is \[1, 16\]", manifest={"program": program}
    )
    program = shop_program()
    program["ops"][3]["weight"] = "self_test.encoded.brand"
    refused(shop_path, tmp_path, "program: the weight 'self_test.encoded.brand' is no", manifest={"program": program})


def test_an_op_without_a_bias_may_say_so_by_null(shop_path: Path, tmp_path: Path) -> None:
    program = shop_program()
    program["ops"][4]["bias"] = None
    shop = read_artifact(shop_path)
    tables = {name: shop.tensors[f"table.{name}"] for name in ("brand", "country")}
    scores = run_program(program, shop.tensors, tables, rf.load(shop_path).schema.encode(shop_columns()))
    changes = {"manifest": {"program": program}, "tensors": {"self_test.scores": scores.astype(np.float32)}}
    assert rf.load(rewritten(shop_path, tmp_path / "a.recfast", **changes)).self_test() == ROWS
