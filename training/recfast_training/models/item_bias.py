"""An item bias: ranks the whole catalogue with a model that was trained against popular negatives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from recfast.features import Numeric

from ..layers import Linear, emit_sum
from ..program import ProgramBuilder
from .base import RankingModel


class ItemBias(RankingModel):
    """`logit = model's logit + alpha * feature`.

    Where negatives were drawn by popularity, the raw logit ranks by lift; a bias on the log count undoes that. In the
    program it is a linear op and a sum, so that nothing new has to serve it.

    Args:
        model: the trained model.
        feature: name of an item-side `Numeric` of its schema; the bias uses its encoded value, transforms included.
        alpha: the factor, finite; tuned on validation data.

    Raises:
        ValueError: the feature is not an item-side Numeric, or alpha is not finite.

    Example:
        >>> import recfast as rf
        >>> from recfast_training.models import DeepFM
        >>> model = DeepFM(rf.Schema(item=[rf.Numeric("count", transform="log1p")], key="sku"), hidden=())
        >>> x = {"count": torch.tensor([2.0])}
        >>> bool(torch.isclose(ItemBias(model, "count", 0.5)(x) - model(x), torch.tensor(1.0)))
        True
    """

    def __init__(self, model: RankingModel, feature: str, alpha: float) -> None:
        """Check the feature."""
        super().__init__(model.schema)
        numerics = [f.name for f in model.schema.item if isinstance(f, Numeric)]
        if feature not in numerics:
            raise ValueError(f"feature= names an item-side Numeric, one of {numerics}, got {feature!r}")
        if not math.isfinite(alpha):
            raise ValueError(f"alpha is a finite number, got {alpha}")
        self.model, self.feature, self.alpha = model, feature, float(alpha)
        self.bias = Linear(1, 1)
        with torch.no_grad():
            self.bias.dense.weight.fill_(self.alpha)
            self.bias.dense.bias.zero_()
        self.bias.requires_grad_(False)
        self.provenance = model.provenance

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Score rows: encoded arrays as tensors -> logits, float [B]."""
        logits: Tensor = self.model(encoded) + self.bias(encoded[self.feature].reshape(-1, 1))[:, 0]
        return logits

    def append_to(self, builder: ProgramBuilder) -> str:
        """Append the model's ops, one linear and one sum."""
        logit = self.model.append_to(builder)
        return emit_sum(builder, [logit, self.bias.emit(builder, self.feature, "item_bias")], "biased")

    def architecture(self) -> dict[str, Any]:
        """The constructor's arguments as JSON values."""
        inner = self.model.architecture()
        return {"model": "ItemBias", "feature": self.feature, "alpha": self.alpha, "of": inner}
