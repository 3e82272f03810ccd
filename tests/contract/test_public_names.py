"""The public names and arguments are fixed: code that was written against them keeps working."""

from __future__ import annotations

import inspect

import pytest

import recfast as rf

NAMES = {
    *("hash64", "bucket", "Table", "topk", "TopK"),
    *("Schema", "Categorical", "Bucketized", "Numeric", "Bag", "WeightedBag", "Match", "Vector", "Transform"),
    *("load", "Model", "Catalog", "CatalogMemory", "Ranker", "Retriever", "col"),
    *("cpu", "cuda", "build_info", "FormatError", "DeviceError", "__version__"),
}
ARGUMENTS = {
    "hash64": "values seed",
    "bucket": "values buckets seed",
    "topk": "scores k",
    "Table": "weights dtype",
    "Table.rows": "ids",
    "Table.bag": "ids offsets weights pooling",
    "Schema": "request item pair key",
    "Schema.fit": "rows",
    "Categorical": "name buckets type",
    "Bucketized": "name edges",
    "Numeric": "name transform",
    "Bag": "name buckets pooling",
    "WeightedBag": "name buckets pooling type table transform",
    "Match": "name map key",
    "Vector": "name dim",
    "load": "path verify",
    "Model.score": "rows threads",
    "Catalog": "model items dtype",
    "Catalog.upsert": "items",
    "Catalog.remove": "ids",
    "Catalog.replace": "items",
    "Catalog.memory": "",
    "Ranker": "model catalog",
    "Ranker.rank": "request candidates items k exclude pair missing",
    "Ranker.rank_batch": "requests candidates items k exclude pair missing threads",
    "Ranker.recommend": "request k exclude threads",
    "col": "name",
    "Retriever": "vectors ids dtype metric bias",
    "Retriever.search": "queries k exclude candidates missing threads",
    "Retriever.similar": "id k exclude candidates missing threads",
    "cpu.available": "",
    "cuda.status": "",
    "build_info": "",
}


def test_the_names_are_the_promised_ones() -> None:
    assert set(rf.__all__) == NAMES
    assert sorted(set(rf.__all__)) == sorted(rf.__all__)


@pytest.mark.parametrize("name", sorted(NAMES - {"__version__"}))
def test_every_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(rf, name))


@pytest.mark.parametrize(("name", "arguments"), ARGUMENTS.items())
def test_the_arguments_are_the_promised_ones(name: str, arguments: str) -> None:
    found = rf
    for part in name.split("."):
        found = getattr(found, part)
    parameters = [p for p in inspect.signature(found).parameters if p not in ("self", "_")]  # type: ignore[arg-type]
    wanted = arguments.split()
    assert [p for p in parameters if p in wanted] == wanted


@pytest.mark.parametrize("name", [n for n in sorted(NAMES) if n[0].isupper() and not n.endswith("Error")])
def test_constructors_take_at_most_five_positional_arguments(name: str) -> None:
    parameters = inspect.signature(getattr(rf, name)).parameters.values()
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert name == "TopK" or len(positional) <= 5
