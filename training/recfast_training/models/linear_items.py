"""What the linear item-to-item models have in common: a table with a row and a column per item."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recfast.features import Bag, Categorical, WeightedBag
from recfast.schema import Schema

from ..inputs import Input, fields_of
from .base import RankingModel

_ROWS = 256  # scored at a time


class LinearItemModel(RankingModel):
    """`score of item i = sum over what the request holds of weight(h) * W[h, i]`.

    The request's bag of items (a household's purchases, with their counts) and the item share one table, so W has a row
    and a column per value of it, and the program is the weighted sum of rows of W, once per request, of which each
    candidate picks its number. Items that were never seen score 0. Learn W with `fit_items`.

    Args:
        schema: one bag of items in `request=` (a WeightedBag, or a Bag with pooling "sum"), the item's Categorical in
            `item=`, whose table the bag shares, and nothing else.

    Raises:
        ValueError: another schema.
    """

    def __init__(self, schema: Schema) -> None:
        """Find the two features."""
        super().__init__(schema)
        request, item = schema.request, schema.item
        if (
            len(tuple(schema)) != 2
            or len(tuple(item)) != 1
            or not isinstance(bag := next(iter(request)), (Bag, WeightedBag))
            or not isinstance(ids := next(iter(item)), Categorical)
            or (bag.table, bag.pooling) != (ids.table, "sum")
        ):
            raise ValueError(
                "an item-to-item model reads one bag of items, pooled by sum, in request= and the item's Categorical,"
                ' whose table the bag shares, in item=: WeightedBag("bought", table="sku") and Categorical("sku", ...),'
                " got\n"
                f"{schema!r}"
            )
        self.bag: Input = next(i for i in fields_of(schema) if i.name == bag.name)
        self.ids = ids.name
        self.rows = schema.tables[ids.table]

    @abstractmethod
    def learn(self, matrix: npt.NDArray[np.float32]) -> None:
        """Learn W.

        Args:
            matrix: float32 [B, R], the weights of each request's items, 0 where it lacks one.
        """

    @abstractmethod
    def similarities(self, of: Tensor, to: Tensor) -> Tensor:
        """Numbers of W.

        Args:
            of: int64 [B, L], rows.
            to: int64 [B], a column per line.

        Returns:
            float [B, L], `W[of[b, l], to[b]]`.
        """

    def factors(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """The weight of every entry of the bags, float [B, L]; 0 where padded."""
        real = encoded[f"{self.bag.name}_mask"].float()
        return real * encoded[f"{self.bag.name}_weight"] if self.bag.kind == "weighted_bag" else real

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows: encoded arrays as tensors -> logits, float [B]."""
        columns = (encoded[self.bag.name].long(), self.factors(encoded), encoded[self.ids].long())
        parts = [
            (factors * self.similarities(of, to)).sum(dim=1)
            for of, factors, to in zip(*(torch.split(column, _ROWS) for column in columns), strict=True)
        ]
        return torch.cat(parts)
