"""A service in miniature: loads and ranks once when it is imported, then answers; a WSGI app, too."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import recfast as rf

PATH = os.environ["SHOP_PATH"]
COUNTRIES = ("de", "fr", "it", "never seen")
ITEMS = {
    "sku": [str(i) for i in range(500)],
    "brand": ["acme", None, "bolt", "zenith"] * 125,
    "price": [float(i % 97) for i in range(500)],
}
MODEL = rf.load(PATH)
CATALOG = rf.Catalog(MODEL, ITEMS)
RANKER = rf.Ranker(MODEL, CATALOG)


def answer(ranker: rf.Ranker, country: str) -> list[tuple[str, float]]:
    """The best 20 ids of the whole catalogue with their scores."""
    top = ranker.recommend({"country": country}, k=20)
    again = ranker.rank({"country": country}, candidates=ITEMS["sku"], k=20)
    assert top.ids.tolist() == again.ids.tolist()
    return list(zip(top.ids.tolist(), top.scores.tolist(), strict=True))


EXPECTED = {country: answer(RANKER, country) for country in COUNTRIES}
LOADED_IN = os.getpid()


def check() -> None:
    """What was loaded still answers as it did, and a model loaded now answers the same."""
    model = rf.load(PATH)
    fresh = rf.Ranker(model, rf.Catalog(model, ITEMS))
    for country, expected in EXPECTED.items():
        assert answer(RANKER, country) == expected
        assert answer(fresh, country) == expected


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`/?country=de` as JSON: the answer, who gives it, and who loaded the model."""
    (country,) = parse_qs(environ["QUERY_STRING"])["country"]
    body = {"best": answer(RANKER, country), "worker": os.getpid(), "loaded_in": LOADED_IN}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
