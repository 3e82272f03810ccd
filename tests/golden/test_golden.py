"""A format version that was released is read for ever: one file of each stands here, and nothing rewrites it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

import recfast as rf
from recfast.artifact import read_artifact

FOLDER = Path(__file__).parent
GOLDEN = {
    "v1_deepfm_i8": "07d34c04e8605844297eca5869f4a76eade68abb1a42222aa58e8306d6cbda1e",
    "v1_dcnv2_f16": "7183990132d8b07bc22604e6c95d9140a2462bd7181a06cb2bbae0e54e8acb4d",
}


def test_every_golden_file_is_listed() -> None:
    assert {path.stem for path in FOLDER.glob("*.recfast")} == set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_file_is_the_one_that_was_released(name: str) -> None:
    assert hashlib.sha256((FOLDER / f"{name}.recfast").read_bytes()).hexdigest() == GOLDEN[name]


@pytest.mark.parametrize("name", GOLDEN)
def test_its_parts_are_where_the_format_says(name: str) -> None:
    artifact = read_artifact(FOLDER / f"{name}.recfast")
    assert f"v{artifact.manifest['format_version']}_" == name[:3]
    assert {"recfast_version", "schema", "program", "tables", "provenance", "self_test"} < artifact.manifest.keys()
    assert {f"table.{table}" for table in artifact.manifest["tables"]} < artifact.tensors.keys()


@pytest.mark.parametrize("name", GOLDEN)
def test_it_loads_and_ranks_as_it_did(name: str) -> None:
    expected = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    model = rf.load(FOLDER / f"{name}.recfast")
    assert model.self_test() == 60
    scores = np.array(expected["scores"], np.float32)
    skus = expected["items"]["sku"]
    order = np.argsort(-scores, kind="stable")
    assert np.diff(scores[order]).max() < -1e-6  # no ties: the order is certain
    catalog = rf.Catalog(model, expected["items"])
    for top in (
        rf.Ranker(model, catalog).rank(expected["request"], candidates=skus, k=40),
        rf.Ranker(model, catalog).rank(expected["request"], items=expected["items"], k=40),
        rf.Ranker(model, catalog).recommend(expected["request"], k=40),
    ):
        np.testing.assert_allclose(top.scores, scores[order], rtol=1e-4, atol=1e-4)
        assert sorted(top.ids) == sorted(skus)
        assert list(top.ids[:10]) == [skus[row] for row in order[:10]]
