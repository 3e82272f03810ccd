"""Structured pruning: whole hidden units go, so that what is left is a dense network, smaller and as fast as it looks.

1. Importance of a hidden unit = mean over sample rows of |a * d logit / d a|, a its activation: to first order, how
   much the logit moves when the unit is removed (Molchanov et al., "Importance Estimation for Neural Network Pruning",
   CVPR 2019). No labels are needed; a unit that is never active has none.
2. Widths shrink in steps to multiples of 16. The next step is taken in the layer where the units that go are worth
   least per multiply-add saved, until the whole network's multiply-adds are within the target.
3. What the removed units gave on average moves into the bias of the next layer.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from .batches import Batches
from .encode import Encoded
from .evaluate import encoded_rows
from .layers import Linear
from .models import RankingModel
from .models.base import Chain

STEP = 16

Prunable = TypeVar("Prunable", bound=RankingModel)


@dataclass(frozen=True, kw_only=True)
class PruneConfig:
    """How to judge units.

    Args:
        sample: at most this many rows are looked at, at least 1.
        batch_size: of them at a time.
        seed: of the choice of rows.

    Raises:
        ValueError: a value below 1.
    """

    sample: int = 65536
    batch_size: int = 8192
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if self.sample < 1 or self.batch_size < 1:
            raise ValueError(f"sample and batch_size are at least 1, got {self.sample} and {self.batch_size}")


@dataclass(frozen=True)
class PruneReport:
    """What `prune` did.

    Attributes:
        target: wished share of the multiply-adds.
        flops_before: dense multiply-adds per row.
        flops_after: the same, of the smaller model.
        hidden_before: widths, in the order of `model.chains()`: of a DLRM the bottom MLPs' first, then the top MLP's.
        hidden_after: widths.
        kept: per hidden layer the units that are left, ascending.
        config: as given.
    """

    target: float
    flops_before: int
    flops_after: int
    hidden_before: tuple[int, ...]
    hidden_after: tuple[int, ...]
    kept: tuple[tuple[int, ...], ...]
    config: PruneConfig


def prune(model: Prunable, rows: Any, *, flops: float = 0.5, config: PruneConfig = PruneConfig()) -> Prunable:
    """Return a smaller model of the same class, without the hidden units that matter least.

    Tables, cross layers, the first-order term and the width of DLRM's vectors stay as they are. Fine-tune the result
    with `fit`.

    Args:
        model: trained; it stays as it is.
        rows: rows to judge units on, raw or `Encoded`; labels are not needed.
        flops: wished share of the dense multiply-adds per row, in (0, 1].
        config: how to judge.

    Returns:
        The smaller model; `provenance["prune"]` tells the kept units per layer.

    Raises:
        ValueError: flops out of range, no rows, or a share that pruning hidden units cannot reach.
        TypeError: a model without hidden layers of its own, such as ItemBias: prune the model inside.

    Example:
        >>> import recfast as rf
        >>> from recfast_training.models import DeepFM
        >>> model = DeepFM(rf.Schema(item=[rf.Numeric("price")], key="sku"), hidden=(64, 64))
        >>> prune(model, {"price": [0.5, 1.0, 2.0]}, flops=0.5).hidden
        (32, 48)
    """
    chains = model.chains()
    if not chains:
        raise TypeError(f"prune takes a model with hidden layers of its own, got {type(model).__name__}")
    if not 0 < flops <= 1:
        raise ValueError(f"flops is a share in (0, 1], got {flops}")
    importance, activation = _judge(model, encoded_rows(model.schema, rows, label=None), config)
    hidden = _allocate(chains, model.flops(), importance, flops)
    kept = [np.sort(np.argsort(-v, kind="stable")[:width]) for v, width in zip(importance, hidden, strict=True)]
    smaller = _without(model, kept, activation)
    report = PruneReport(
        flops,
        model.flops(),
        smaller.flops(),
        _widths(chains),
        hidden,
        tuple(tuple(units.tolist()) for units in kept),
        config,
    )
    smaller.provenance = copy.deepcopy(model.provenance)
    smaller.provenance.setdefault("prune", []).append(asdict(report))
    return smaller


def _judge(
    model: RankingModel, encoded: Encoded, config: PruneConfig
) -> tuple[list[npt.NDArray[np.float64]], list[Tensor]]:
    """Importance and mean activation of every hidden unit, per layer, on sample rows."""
    if not len(encoded):
        raise ValueError("pruning needs rows to judge the units on, got none")
    generator = torch.Generator().manual_seed(config.seed)
    order = torch.randperm(len(encoded), generator=generator)[: config.sample]
    batches = Batches(encoded.arrays)
    layers = [layer for chain in model.chains() for layer in chain.layers]
    importance = [torch.zeros(layer.dense.out_features, dtype=torch.float64) for layer in layers]
    activation = [torch.zeros(layer.dense.out_features, dtype=torch.float64) for layer in layers]
    outputs: dict[nn.Module, Tensor] = {}
    hooks = [layer.register_forward_hook(lambda module, _x, y: outputs.update({module: y})) for layer in layers]
    training = model.training
    model.eval()
    try:
        for index in torch.split(order, config.batch_size):
            logits = model(batches.take(index)[0])
            activations = [outputs[layer] for layer in layers]
            gradients = torch.autograd.grad(logits.sum(), activations) if layers else ()
            for i, (a, g) in enumerate(zip(activations, gradients, strict=True)):
                importance[i] += (a * g).abs().double().sum(dim=0).detach()
                activation[i] += a.double().sum(dim=0).detach()
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
    return [(v / len(order)).numpy() for v in importance], [v / len(order) for v in activation]


def _widths(chains: Sequence[Chain]) -> tuple[int, ...]:
    """Of all hidden layers, chain by chain."""
    return tuple(layer.dense.out_features for chain in chains for layer in chain.layers)


def _allocate(
    chains: Sequence[Chain], flops: int, importance: Sequence[npt.NDArray[np.float64]], share: float
) -> tuple[int, ...]:
    """The width of each hidden layer: greedy steps, cheapest first, until the target is met."""
    hidden = list(_widths(chains))
    outside = flops - _flops(chains, hidden)
    ascending = [np.sort(v) for v in importance]
    while (now := outside + _flops(chains, hidden)) > share * flops:
        best, best_cost = -1, np.inf
        for i, width in enumerate(hidden):
            narrower = (width - 1) // STEP * STEP
            if narrower == 0:
                continue
            gone = len(ascending[i]) - width
            worth = ascending[i][gone : gone + width - narrower].sum()
            cost = worth / (now - outside - _flops(chains, [*hidden[:i], narrower, *hidden[i + 1 :]]))
            if cost < best_cost:
                best, best_cost = i, cost
        if best < 0:
            raise ValueError(
                f"flops={share} cannot be reached by removing hidden units: with hidden widths of {hidden} the network"
                f" still has {now / flops:.3f} of its multiply-adds; give at least that"
            )
        hidden[best] = (hidden[best] - 1) // STEP * STEP
    return tuple(hidden)


def _flops(chains: Sequence[Chain], hidden: Sequence[int]) -> int:
    """Dense multiply-adds per row of the hidden layers, if they had these widths, and of their readers."""
    flops, rest = 0, iter(hidden)
    for layers, reader in chains:
        if not layers:
            continue
        widths = [layers[0].dense.in_features, *(next(rest) for _ in layers)]
        others = reader.dense.in_features - layers[-1].dense.out_features  # inputs that are no hidden units
        flops += sum(i * o for i, o in pairwise(widths)) + (others + widths[-1]) * reader.dense.out_features
    return flops


def _without(model: Prunable, kept: Sequence[npt.NDArray[np.int64]], activation: Sequence[Tensor]) -> Prunable:
    """A model with only the kept units, whose other weights are the same."""
    smaller: Prunable = copy.deepcopy(model)
    units = zip(kept, activation, strict=True)
    for layers, reader in smaller.chains():
        for layer, next_layer in pairwise([*layers, reader]):
            of_layer, mean = next(units)
            index = torch.from_numpy(of_layer)
            _keep_outputs(layer, index)
            _keep_inputs(next_layer, index, mean)
    return smaller


def _keep_outputs(layer: Linear, units: Tensor) -> None:
    dense = nn.Linear(layer.dense.in_features, len(units))
    with torch.no_grad():
        dense.weight.copy_(layer.dense.weight[units])
        dense.bias.copy_(layer.dense.bias[units])
    layer.dense = dense
    if layer.norm is not None:
        norm = nn.BatchNorm1d(len(units), eps=layer.norm.eps, momentum=layer.norm.momentum)
        state = {k: v[units] if v.ndim else v for k, v in layer.norm.state_dict().items()}
        norm.load_state_dict(state)
        layer.norm = norm.train(layer.norm.training)


def _keep_inputs(layer: Linear, units: Tensor, mean: Tensor) -> None:
    """Keep the last `len(mean)` inputs only at `units`; the mean of the others moves into the bias."""
    before = layer.dense.in_features - len(mean)
    gone = torch.ones(len(mean), dtype=torch.bool)
    gone[units] = False
    columns = torch.cat([torch.arange(before), before + units])
    dense = nn.Linear(len(columns), layer.dense.out_features)
    with torch.no_grad():
        shift = layer.dense.weight[:, before:][:, gone].double() @ mean[gone]
        dense.weight.copy_(layer.dense.weight[:, columns])
        dense.bias.copy_(layer.dense.bias.double() + shift)
    layer.dense = dense
