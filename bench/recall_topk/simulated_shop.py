"""A larger catalogue than real data at hand has: the same kind of model, trained on purchases that are simulated.

A shop of categories; a customer likes a few of them and has a style. A purchase is one of the customer's categories, of
whose products a few come into view, popular ones more often, and the one that is nearest to the style is bought most
likely. The model sees who bought what, and the category of each product; styles and popularity it has to find out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

import recfast as rf
from recfast_training import FitConfig, NetworkConfig

from .scenario import SEED, TUNING, Floats, Ints, Trained
from .towers import Towers

STYLE, LIKED, IN_VIEW = 16, 6, 8  # dimensions of a style; categories per customer; products that come into view
HISTORY, JUDGING = 10, 1_000  # purchases that a request shows; customers that judge


@dataclass(frozen=True)
class Shop:
    """What is for sale.

    Attributes:
        category: int64 [N], ascending.
        first: int64 [C + 1], where the products of each category start.
        popularity: float64 [N + 1], running sums over all products of how often one comes into view.
        style: float32 [N, STYLE].
    """

    category: Ints
    first: Ints
    popularity: np.ndarray[tuple[int], np.dtype[np.float64]]
    style: Floats


def make_simulated(items: int, customers: int) -> Trained:
    """Train on customers with 30 purchases each; a query is another customer after the first ten."""
    rng = np.random.default_rng(SEED)
    shop = _open(rng, items, categories=max(items // 125, 10))
    bought = _buy(rng, shop, customers + TUNING + JUDGING, purchases=3 * HISTORY)
    train, others = _interactions(shop, bought[:customers]), _interactions(shop, bought[customers:], targets=1)
    schema = rf.Schema(
        request=[rf.Bag("recent", type="int", table="item", pooling="mean")],
        item=[
            rf.Categorical("item", type="int", vocabulary=items, buckets=1),
            rf.Categorical("category", type="int", vocabulary=items, buckets=1),
        ],
        key="item",
    )
    towers = Towers(
        schema,
        train,
        others,
        temperature=0.1,
        network=NetworkConfig(deviation=0.1),
        config=FitConfig(epochs=1, batch_size=1024, learning_rate=1e-2, progress=False),
    )
    queries = towers.requests(others)
    sold = np.unique(bought[:customers, HISTORY:])  # of others, nothing but their category was learned
    vectors = towers.items(_columns(shop, sold))
    return Trained(vectors, queries[:TUNING], queries[TUNING:], towers.facts)


def _open(rng: np.random.Generator, items: int, categories: int) -> Shop:
    category = np.sort(rng.integers(0, categories, items))
    style = rng.standard_normal((categories, STYLE))[category] + rng.standard_normal((items, STYLE))
    return Shop(
        category=category,
        first=np.searchsorted(category, np.arange(categories + 1)),
        popularity=np.concatenate([[0.0], np.cumsum(rng.pareto(1.5, items) + 1)]),
        style=style.astype(np.float32),
    )


def _buy(rng: np.random.Generator, shop: Shop, customers: int, purchases: int) -> Ints:
    """int64 [customers, purchases]: products."""
    categories = len(shop.first) - 1
    liked = (categories * rng.random((customers, LIKED)) ** 2).astype(np.int64)  # some categories are popular
    chosen = np.take_along_axis(liked, rng.integers(0, LIKED, (customers, purchases)), axis=1)
    style = rng.standard_normal((customers, STYLE), dtype=np.float32)
    bought = np.empty((customers, purchases), np.int64)
    for n in range(purchases):
        low, high = (shop.popularity[shop.first[chosen[:, n] + more]] for more in (0, 1))
        place = low + (high - low) * rng.random((IN_VIEW, customers))
        view = np.searchsorted(shop.popularity, place, side="right") - 1
        fit = np.einsum("vcs,cs->vc", shop.style[view], style) + rng.gumbel(size=view.shape)
        bought[:, n] = view[fit.argmax(axis=0), np.arange(customers)]
    return bought


def _interactions(shop: Shop, bought: Ints, targets: int | None = None) -> pa.Table:
    """The purchases behind the first ten, each beside these."""
    history, later = bought[:, :HISTORY], bought[:, HISTORY:][:, :targets]
    repeated = np.repeat(history, later.shape[1], axis=0)
    offsets = np.arange(0, repeated.size + 1, HISTORY, dtype=np.int32)
    recent = pa.ListArray.from_arrays(pa.array(offsets), pa.array(repeated.reshape(-1)))
    return _columns(shop, later.reshape(-1)).append_column("recent", recent)


def _columns(shop: Shop, items: Ints) -> pa.Table:
    return pa.table({"item": items, "category": shop.category[items]})
